// vyre compile --aot: an object and its header.
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// The file's name without its folders.
static vy_str file_name(const char *operand) {
  const char *slash = strrchr(operand, '/');
  const char *start = slash ? slash + 1 : operand;
  return (vy_str){start, strcspn(start, ":")};
}

static cli_exit write_both(cli_session *s, const vy_ahead *ahead) {
  size_t size;
  char hex[65];
  vy_hash hash = vy_program_fingerprint(s->program);
  const void *object = vy_ahead_object(ahead, &size);
  vy_str header = vy_ahead_header(ahead);
  cli_hex(&hash, hex);
  json_object_set_new(s->result, "fingerprint", json_string(hex));
  json_object_set_new(s->result, "bytes", json_integer((json_int_t)size));
  json_object_set_new(s->result, "file",
                      cli_json_str(vy_str_c(s->options.aot)));
  json_object_set_new(s->result, "header",
                      cli_json_str(vy_str_c(s->options.header)));
  if (!cli_write_file(s->options.aot, NULL, 0, object, size))
    return cli_error(s, "%s: %s", s->options.aot, strerror(errno));
  if (!cli_write_file(s->options.header, NULL, 0, header.data, header.size))
    return cli_error(s, "%s: %s", s->options.header, strerror(errno));
  if (!s->options.json)
    printf("%s, %s: program %.*s, %zu bytes of object\n", s->options.aot,
           s->options.header, (int)s->info.name.size, s->info.name.data, size);
  return CLI_OK;
}

cli_exit cli_compile_ahead(cli_session *s) {
  const cli_options *o = &s->options;
  if (!o->aot || !o->header)
    return cli_usage(s, "--aot FILE.o and --header FILE.h go together");
  if (o->output || o->strip)
    return cli_usage(s, "--aot writes no .vyb: leave out -o and --strip");
  if (!cli_has_suffix(o->aot, ".o"))
    return cli_usage(s, "--aot %s: the name of an object ends in .o", o->aot);
  if (o->device && strcmp(o->device, "cpu"))
    return cli_usage(s, "--aot is for the device cpu, not '%s'", o->device);
  cli_exit code = cli_load(s, true);
  if (code != CLI_OK)
    return code;
  vy_ahead_options options = VY_AHEAD_OPTIONS_INIT;
  vy_ahead *ahead = NULL;
  options.flags = (o->strict ? VY_COMPILE_STRICT : 0) |
                  (o->budget ? VY_COMPILE_BUDGETED : 0);
  options.budget = o->budget;
  options.name = vy_str_c(o->name);
  options.file = file_name(o->operand);
  vy_status status = vy_compile_ahead(s->program, &options, &ahead, &s->diags);
  code = status == VY_OK ? write_both(s, ahead) : cli_exit_of(status);
  json_object_set_new(s->result, "program", cli_json_str(s->info.name));
  vy_ahead_release(ahead);
  return code;
}
