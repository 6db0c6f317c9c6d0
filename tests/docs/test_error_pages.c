// The error catalogue and its pages: every code has a page with a wrong and a
// right example and every page a code; each wrong example reports exactly its
// code, each right one works.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/diag.h"
#include "docs/pages.h"
#include "support/case.h"

static bool row_of(uint32_t code, vy_error_info *out) {
  for (uint32_t i = 0; i < vy_error_count(); i++)
    if (vy_error_at(i, out) == VY_OK && out->code == code)
      return true;
  return false;
}

static void every_code_has_its_page(void **state) {
  (void)state;
  vy_error_info e;
  uint32_t missing = 0;
  for (uint32_t i = 0; i < vy_error_count(); i++) {
    uint32_t sides = 0;
    assert_int_equal(vy_error_at(i, &e), VY_OK);
    for (const page_example *p = page_examples; p->code; p++)
      if (p->code == e.code)
        sides |= p->right ? 2 : 1;
    if (sides != 3) {
      fprintf(stderr, "VY%04u %s: no page with a wrong and a right example\n",
              e.code, e.name);
      missing++;
    }
  }
  for (const page_example *p = page_examples; p->code; p++)
    if (!row_of(p->code, &e)) {
      fprintf(stderr, "docs/errors/VY%04u.md: no such code\n", p->code);
      missing++;
    }
  assert_int_equal(missing, 0);
}

typedef struct fixture {
  vy_context *context;
  vy_device *device;
  vy_diags diags;
  vy_diag records[32];
  char text[16384];
} fixture;

static void open_fixture(fixture *f) {
  memset(f, 0, sizeof *f);
  f->diags = (vy_diags)VY_DIAGS_INIT;
  f->diags.records = f->records;
  f->diags.capacity = 32;
  f->diags.text = f->text;
  f->diags.text_capacity = sizeof f->text;
  assert_int_equal(vy_context_create(NULL, &f->context, NULL), VY_OK);
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("reference");
  assert_int_equal(vy_device_open(f->context, &desc, &f->device, NULL), VY_OK);
}

static void close_fixture(fixture *f) {
  vy_device_release(f->device);
  vy_context_release(f->context);
}

// The reason why a `c` example does not do what its page says; NULL: it does.
static const char *judge_function(const page_example *p,
                                  const vy_error_info *e) {
  fixture f;
  open_fixture(&f);
  vy_status s = p->function(f.context, f.device, &f.diags);
  const char *why = NULL;
  bool reported = false, other = false;
  for (uint32_t i = 0; i < f.diags.count; i++) {
    reported |= f.records[i].code == p->code;
    other |= f.records[i].code != p->code &&
             f.records[i].severity == VY_SEVERITY_ERROR;
  }
  if (p->right)
    why = s != VY_OK ? "fails" : NULL;
  else if (s != (vy_status)e->status)
    why = "returns another status";
  else if (!reported)
    why = "does not report the code";
  else if (other)
    why = "reports another code too";
  close_fixture(&f);
  return why;
}

// Notes are what vy_program_explain_determinism gives.
static const char *judge_note(const case_file *c, uint32_t code) {
  fixture f;
  open_fixture(&f);
  vy_program *program = NULL;
  bool found = false;
  vy_status s = case_program(c, f.context, &program, &f.diags);
  if (s == VY_OK)
    s = vy_program_explain_determinism(program, &f.diags);
  for (uint32_t i = 0; i < f.diags.count; i++)
    found |= f.records[i].code == code;
  vy_program_release(program);
  close_fixture(&f);
  return s != VY_OK ? "does not parse" : found ? NULL : "gives no such note";
}

static const char *judge_parse(const case_file *c) {
  fixture f;
  open_fixture(&f);
  vy_program *program = NULL;
  vy_status s = case_program(c, f.context, &program, &f.diags);
  vy_program_release(program);
  close_fixture(&f);
  return s == VY_OK ? NULL : "does not parse";
}

static void add_code(case_codes *codes, uint32_t code) {
  for (uint32_t i = 0; i < codes->count; i++)
    if (codes->at[i] == code)
      return;
  codes->at[codes->count++] = code;
}

static const char *judge_case(case_file *c, const page_example *p,
                              const vy_error_info *e, char *why, size_t size) {
  bool note = p->code == VY__E_NOTE_ORDER || p->code == VY__E_NOTE_UNPROVED;
  bool found_by_check = p->code >= 900 && p->code < 950 && !note;
  if (p->right && !c->ins.count && !c->lens.count && !c->outs.count &&
      !found_by_check)
    return judge_parse(c);
  if (!p->right && !found_by_check && e->status == VY_OK)
    return judge_note(c, p->code);
  if (!p->right && !found_by_check)
    add_code(&c->errors, p->code);
  else if (!p->right)
    add_code(e->status == VY_OK ? &c->warnings : &c->races, p->code);
  case_options o = {.device = "reference"};
  fixture f;
  open_fixture(&f);
  o.context = f.context;
  vy_status s = found_by_check ? case_check(c, f.context, why, size)
                               : case_run(c, &o, why, size);
  (void)s; // judged
  close_fixture(&f);
  return why[0] ? why : NULL;
}

static void examples_do_what_their_pages_say(void **state) {
  (void)state;
  uint32_t failures = 0;
  for (const page_example *p = page_examples; p->code; p++) {
    vy_error_info e;
    char name[32], text[2048] = "";
    const char *why = NULL;
    if (!row_of(p->code, &e))
      continue;
    snprintf(name, sizeof name, "VY%04u.md, %s", p->code,
             p->right ? "right" : "wrong");
    if (p->function) {
      why = judge_function(p, &e);
    } else if (p->text) {
      case_file c;
      if (!case_parse(&c, name, p->text, strlen(p->text), ".", text,
                      sizeof text))
        why = text;
      else
        why = judge_case(&c, p, &e, text, sizeof text);
      case_free(&c);
    }
    if (why) {
      fprintf(stderr, "%s: %s\n", name, why);
      failures++;
    }
  }
  assert_int_equal(failures, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_code_has_its_page),
      cmocka_unit_test(examples_do_what_their_pages_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
