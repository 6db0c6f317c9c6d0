// The command `vyre`: what its files share. It sees the library through the
// public header only, so that whatever it does, any C program can do.
//
// Rules: results go to stdout, everything else to stderr; with --json stdout
// holds exactly one JSON document, diagnostics included. Exit codes are those
// of enum cli_exit. A failure of malloc ends the command at once.
#ifndef VYRE_CLI_H
#define VYRE_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include <vyre/vyre.h>

typedef enum cli_exit {
  CLI_OK = 0,
  CLI_FAILED = 1, // errors, races, differing bits, unreadable files
  CLI_USAGE = 2,  // the command line is wrong
  CLI_DEVICE = 3, // the device is missing or cannot do it
} cli_exit;

// ---- the command line

enum { CLI_MAX_PAIRS = 256 };

// NAME=VALUE, as given; `value` is zero-terminated.
typedef struct cli_pair {
  vy_str name;
  const char *value;
} cli_pair;

typedef struct cli_pairs {
  cli_pair at[CLI_MAX_PAIRS];
  uint32_t count;
} cli_pairs;

typedef struct cli_options {
  const char *operand;      // FILE[:PROGRAM] or CODE; NULL: none
  const char *device;       // NULL: auto
  const char *target;       // of emit
  const char *after;        // of emit: a pass of lowering; NULL: none
  const char *output;       // -o
  const char *name;         // of compile --aot
  const char *aot, *header; // of compile
  cli_pairs ins, outs, lens, consts;
  uint64_t lanes[3], groups[3];
  uint64_t budget;
  uint32_t iterations;
  uint32_t threads, width; // of the cpu device; 0: its choice
  const char *features;    // likewise; NULL: those of this processor
  bool set_lanes, set_groups, strict, all, strip, clear, json, help;
} cli_options;

typedef struct cli_session cli_session;

typedef struct cli_command {
  const char *name;
  const char *summary; // one line
  const char *help;    // usage, options, examples
  const char *accepts; // option names, each between blanks
  const char *operand; // what the operand is called; NULL: none
  bool operand_optional;
  cli_exit (*run)(cli_session *s);
} cli_command;

const cli_command *cli_command_at(uint32_t index); // NULL past the end
const cli_command *cli_command_find(const char *name);
void cli_print_help(const cli_command *command); // NULL: of all commands

// Parse argv[2..] for `command`. False: *error (malloc) says what is wrong.
bool cli_parse(const cli_command *command, int argc, char **argv,
               cli_options *out, char **error);

// ---- a session: one run of the command

struct cli_session {
  const cli_command *command;
  cli_options options;
  vy_context *context;
  vy_program *program; // cli_load
  vy_program_info info;
  json_t *result; // the JSON document of --json; an object or array
  vy_diags diags;
  uint32_t shown; // diagnostics printed so far
};

// Print a usage error and give CLI_USAGE.
cli_exit cli_usage(cli_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Print an error that has no code of the library, and give CLI_FAILED.
cli_exit cli_error(cli_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Print the diagnostics not printed so far (nothing with --json).
void cli_show_diags(cli_session *s);
// The exit code that a status of the library means.
cli_exit cli_exit_of(vy_status status);
json_t *cli_json_diags(const vy_diags *diags);
json_t *cli_json_str(vy_str s);
// "ok" member for a result, and a hash as hexadecimal digits.
void cli_hex(const vy_hash *hash, char out[65]);

// Load s->options.operand: text with its imports, or wire bytes; then fix
// constants when `specialise`. Sets s->program and s->info.
cli_exit cli_load(cli_session *s, bool specialise);

// ---- files

// Memory that never fails to come.
void *cli_alloc(size_t size);
void *cli_grow(void *p, size_t size);
char *cli_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Whole file, or its first `most` bytes; NULL, with errno, when it cannot be
// read. Zero-terminated beyond *size.
unsigned char *cli_read_file(const char *path, size_t most, size_t *size);
// Writes beside the target and renames, so that no half file is ever seen.
// False, with errno, when it cannot be written.
bool cli_write_file(const char *path, const void *head, size_t head_size,
                    const void *data, size_t size);
bool cli_has_suffix(const char *path, const char *suffix);

// What an element of a buffer is made of.
typedef struct cli_element {
  uint32_t size;   // bytes
  uint32_t type;   // vy_type of its scalars when all are alike, no gaps
  uint32_t fields; // number of scalars
} cli_element;
cli_element cli_element_of(cli_session *s, uint32_t param,
                           const vy_param_info *info);

// The data part of a `.npy` image, checked against `element`. NULL on
// failure, with *error (malloc).
const unsigned char *cli_npy_data(const unsigned char *file, size_t size,
                                  const cli_element *element, size_t *data_size,
                                  char **error);
// The header for `size` bytes of `element`; NULL, with *error, when such
// elements cannot stand in a `.npy`.
char *cli_npy_header(const cli_element *element, uint64_t size,
                     size_t *head_size, char **error);

// ---- values

// Bits of a value written on the command line.
bool cli_parse_value(const char *text, vy_type type, uint64_t *bits);
// Shortest text that reads back to the same value.
void cli_show_value(vy_type type, const void *data, char out[64]);
// One element, with fields in parentheses.
void cli_show_element(cli_session *s, uint32_t param, const vy_param_info *info,
                      const unsigned char *data, char *out, size_t size);

// ---- binding

typedef struct cli_binding {
  vy_param_info info;
  unsigned char *file; // contents of --in
  const char *out;     // --out
} cli_binding;

typedef struct cli_bindings {
  cli_binding *at;
  vy_arg *args;
  uint32_t count;
} cli_bindings;

// Arguments from --in and --len. With `partial` a missing input is no error:
// *missing receives the name of the first one, or {NULL, 0}.
cli_exit cli_bind(cli_session *s, cli_bindings *out, bool partial,
                  vy_str *missing);
void cli_unbind(cli_bindings *b);
// Constants of --const, typed by the program; NULL when there are none.
cli_exit cli_constants(cli_session *s, vy_const_value **out);

vy_dispatch_options cli_dispatch_options(const cli_session *s);
vy_compile_options cli_compile_options(const cli_session *s,
                                       const vy_const_value *constants);

// ---- one run on one device

// The device that the options ask for, else `fallback` (NULL: auto). Options of
// the cpu device without a device mean the cpu device.
cli_exit cli_device_desc(cli_session *s, const char *fallback,
                         vy_device_desc *out);

typedef struct cli_run_result {
  vy_device *device;
  vy_pipeline *pipeline;
  vy_outputs *outputs;
  vy_timing timing;
  vy_device_info info;
} cli_run_result;

// Open, compile, dispatch and wait; shows the time passed when stderr is a
// terminal. Release in either case.
vy_status cli_run_once(cli_session *s, const vy_device_desc *desc,
                       const cli_bindings *bindings,
                       const vy_compile_options *compile, cli_run_result *out);
void cli_run_release(cli_run_result *r);
// BLAKE2b-256 of bytes.
vy_status cli_digest(cli_session *s, vy_device *device, const void *data,
                     uint64_t size, vy_hash *out);

// ---- commands

cli_exit cli_devices(cli_session *s);
cli_exit cli_check(cli_session *s);
cli_exit cli_run(cli_session *s);
cli_exit cli_verify(cli_session *s);
cli_exit cli_emit(cli_session *s);
cli_exit cli_compile(cli_session *s);
cli_exit cli_compile_ahead(cli_session *s); // with --aot
cli_exit cli_cache(cli_session *s);
cli_exit cli_explain(cli_session *s);

// Pages of docs/errors, embedded by the build; ascending, the last code 0.
typedef struct cli_page {
  uint32_t code;
  const char *text;
} cli_page;
extern const cli_page cli_pages[];

#endif
