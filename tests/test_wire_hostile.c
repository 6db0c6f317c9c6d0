// Wire bytes made to hurt: sections and counts that lie, versions of other
// libraries, ids that point everywhere, trees that are none. Each is refused
// with its own error, and what a header merely claims costs no memory. At the
// end the bytes of one program for ever.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "support/heap.h"
#include "support/parse.h"
#include "wire/format.h"

enum { ROOM = 1 << 14 };

typedef struct fixture {
  heap memory;
  vy_context *context;
  size_t size;
  uint8_t bytes[ROOM];
} fixture;

static const char text[] =
    "program p(x: read u32[], y: write u32[min(len(x), 9)]) {\n"
    "  lanes len(x) * 2 + 1;\n"
    "  var n = x[lane];\n"
    "  while (n > 3) { n -= 1; }\n"
    "  if (n == 1) { y[lane] = n; } else { y[lane] = n + n * 7; }\n"
    "}\n";

static void encode_text(fixture *f, const char *program, uint32_t flags) {
  vy_program *p = parse_program(f->context, "t.vy", vy_str_c(program));
  assert_int_equal(vy_program_encode(p, flags, f->bytes, ROOM, &f->size),
                   VY_OK);
  vy_program_release(p);
}

static int setup(void **state) {
  static fixture f;
  memset(&f, 0, sizeof f);
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = heap_allocator(&f.memory);
  assert_int_equal(vy_context_create(&desc, &f.context, NULL), VY_OK);
  encode_text(&f, text, 0);
  *state = &f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  vy_context_release(f->context);
  assert_true(heap_is_clean(&f->memory));
  return 0;
}

static uint32_t get32(const fixture *f, size_t at) {
  uint32_t v;
  memcpy(&v, f->bytes + at, 4);
  return v;
}

static void put32(fixture *f, size_t at, uint32_t v) {
  memcpy(f->bytes + at, &v, 4);
}

static void put64(fixture *f, size_t at, uint64_t v) {
  memcpy(f->bytes + at, &v, 8);
}

static size_t entry(uint32_t section) {
  return VY__WIRE_HEADER + section * (size_t)VY__WIRE_ENTRY;
}

static size_t head(const fixture *f, uint32_t word) {
  return get32(f, entry(0) + 8) + word * (size_t)4;
}

// Where a row of an array of the semantic section lies.
static size_t row_of(const fixture *f, const char *name, uint32_t row) {
  size_t at = head(f, VY__HEAD_WORDS);
  uint32_t word = VY__HEAD_COUNTS;
#define A(array, count, bytes, limit)                                          \
  if (strcmp(#array, name) == 0)                                               \
    return at + row * (size_t)bytes;                                           \
  at += get32(f, head(f, word++)) * (size_t)bytes;
  VY__WIRE_ARRAYS(A)
#undef A
  return at; // "strings"
}

static void refused_at(fixture *f, uint32_t code, int line) {
  vy_diag record;
  char room[512];
  vy_diags d = VY_DIAGS_INIT;
  d.records = &record;
  d.capacity = 1;
  d.text = room;
  d.text_capacity = sizeof room;
  vy_program *p = NULL;
  vy_status s = vy_program_decode(f->context, f->bytes, f->size, &p, &d);
  if (s != VY_ERROR_INVALID_PROGRAM || d.count != 1 || record.code != code)
    fail_msg("line %d: %s with VY%04u, not VY%04u", line, vy_status_name(s),
             d.count ? record.code : 0, code);
  assert_null(p);
}
#define refused(f, code) refused_at(f, code, __LINE__)

// One change, refused, and undone.
static void word_refused_at(fixture *f, size_t at, uint32_t v, uint32_t code,
                            int line) {
  uint32_t old = get32(f, at);
  assert_int_not_equal(old, v);
  put32(f, at, v);
  refused_at(f, code, line);
  put32(f, at, old);
}
#define word_refused(f, at, v, code) word_refused_at(f, at, v, code, __LINE__)

static void other_files(void **state) {
  fixture *f = *state;
  vy_program *p = NULL;
  assert_int_equal(vy_program_decode(f->context, NULL, 0, &p, NULL),
                   VY_ERROR_INVALID_PROGRAM);
  word_refused(f, 0, 0x464c457f, 400);
  word_refused(f, 4, 0x0a1a0a0a, 400); // \r\n that became \n
  word_refused(f, 8, 0, 401);
  word_refused(f, 8, 2, 401);
  word_refused(f, 12, UINT32_MAX, 401);
  f->size--;
  refused(f, 402);
  f->size += 9; // trailing bytes
  refused(f, 402);
}

static void sections_that_lie(void **state) {
  fixture *f = *state;
  const uint32_t counts[] = {0, 2, 4, 6, 1 << 16, UINT32_MAX};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    word_refused(f, 16, counts[i], 402);
  word_refused(f, entry(1), 1, 402); // twice
  word_refused(f, entry(1), 3, 402); // out of order
  word_refused(f, entry(4), 6, 402); // unknown
  word_refused(f, entry(2) + 4, 1, 402);
  for (uint32_t i = 0; i < 5; i++) {
    word_refused(f, entry(i) + 8, get32(f, entry(i) + 8) + 8, 402);
    word_refused(f, entry(i) + 8, 0, 402); // over the header
    word_refused(f, entry(i) + 12, 1, 402);
    word_refused(f, entry(i) + 16, UINT32_MAX, 402);
    word_refused(f, entry(i) + 20, UINT32_MAX, 402); // wraps
  }
  put64(f, entry(4) + 8, UINT64_MAX - 7);
  put64(f, entry(4) + 16, 8);
  refused(f, 402);
}

// Claims are checked against limits and the section's size, then believed.
static void counts_that_lie(void **state) {
  fixture *f = *state;
  uint64_t asked = f->memory.asked;
  for (uint32_t word = VY__HEAD_COUNTS; word < VY__HEAD_STRINGS; word++) {
    word_refused(f, head(f, word), get32(f, head(f, word)) + 1, 402);
    word_refused(f, head(f, word), UINT32_MAX, 403);
    word_refused(f, head(f, word), 1u << 31, 403);
  }
  word_refused(f, head(f, VY__HEAD_STRINGS), UINT32_MAX, 402);
  assert_int_equal(f->memory.asked, asked);
  word_refused(f, head(f, VY__HEAD_ZERO), 1, 406);
}

static void ids_that_point_elsewhere(void **state) {
  fixture *f = *state;
  uint32_t values = get32(f, head(f, VY__HEAD_COUNTS + 9));
  uint32_t stmts = get32(f, head(f, VY__HEAD_COUNTS + 10));
  word_refused(f, head(f, VY__HEAD_NAME), UINT32_MAX, 404);
  word_refused(f, head(f, VY__HEAD_DIMENSIONS), 0, 404);
  word_refused(f, head(f, VY__HEAD_DIMENSIONS), 4, 404);
  word_refused(f, head(f, VY__HEAD_USES_GROUPS), 2, 404);
  word_refused(f, head(f, VY__HEAD_DOMAIN), VY__NONE, 404);
  word_refused(f, row_of(f, "params", 1) + 4, 9, 404);  // access
  word_refused(f, row_of(f, "params", 1) + 12, 0, 404); // element size
  word_refused(f, row_of(f, "params", 1) + 20, 2, 404); // fields
  word_refused(f, row_of(f, "params", 1) + 24, 77, 404);
  word_refused(f, row_of(f, "fields", 0) + 4, 14, 404);
  word_refused(f, row_of(f, "vars", 0), 8, 404); // a storage type
  word_refused(f, row_of(f, "stmts", 0), 99, 404);
  for (uint32_t i = 0; i < values; i++) {
    size_t v = row_of(f, "values", i);
    word_refused(f, v, 0xffff, 404);
    uint32_t a = get32(f, v + 4);
    if (a != VY__NONE) {
      word_refused(f, v + 4, i, 404); // itself
      word_refused(f, v + 4, values, 404);
    }
  }
  for (uint32_t i = 0; i < stmts; i++)
    if (get32(f, row_of(f, "stmts", i)) == VY__STMT_EXEC)
      word_refused(f, row_of(f, "stmts", i) + 4, values, 404);
}

static void sizes_that_are_no_trees(void **state) {
  fixture *f = *state;
  uint32_t sizes = get32(f, head(f, VY__HEAD_COUNTS + 8)), seen = 0;
  for (uint32_t i = 0; i < sizes; i++) {
    size_t s = row_of(f, "sizes", i);
    word_refused(f, s, 13, 404);
    uint32_t op = get32(f, s);
    if (op < VY__SIZE_ADD || op > VY__SIZE_MAX)
      continue;
    word_refused(f, s + 4, i, 404); // a cycle
    word_refused(f, s + 8, sizes - 1, sizes - 1 >= i ? 404 : 406);
    word_refused(f, s + 8, VY__NONE, 404); // a missing half
    seen++;
  }
  assert_true(seen >= 3);
}

static void strings_that_do_not_end(void **state) {
  fixture *f = *state;
  size_t strings = row_of(f, "strings", 0);
  f->bytes[strings] = 'x'; // the empty string
  refused(f, 404);
  encode_text(f, text, VY_ENCODE_STRIP);
  strings = row_of(f, "strings", 0);
  f->bytes[strings + get32(f, head(f, VY__HEAD_STRINGS)) - 1] = 'x';
  refused(f, 404);
  encode_text(f, text, 0); // the last byte of the debug strings
  size_t end = get32(f, entry(1) + 8) + get32(f, entry(1) + 16);
  f->bytes[end - 1] = 'x';
  refused(f, 404);
}

static void statements_that_do_not_nest(void **state) {
  fixture *f = *state;
  uint32_t stmts = get32(f, head(f, VY__HEAD_COUNTS + 10));
  for (uint32_t i = 0; i < stmts; i++) {
    size_t s = row_of(f, "stmts", i);
    uint32_t kind = get32(f, s);
    if (kind == VY__STMT_END) {
      word_refused(f, s, VY__STMT_BREAK, 405);
      word_refused(f, s, VY__STMT_BLOCK, 405);
    } else if (kind == VY__STMT_ELSE)
      word_refused(f, s, VY__STMT_END, 405);
    else if (kind == VY__STMT_WHILE)
      word_refused(f, s, VY__STMT_END, 405);
  }
}

// Blocks inside one another: as many as the nesting limit, and all there are.
static void deep_nesting(void **state) {
  fixture *f = *state;
  enum { DEEP = 100 };
  char deep[4096];
  int n = snprintf(deep, sizeof deep,
                   "program p(y: write u32[1]) { lanes 1; y[0] = 1;\n");
  for (int i = 0; i < DEEP; i++)
    n += snprintf(deep + n, sizeof deep - (size_t)n, "block {} ");
  snprintf(deep + n, sizeof deep - (size_t)n, "}");
  encode_text(f, deep, VY_ENCODE_STRIP);
  uint32_t stmts = get32(f, head(f, VY__HEAD_COUNTS + 10));
  assert_int_equal(stmts, 1 + 2 * DEEP);
  for (uint32_t i = 1; i < stmts; i++)
    put32(f, row_of(f, "stmts", i), i <= DEEP ? VY__STMT_BLOCK : VY__STMT_END);
  refused(f, 405);
}

// ---- the bytes of one program, for ever

static const char golden_text[] =
    "const K: i32 = -2;\n"
    "program golden(k: f32, x: read u32[], y: update f32[len(x)]) {\n"
    "  lanes len(x);\n"
    "  var n = x[lane];\n"
    "  while (n > 3) { n -= 1; }\n"
    "  y[lane] = fma(k, f32(K), y[lane]) + f32(n);\n"
    "}\n";

static const char golden_bytes[] =
    "895659420d0a1a0a01000000010000000100000000000000c80400000000000001000000"
    "000000003800000000000000900400000000000001000000000000000100000001000000"
    "ffffffffffffffffffffffffffffffffffffffff03000000020000000100000000000000"
    "0000000001000000000000000000000002000000150000000a0000001000000000000000"
    "080000000000000006000000000000000000000000000000ffffffffffffffffffffffff"
    "0a0000000100000000000000040000000000000001000000ffffffffffffffffffffffff"
    "0c000000030000000000000004000000010000000100000000000000ffffffffffffffff"
    "000000000300000000000000060000000e00000002000000feffffff0000000003000000"
    "04000000ffffffffffffffff01000000000000000000000004000000ffffffffffffffff"
    "01000000000000000000000006000300ffffffffffffffffffffffff0000000000000000"
    "00000000000000006600030100000000ffffffffffffffff010000000000000000000000"
    "000000006500000001000000ffffffffffffffff00000000000000000000000000000000"
    "64000300ffffffffffffffffffffffff0000000000000000000000000000000001000300"
    "ffffffffffffffffffffffff000000000000000003000000000000005400010003000000"
    "04000000ffffffff0000000000000000000000000000000064000300ffffffffffffffff"
    "ffffffff0000000000000000000000000000000001000300ffffffffffffffffffffffff"
    "00000000000000000100000000000000150003000600000007000000ffffffff00000000"
    "0000000000000000000000006500000008000000ffffffffffffffff0000000000000000"
    "000000000000000006000300ffffffffffffffffffffffff000000000000000000000000"
    "00000000660006010a000000ffffffffffffffff02000000000000000000000000000000"
    "64000300ffffffffffffffffffffffff0000000000000000000000000000000006000300"
    "ffffffffffffffffffffffff0000000000000000000000000000000003000600ffffffff"
    "ffffffffffffffff0000000000000000000000000000000002000200ffffffffffffffff"
    "ffffffff00000000000000000000000000000000570006000f000000ffffffffffffffff"
    "00000000000000000000000000000000210006000e000000100000000b00000000000000"
    "000000000000000000000000570006000c000000ffffffffffffffff0000000000000000"
    "0000000000000000140006001100000012000000ffffffff000000000000000000000000"
    "00000000670000010d00000013000000ffffffff02000000000000000000000000000000"
    "0100000002000000ffffffffffffffffffffffff04000000ffffffffffffffffffffffff"
    "ffffffff0100000003000000ffffffffffffffffffffffff0500000005000000ffffffff"
    "ffffffffffffffff0100000006000000ffffffffffffffffffffffff0100000009000000"
    "ffffffffffffffffffffffff08000000ffffffffffffffffffffffffffffffff01000000"
    "0b000000ffffffffffffffffffffffff010000000c000000ffffffffffffffffffffffff"
    "0100000014000000ffffffffffffffffffffffff00676f6c64656e006b00780079004b00";

static const char golden_print[] =
    "8e562dc6b00a82a9ab91200874d2135ffd2e3617cd35acd1e3e243ea095d6c74";

static void hex(char *out, const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i++)
    sprintf(out + 2 * i, "%02x", bytes[i]);
}

static void bytes_are_for_ever(void **state) {
  fixture *f = *state;
  static char got[2 * ROOM + 1];
  encode_text(f, golden_text, VY_ENCODE_STRIP);
  hex(got, f->bytes, f->size);
  assert_string_equal(got, golden_bytes);
  vy_program *p = NULL;
  assert_int_equal(vy_program_decode(f->context, f->bytes, f->size, &p, NULL),
                   VY_OK);
  vy_hash print = vy_program_fingerprint(p);
  hex(got, print.bytes, sizeof print.bytes);
  assert_string_equal(got, golden_print);
  vy_program_release(p);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(other_files),
      CASE(sections_that_lie),
      CASE(counts_that_lie),
      CASE(ids_that_point_elsewhere),
      CASE(sizes_that_are_no_trees),
      CASE(strings_that_do_not_end),
      CASE(statements_that_do_not_nest),
      CASE(deep_nesting),
      CASE(bytes_are_for_ever),
  };
#undef CASE
  return cmocka_run_group_tests_name("hostile wire", tests, NULL, NULL);
}
