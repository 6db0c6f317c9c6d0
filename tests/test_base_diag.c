// Diagnostics: records in storage of any size, their text as people read it,
// the catalogue, and structs of older and newer callers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/context.h"
#include "base/diag.h"

static void assert_view(vy_str v, const char *text) {
  assert_int_equal(v.size, strlen(text));
  assert_memory_equal(v.data, text, v.size);
}

typedef struct storage {
  vy_diags diags;
  vy_diag records[4];
  char text[1024];
} storage;

static vy_diags *start(storage *s, uint32_t records, size_t text) {
  s->diags = (vy_diags)VY_DIAGS_INIT;
  s->diags.records = s->records;
  s->diags.capacity = records;
  s->diags.text = s->text;
  s->diags.text_capacity = text;
  return &s->diags;
}

static const vy__where place = {{"a.vy", 4}, {"\tx = \xc3\xa9y;", 9}, 3, 8};

static void records(void **state) {
  (void)state;
  storage s;
  vy_diags *d = start(&s, 4, sizeof s.text);
  assert_int_equal(
      vy__fail(d, &place, VY__E_BOUNDS, "index %d\nFix: %s", 7, "guard it"),
      VY_ERROR_BOUNDS);
  vy__report(d, &place, VY_SEVERITY_NOTE, VY__E_BUDGET, "so it is");
  vy__diags_set_log(d, vy_str_c("driver says no"));
  vy__diags_set_item(d, 1, 12);
  assert_int_equal(d->count, 2);
  assert_int_equal(d->errors, 1);
  assert_int_equal(d->dropped, 0);
  const vy_diag *r = d->records;
  assert_int_equal(r[0].code, 700);
  assert_int_equal(r[0].status, VY_ERROR_BOUNDS);
  assert_view(r[0].message, "index 7");
  assert_view(r[0].fix, "guard it");
  assert_view(r[0].file, "a.vy");
  assert_int_equal(r[0].line, 3);
  assert_int_equal(r[0].column, 8);
  assert_int_equal(r[0].item, UINT32_MAX);
  assert_int_equal(r[1].severity, VY_SEVERITY_NOTE);
  assert_int_equal(r[1].item, 12);
  assert_view(r[1].log, "driver says no");
  assert_true(r[1].fix.size > 0); // the row's own
  char text[512];
  size_t size = vy_diag_format(&r[0], text, sizeof text);
  assert_string_equal(text, "a.vy:3:8: error VY0700: index 7\n"
                            "    \tx = \xc3\xa9y;\n"
                            "    \t     ^\n"
                            "Fix: guard it");
  assert_int_equal(size, strlen(text));
  for (size_t room = 1; room <= size; room++) {
    char *cut = malloc(room), whole[512];
    memcpy(whole, text, sizeof whole);
    assert_int_equal(vy_diag_format(&r[0], cut, room), size);
    whole[room - 1] = 0;
    assert_string_equal(cut, whole);
    free(cut);
  }
  assert_int_equal(vy_diag_format(&r[0], NULL, 0), size);
  assert_int_equal(vy_diag_format(NULL, text, sizeof text), 0);
  assert_string_equal(text, "");
}

static void too_little_room(void **state) {
  (void)state;
  storage s;
  for (uint32_t room = 0; room <= 4; room++)
    for (size_t text = 0; text < 120; text++) {
      memset(&s, 0x5a, sizeof s);
      vy_diags *d = start(&s, room, text);
      for (int i = 0; i < 6; i++)
        (void)vy__fail(d, &place, VY__E_BOUNDS, "h\xc3\xa9 %d", i);
      assert_int_equal(d->count, room);
      assert_int_equal(d->dropped, 6 - room);
      assert_int_equal(d->errors, 6);
      assert_true(d->text_size <= text);
      for (size_t i = text; i < sizeof s.text; i++)
        assert_int_equal(s.text[i], 0x5a);
      for (uint32_t i = 0; i < room; i++) {
        vy_str m = d->records[i].message;
        assert_true(!m.size || (unsigned char)m.data[m.size - 1] != 0xc3);
      }
    }
  assert_int_equal(vy__fail(NULL, NULL, VY__E_BUDGET, "x"), VY_ERROR_BUDGET);
  vy_diags none = VY_DIAGS_INIT;
  assert_int_equal(vy__fail_oom(&none, "x"), VY_ERROR_OUT_OF_HOST_MEMORY);
  vy__diags_set_log(&none, vy_str_c("x"));
  vy__diags_set_item(NULL, 0, 1);
  assert_int_equal(none.dropped, 1);
  vy_diags *d = start(&s, 4, sizeof s.text);
  assert_int_equal(vy__fail_argument(d, "%3000d", 1),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(d->text_size, sizeof s.text);
}

static void catalogue(void **state) {
  (void)state;
  vy_error_info e, last = {0};
  for (uint32_t i = 0; i < vy_error_count(); i++) {
    assert_int_equal(vy_error_at(i, &e), VY_OK);
    assert_true(e.code > last.code);
    assert_true(e.name[0] && e.summary[0] && e.fix[0]);
    assert_string_not_equal(vy_status_name((vy_status)e.status),
                            "VY_ERROR_UNKNOWN");
    last = e;
  }
  assert_int_equal(vy_error_at(vy_error_count(), &e),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_error_at(0, NULL), VY_ERROR_INVALID_ARGUMENT);
  assert_string_equal(vy_status_name(VY_OK), "VY_OK");
  assert_string_equal(vy_status_name(VY_ERROR_CHECK_FAILED),
                      "VY_ERROR_CHECK_FAILED");
  assert_string_equal(vy_status_name((vy_status)-1), "VY_ERROR_UNKNOWN");
  assert_string_equal(vy_status_name((vy_status)18), "VY_ERROR_UNKNOWN");
  assert_int_equal(vy_version(), VY_VERSION);
}

// A struct of this library: the caller's may be shorter or longer.
typedef struct known {
  size_t struct_size;
  uint64_t a, b;
} known;

static void structs_across_versions(void **state) {
  (void)state;
  struct {
    known k;
    uint64_t more;
  } newer = {{sizeof newer, 1, 2}, 0};
  known got, older = {sizeof older - 8, 1, 77};
  assert_int_equal(vy__take_struct(&got, sizeof got, &newer, "k", NULL), VY_OK);
  assert_int_equal(got.b, 2);
  assert_int_equal(vy__take_struct(&got, sizeof got, &older, "k", NULL), VY_OK);
  assert_int_equal(got.a, 1);
  assert_int_equal(got.b, 0); // beyond what the caller has
  newer.more = 1;
  assert_int_equal(vy__take_struct(&got, sizeof got, &newer, "k", NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  newer.k.struct_size = 2;
  assert_int_equal(vy__take_struct(&got, sizeof got, &newer, "k", NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy__take_struct(&got, sizeof got, NULL, "k", NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  known mine = {sizeof mine, 5, 6};
  assert_int_equal(vy__give_struct(&older, &mine, sizeof mine), VY_OK);
  assert_int_equal(older.struct_size, sizeof older - 8);
  assert_int_equal(older.a, 5);
  assert_int_equal(older.b, 77);
  older.struct_size = 0;
  assert_int_equal(vy__give_struct(&older, &mine, sizeof mine),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy__give_struct(NULL, &mine, sizeof mine),
                   VY_ERROR_INVALID_ARGUMENT);
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = calloc(1, 1 << 20);
  assert_non_null(text);
  assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
  fclose(file);
  return text;
}

static void trace_files(void **state) {
  (void)state;
  static const char path[] = "test_base_trace.json";
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.trace_path = path;
  vy_context *c = NULL;
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_OK);
  vy__trace_span(c, vy_str_c("a\"b\\c\n\x01\xff"), "host", 0, 5001, 9011);
  for (int i = 0; i < 2000; i++) // more than one buffer
    vy__trace_span(c, vy_str_c("run"), "device", 3, 10, 5);
  vy_context_release(c);
  char *text = read_file(path);
  assert_int_equal(text[0], '[');
  assert_string_equal(text + strlen(text) - 3, "}]\n");
  assert_non_null(strstr(text, "\"a\\\"b\\\\c\\u000a\\u0001\\u00ff\""));
  assert_non_null(strstr(text, "\"ts\":5.001,\"dur\":4.010}"));
  assert_non_null(strstr(text, "\"pid\":2,\"tid\":3,\"ts\":0.010,"
                               "\"dur\":0.000}"));
  size_t spans = 0;
  for (const char *p = text; (p = strstr(p, "\"ph\":\"X\"")); p++)
    spans++;
  assert_int_equal(spans, 2001);
  free(text);
  remove(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records),     cmocka_unit_test(too_little_room),
      cmocka_unit_test(catalogue),   cmocka_unit_test(structs_across_versions),
      cmocka_unit_test(trace_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
