// vyre emit and vyre compile: other forms of a program. Only the machine code
// of the cpu device needs a device.
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum form { IR, WIRE, CODE, PTX, LATER } form;

static const struct {
  const char *name;
  form form;
} targets[] = {{"ir", IR},    {"wire", WIRE}, {"llvm", CODE},
               {"asm", CODE}, {"ptx", PTX},   {"spirv", LATER}};

#define TARGETS "ir, wire, llvm, asm, ptx"

static cli_exit find_target(cli_session *s, form *out) {
  const char *t = s->options.target;
  if (!t)
    return cli_usage(s, "--target is missing: one of " TARGETS);
  for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
    if (!strcmp(t, targets[i].name)) {
      *out = targets[i].form;
      if (*out != LATER)
        return CLI_OK;
      return cli_usage(s,
                       "--target %s needs a backend that this build does "
                       "not have; it has: " TARGETS,
                       t);
    }
  return cli_usage(s, "no target '%s'; there are: " TARGETS, t);
}

// Options that would be of no effect on this target.
static cli_exit check_options(cli_session *s, form target) {
  const cli_options *o = &s->options;
  bool is_code = target == CODE || target == PTX;
  if (is_code && o->after)
    return cli_usage(s, "--after goes with --target ir or wire: code is made "
                        "after all passes");
  if (target == CODE ||
      (target == PTX && !o->threads && !o->width && !o->features))
    return CLI_OK;
  if (target == PTX)
    return cli_usage(s, "--threads, --width and --features go with llvm or "
                        "asm, not with ptx");
  if (o->device || o->threads || o->width || o->features)
    return cli_usage(s,
                     "--target %s needs no device: --device, --threads, "
                     "--width and --features go with llvm, asm or ptx",
                     o->target);
  if ((o->strict || o->budget) && !o->after)
    return cli_usage(s,
                     "--strict and --budget go with --after, llvm, asm or ptx");
  return CLI_OK;
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
    json_object_set_new(s->result, "file",
                        cli_json_str(vy_str_c(s->options.output)));
}

// Constants were fixed in loading.
static vy_compile_options lowering_options(const cli_session *s) {
  vy_compile_options c = cli_compile_options(s, NULL);
  c.constant_count = 0;
  return c;
}

// What the device would run, as text. PTX needs none, and then is what every
// GPU that can be used understands.
static cli_exit code_text(cli_session *s, form form, unsigned char **text,
                          size_t *size) {
  vy_device_desc desc;
  vy_device *device = NULL;
  cli_exit code = cli_device_desc(s, "cpu", &desc);
  if (code != CLI_OK)
    return code;
  vy_status status = VY_OK;
  if (form == CODE || s->options.device)
    status = vy_device_open(s->context, &desc, &device, &s->diags);
  vy_compile_options c = lowering_options(s);
  const char *target = s->options.target;
  if (status == VY_OK)
    status = vy_device_emit(device, s->program, &c, target, NULL, 0, size,
                            &s->diags);
  if (status == VY_OK) {
    *text = cli_alloc(*size + 1);
    status = vy_device_emit(device, s->program, &c, target, (char *)*text,
                            *size, size, &s->diags);
  }
  vy_device_release(device);
  return cli_exit_of(status);
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
  vy_compile_options c = lowering_options(s);
  vy_status status =
      vy_lower(s->program, &c, s->options.after, &lowered, &s->diags);
  if (status != VY_OK)
    return cli_exit_of(status);
  vy_program_release(s->program);
  s->program = lowered;
  return cli_exit_of(vy_program_describe(s->program, &s->info));
}

cli_exit cli_emit(cli_session *s) {
  s->result = json_object();
  form target = IR;
  cli_exit code = find_target(s, &target);
  if (code == CLI_OK)
    code = check_options(s, target);
  if (code == CLI_OK)
    code = cli_load(s, true);
  if (code == CLI_OK)
    code = lower_program(s);
  if (code != CLI_OK)
    return code;
  const char *path = s->options.output;
  if (target == WIRE && !path && (s->options.json || isatty(STDOUT_FILENO)))
    return cli_usage(s, "wire bytes are no text: give -o FILE");
  unsigned char *bytes = NULL;
  size_t size = 0;
  code = target == WIRE ? encode(s, &bytes, &size)
         : target == IR ? print(s, &bytes, &size)
                        : code_text(s, target, &bytes, &size);
  if (code == CLI_OK) {
    describe(s, size);
    json_object_set_new(s->result, "target", json_string(s->options.target));
    if (path && !cli_write_file(path, NULL, 0, bytes, size))
      code = cli_error(s, "%s: %s", path, strerror(errno));
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
  if (s->options.strict || s->options.budget || s->options.device ||
      s->options.name)
    return cli_usage(s,
                     "--strict, --budget, --device and --name go with --aot");
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
      code = cli_error(s, "%s: %s", path, strerror(errno));
    else if (!s->options.json)
      printf("%s: program %.*s, %zu bytes\n", path, (int)s->info.name.size,
             s->info.name.data, size);
  }
  free(bytes);
  return code;
}
