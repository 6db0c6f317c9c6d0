// vyre emit and vyre compile: other forms of a program. No device is needed.
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const later_targets[] = {"llvm", "asm", "ptx", "spirv"};

static cli_exit check_target(cli_session *s) {
  const char *t = s->options.target;
  if (!t)
    return cli_usage(s, "--target is missing: one of ir, wire");
  if (!strcmp(t, "ir") || !strcmp(t, "wire"))
    return CLI_OK;
  for (size_t i = 0; i < sizeof later_targets / sizeof later_targets[0]; i++)
    if (!strcmp(t, later_targets[i]))
      return cli_usage(s,
                       "--target %s needs a backend that this build does "
                       "not have; it has: ir, wire",
                       t);
  return cli_usage(s, "no target '%s'; there are: ir, wire", t);
}

static cli_exit encode(cli_session *s, unsigned char **bytes, size_t *size) {
  uint32_t flags = s->options.strip ? VY_ENCODE_STRIP : 0;
  vy_status status = vy_program_encode(s->program, flags, NULL, 0, size);
  if (status == VY_OK) {
    *bytes = cli_alloc(*size);
    status = vy_program_encode(s->program, flags, *bytes, *size, size);
  }
  if (status != VY_OK)
    return cli_error(s, "the program cannot be encoded: %s",
                     vy_status_name(status));
  return CLI_OK;
}

static cli_exit print(cli_session *s, unsigned char **text, size_t *size) {
  vy_status status = vy_program_print(s->program, NULL, 0, size);
  if (status == VY_OK) {
    *text = cli_alloc(*size + 1);
    status = vy_program_print(s->program, (char *)*text, *size, size);
    if (*size && (*text)[*size - 1] != '\n')
      (*text)[(*size)++] = '\n'; // a text file ends in one
  }
  if (status != VY_OK)
    return cli_error(s, "the program cannot be printed: %s",
                     vy_status_name(status));
  return CLI_OK;
}

static void describe(cli_session *s, size_t size) {
  char hex[65];
  vy_hash hash = vy_program_fingerprint(s->program);
  cli_hex(&hash, hex);
  json_object_set_new(s->result, "program", cli_json_str(s->info.name));
  json_object_set_new(s->result, "fingerprint", json_string(hex));
  json_object_set_new(s->result, "bytes", json_integer((json_int_t)size));
  if (s->options.output)
    json_object_set_new(s->result, "file", json_string(s->options.output));
}

// The program after a pass of lowering instead of as written.
static cli_exit lower_program(cli_session *s) {
  if (!s->options.after)
    return CLI_OK;
  vy_program *lowered = NULL;
  bool known = false;
  for (uint32_t i = 0; vy_lower_pass(i); i++)
    known |= !strcmp(vy_lower_pass(i), s->options.after);
  if (!known)
    return cli_usage(s, "no pass '%s'; `vyre emit --help` names them",
                     s->options.after);
  vy_status status =
      vy_lower(s->program, NULL, s->options.after, &lowered, &s->diags);
  if (status != VY_OK)
    return cli_exit_of(status);
  vy_program_release(s->program);
  s->program = lowered;
  return cli_exit_of(vy_program_describe(s->program, &s->info));
}

cli_exit cli_emit(cli_session *s) {
  s->result = json_object();
  cli_exit code = check_target(s);
  if (code == CLI_OK)
    code = cli_load(s, true);
  if (code == CLI_OK)
    code = lower_program(s);
  if (code != CLI_OK)
    return code;
  bool wire = !strcmp(s->options.target, "wire");
  const char *path = s->options.output;
  if (wire && !path && (s->options.json || isatty(STDOUT_FILENO)))
    return cli_usage(s, "wire bytes are no text: give -o FILE");
  unsigned char *bytes = NULL;
  size_t size = 0;
  code = wire ? encode(s, &bytes, &size) : print(s, &bytes, &size);
  if (code == CLI_OK) {
    describe(s, size);
    json_object_set_new(s->result, "target", json_string(s->options.target));
    if (path && !cli_write_file(path, NULL, 0, bytes, size))
      code = cli_error(s, "%s: cannot be written", path);
    else if (!path && s->options.json)
      json_object_set_new(s->result, "text",
                          cli_json_str((vy_str){(char *)bytes, size}));
    else if (!path)
      fwrite(bytes, 1, size, stdout);
  }
  free(bytes);
  return code;
}

cli_exit cli_compile(cli_session *s) {
  s->result = json_object();
  const char *path = s->options.output;
  if (s->options.aot || s->options.header)
    return cli_compile_ahead(s);
  if (s->options.strict || s->options.budget || s->options.device)
    return cli_usage(s, "--strict, --budget and --device go with --aot");
  if (!path)
    return cli_usage(s, "-o FILE.vyb is missing");
  if (!cli_has_suffix(path, ".vyb"))
    return cli_usage(s, "-o %s: the name of a compiled program ends in .vyb",
                     path);
  cli_exit code = cli_load(s, true);
  if (code != CLI_OK)
    return code;
  unsigned char *bytes = NULL;
  size_t size = 0;
  code = encode(s, &bytes, &size);
  if (code == CLI_OK) {
    describe(s, size);
    if (!cli_write_file(path, NULL, 0, bytes, size))
      code = cli_error(s, "%s: cannot be written", path);
    else if (!s->options.json)
      printf("%s: program %.*s, %zu bytes\n", path, (int)s->info.name.size,
             s->info.name.data, size);
  }
  free(bytes);
  return code;
}
