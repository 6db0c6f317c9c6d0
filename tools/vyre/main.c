// Entry: find the command, parse its line, run it, print what it left.
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RECORDS = 256, TEXT_BYTES = 1 << 18 };

static void open_diags(cli_session *s) {
  s->diags = (vy_diags)VY_DIAGS_INIT;
  s->diags.records = cli_alloc(MAX_RECORDS * sizeof(vy_diag));
  s->diags.capacity = MAX_RECORDS;
  s->diags.text = cli_alloc(TEXT_BYTES);
  s->diags.text_capacity = TEXT_BYTES;
}

static void print_json(cli_session *s, cli_exit code) {
  if (!s->result)
    s->result = json_object();
  if (json_is_object(s->result)) {
    json_object_set_new(s->result, "command", json_string(s->command->name));
    json_object_set_new(s->result, "exit", json_integer(code));
    json_object_set_new(s->result, "diagnostics", cli_json_diags(&s->diags));
  }
  char *text = json_dumps(s->result, JSON_INDENT(2));
  if (text)
    puts(text);
  free(text);
}

// Whether all that was printed came out is part of the result.
static cli_exit flush(cli_exit code) {
  if (!fflush(stdout) && !ferror(stdout))
    return code;
  fprintf(stderr, "vyre: standard output cannot be written\n");
  return code == CLI_OK ? CLI_FAILED : code;
}

static cli_exit run_command(cli_session *s) {
  vy_status status = vy_context_create(NULL, &s->context, &s->diags);
  if (status != VY_OK)
    return cli_exit_of(status);
  cli_exit code = s->command->run(s);
  vy_program_release(s->program);
  vy_context_release(s->context);
  return code;
}

static int with_command(const cli_command *command, int argc, char **argv) {
  cli_session s;
  memset(&s, 0, sizeof s);
  s.command = command;
  open_diags(&s);
  char *error = NULL;
  cli_exit code;
  if (!cli_parse(command, argc, argv, &s.options, &error)) {
    code = cli_usage(&s, "%s", error);
  } else if (s.options.help) {
    cli_print_help(command);
    code = CLI_OK;
    s.options.json = false;
  } else {
    code = run_command(&s);
    cli_show_diags(&s);
  }
  if (s.options.json)
    print_json(&s, code);
  code = flush(code);
  json_decref(s.result);
  free(error);
  free(s.diags.records);
  free(s.diags.text);
  return code;
}

static int print_version(void) {
  uint32_t v = vy_version();
  printf("vyre %u.%u.%u\n", v / 1000000, v / 1000 % 1000, v % 1000);
  return flush(CLI_OK);
}

int main(int argc, char **argv) {
  const char *first = argc > 1 ? argv[1] : NULL;
  if (!first) {
    cli_print_help(NULL);
    return CLI_USAGE;
  }
  if (!strcmp(first, "--version") || !strcmp(first, "version"))
    return print_version();
  if (!strcmp(first, "--help") || !strcmp(first, "-h") ||
      !strcmp(first, "help")) {
    const cli_command *about = argc > 2 ? cli_command_find(argv[2]) : NULL;
    cli_print_help(about);
    return flush(CLI_OK);
  }
  const cli_command *command = cli_command_find(first);
  if (command)
    return with_command(command, argc, argv);
  fprintf(stderr, "vyre: no command '%s'. Commands:", first);
  for (uint32_t i = 0; (command = cli_command_at(i)); i++)
    fprintf(stderr, " %s", command->name);
  fprintf(stderr, "\nFix: run `vyre --help` for what each does\n");
  return CLI_USAGE;
}
