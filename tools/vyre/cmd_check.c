// vyre check: parse and validate; with inputs also run under vy_check, which
// finds races, accesses outside, unwritten outputs and order dependence.
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const char *determinism(uint32_t class) {
  switch (class) {
  case VY_DETERMINISTIC:
    return "deterministic";
  case VY_DETERMINISTIC_IF_RACE_FREE:
    return "deterministic if race-free";
  default:
    return "order-dependent";
  }
}

static const char *access_name(uint32_t access) {
  static const char *const names[] = {"scalar", "read", "write", "update"};
  return access < 4 ? names[access] : "scalar";
}

static json_t *json_params(cli_session *s) {
  json_t *list = json_array();
  for (uint32_t i = 0; i < s->info.param_count; i++) {
    vy_param_info p = VY_PARAM_INFO_INIT;
    if (vy_program_param(s->program, i, &p) != VY_OK)
      continue;
    json_t *o = json_object();
    json_object_set_new(o, "name", cli_json_str(p.name));
    json_object_set_new(o, "access", json_string(access_name(p.access)));
    json_object_set_new(o, "type", json_string(vy_type_name((vy_type)p.type)));
    json_object_set_new(o, "element_size", json_integer(p.element_size));
    json_object_set_new(o, "sized", json_boolean(p.sized));
    json_array_append_new(list, o);
  }
  return list;
}

#define S(count) ((count) == 1 ? "" : "s")

static void describe(cli_session *s) {
  char hex[65];
  vy_hash hash = vy_program_fingerprint(s->program);
  cli_hex(&hash, hex);
  if (s->options.json) {
    json_object_set_new(s->result, "program", cli_json_str(s->info.name));
    json_object_set_new(s->result, "fingerprint", json_string(hex));
    json_object_set_new(s->result, "determinism",
                        json_string(determinism(s->info.determinism)));
    json_object_set_new(s->result, "parameters", json_params(s));
    return;
  }
  const vy_program_info *p = &s->info;
  printf("program %.*s: valid, %u parameter%s, %u output%s, %u value%s, %u "
         "statement%s\nfingerprint %s\n%s\n",
         (int)p->name.size, p->name.data, p->param_count, S(p->param_count),
         p->output_count, S(p->output_count), p->value_count, S(p->value_count),
         p->statement_count, S(p->statement_count), hex,
         determinism(p->determinism));
}

static void show_report(cli_session *s, const vy_check_report *r) {
  const struct {
    const char *name, *text;
    uint64_t n;
  } rows[] = {{"races", r->races == 1 ? "race" : "races", r->races},
              {"out_of_bounds",
               r->out_of_bounds == 1 ? "access out of bounds"
                                     : "accesses out of bounds",
               r->out_of_bounds},
              {"unwritten",
               r->unwritten == 1 ? "unwritten element" : "unwritten elements",
               r->unwritten},
              {"order_dependent",
               r->order_dependent == 1 ? "order-dependent output"
                                       : "order-dependent outputs",
               r->order_dependent}};
  json_t *o = json_object();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    json_object_set_new(o, rows[i].name, json_integer((json_int_t)rows[i].n));
    if (!s->options.json)
      printf("%s%llu %s", i ? ", " : "checked: ", (unsigned long long)rows[i].n,
             rows[i].text);
  }
  if (!s->options.json)
    putchar('\n');
  json_object_set_new(s->result, "report", o);
}

static cli_exit run_checks(cli_session *s, const cli_bindings *b) {
  vy_const_value *constants = NULL;
  cli_exit code = cli_constants(s, &constants);
  if (code == CLI_OK) {
    vy_compile_options compile = cli_compile_options(s, constants);
    vy_dispatch_options options = cli_dispatch_options(s);
    vy_check_report report = VY_CHECK_REPORT_INIT;
    vy_status status = vy_check(s->context, s->program, &compile, b->args,
                                b->count, &options, &report, &s->diags);
    cli_show_diags(s);
    if (status == VY_OK || status == VY_ERROR_CHECK_FAILED)
      show_report(s, &report);
    code = cli_exit_of(status);
  }
  free(constants);
  return code;
}

cli_exit cli_check(cli_session *s) {
  s->result = json_object();
  cli_exit code = cli_load(s, false);
  if (code != CLI_OK)
    return code;
  cli_show_diags(s);
  describe(s);
  vy_status status = vy_program_explain_determinism(s->program, &s->diags);
  if (status != VY_OK)
    return cli_exit_of(status);
  bool given = s->options.ins.count || s->options.lens.count;
  cli_bindings b = {NULL, NULL, 0};
  vy_str missing = {NULL, 0};
  code = cli_bind(s, &b, !given, &missing);
  if (code == CLI_OK && !missing.data)
    code = run_checks(s, &b);
  else if (code == CLI_OK && !s->options.json)
    printf("not run: give its inputs with --in to look for races, accesses "
           "out of bounds,\nunwritten outputs and order dependence\n");
  cli_unbind(&b);
  return code;
}
