// Damaged wire bytes: every byte of several encodings changed in several
// ways, and every truncation. What is accepted encodes to the same bytes,
// prints, parses back to the same program, compiles and runs; memory stays in
// proportion to the input.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

#include "support/numbers.h"
#include "support/parse.h"

enum {
  DEBUG_AND_STRIPPED = 2,
  ROOM = 1 << 16,
  MOST = 1 << 26,   // no block of a test this small is larger
  PER_BYTE = 48,    // bytes of memory for a byte of input
  AND_FIXED = 8192, // and for none
};

typedef struct meter {
  size_t live, peak;
} meter;

static void *measure(void *user, void *ptr, size_t old_size, size_t new_size) {
  meter *m = user;
  if (new_size > MOST)
    return NULL;
  void *p = NULL;
  if (new_size && !(p = realloc(ptr, new_size)))
    return NULL;
  if (!new_size)
    free(ptr);
  m->live += new_size - old_size;
  if (m->live > m->peak)
    m->peak = m->live;
  return p;
}

typedef struct fixture {
  meter memory;
  vy_context *context;
  vy_device *device;
  uint64_t accepted, ran;
} fixture;

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = (vy_allocator){&f->memory, measure};
  assert_int_equal(vy_context_create(&desc, &f->context, NULL), VY_OK);
  vy_device_desc device = VY_DEVICE_DESC_INIT;
  device.name = vy_str_c("reference");
  assert_int_equal(vy_device_open(f->context, &device, &f->device, NULL),
                   VY_OK);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  vy_device_release(f->device);
  vy_context_release(f->context);
  assert_int_equal(f->memory.live, 0);
  free(f);
  return 0;
}

// Between them: every array of the format, every kind of statement.
static const char *const texts[] = {
    "const N: u32 = 4;\n"
    "const T: u16[3] = {3, 5, 7};\n"
    "struct P { a: u8; b: f64; }\n"
    "program lanes_of(k: u32, s: update P[], n: write u32[1],\n"
    "                 y: write u32[N * 4] readback [0, n[0])) {\n"
    "  lanes len(s) + 1, 2;\n"
    "  var a: i32[N];\n"
    "  var i = k & 3;\n"
    "  while (i < 9) {\n"
    "    a[i] = i32(T[i % 3]);\n"
    "    if (i == 7) { break; } else { i += 2; }\n"
    "    if (s[lane.x].b > 0.5) { i += 1; continue; }\n"
    "  }\n"
    "  block { if (i == 8) { leave; } n[0] = i; }\n"
    "  for j in 0u .. k { s[j].b = f64(s[j].a) * 1.5; }\n"
    "  if (lane.y == 1) { return; }\n"
    "  y[lane.x] = u32(a[1]) + i;\n"
    "}\n",
    "program groups_of(x: read u32[], b: update u8[], y: write u32[len(x)]) {\n"
    "  group 4;\n"
    "  groups (len(x) + 3) / 4;\n"
    "  shared m: u32[8];\n"
    "  m[local] = x[lane];\n"
    "  barrier;\n"
    "  atomic_max(m, 0u, load_u32(b, lane * 4));\n"
    "  barrier;\n"
    "  let sum = group_scan_incl_add(m[3 - local]);\n"
    "  y[lane] = select(x[lane] > 2, sum, group_rank(sum, 2));\n"
    "}\n",
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static size_t encode(const vy_program *p, uint32_t flags, uint8_t *out) {
  size_t size = 0;
  assert_int_equal(vy_program_encode(p, flags, out, ROOM, &size), VY_OK);
  return size;
}

static void prints_and_parses(fixture *f, const vy_program *p) {
  static char text[ROOM];
  size_t size = 0;
  assert_int_equal(vy_program_print(p, text, sizeof text, &size), VY_OK);
  vy_program *back = parse_program(f->context, "t.vy", (vy_str){text, size});
  vy_hash a = vy_program_fingerprint(p), b = vy_program_fingerprint(back);
  if (memcmp(&a, &b, sizeof a) != 0)
    fail_msg("parses to another program:\n%.*s", (int)size, text);
  vy_program_release(back);
}

static vy_arg argument(const vy_program *p, uint32_t index) {
  static const uint8_t zeros[4096];
  vy_param_info info = VY_PARAM_INFO_INIT;
  assert_int_equal(vy_program_param(p, index, &info), VY_OK);
  if (info.access == VY_ACCESS_NONE)
    return vy_arg_bits(VY_ARG_SCALAR, info.type, 0, 0, 0);
  if (info.access == VY_ACCESS_WRITE)
    return info.sized ? vy_arg_none() : vy_arg_length(3);
  uint64_t size = 3 * (uint64_t)info.element_size;
  return vy_arg_host(zeros, size <= sizeof zeros ? size : 0);
}

// Sizes may be refused and loops may not end; anything else is wrong.
static void runs(fixture *f, vy_program *p) {
  vy_program_info info = VY_PROGRAM_INFO_INIT;
  assert_int_equal(vy_program_describe(p, &info), VY_OK);
  vy_compile_options c = VY_COMPILE_OPTIONS_INIT;
  c.flags = VY_COMPILE_BUDGETED | VY_COMPILE_STRICT;
  vy_pipeline *pipeline = NULL;
  assert_int_equal(vy_compile(f->device, p, &c, &pipeline, NULL), VY_OK);
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  d.budget = 100;
  d.max_output_bytes = 1 << 20;
  uint64_t *domain = info.uses_groups ? d.groups : d.lanes;
  for (uint32_t i = 0; i < info.dimensions; i++)
    domain[i] = 2;
  vy_arg args[64];
  for (uint32_t i = 0; i < info.param_count; i++)
    args[i] = argument(p, i);
  vy_outputs *outputs = NULL;
  assert_int_equal(
      vy_outputs_create(f->context, info.output_count, &outputs, NULL), VY_OK);
  vy_status s =
      vy_dispatch(pipeline, args, info.param_count, &d, outputs, NULL, NULL);
  if (s != VY_OK && s != VY_ERROR_INVALID_ARGUMENT && s != VY_ERROR_BUDGET &&
      s != VY_ERROR_BOUNDS && s != VY_ERROR_DISPATCH_FAILED &&
      s != VY_ERROR_OUT_OF_HOST_MEMORY)
    fail_msg("a mutant ends as %s", vy_status_name(s));
  f->ran += s == VY_OK;
  vy_outputs_release(outputs);
  vy_pipeline_release(pipeline);
}

// Is the mutant refused, or a program in every way? Runs it when it means
// something else than `original`.
static void try(fixture *f, const uint8_t *bytes, size_t size,
                const vy_hash *original) {
  static uint8_t again[ROOM];
  vy_program *p = NULL;
  size_t live = f->memory.live;
  f->memory.peak = live;
  vy_status s = vy_program_decode(f->context, bytes, size, &p, NULL);
  if (f->memory.peak - live > AND_FIXED + PER_BYTE * size)
    fail_msg("%zu bytes take %zu of memory", size, f->memory.peak - live);
  if (s != VY_OK) {
    assert_int_equal(s, VY_ERROR_INVALID_PROGRAM);
    assert_null(p);
    assert_int_equal(f->memory.live, live);
    return;
  }
  f->accepted++;
  assert_int_equal(encode(p, 0, again), size);
  assert_memory_equal(again, bytes, size);
  prints_and_parses(f, p);
  vy_hash hash = vy_program_fingerprint(p);
  if (memcmp(&hash, original, sizeof hash) != 0)
    runs(f, p);
  vy_program_release(p);
}

static void one_byte_off(void **state) {
  fixture *f = *state;
  static uint8_t bytes[ROOM];
  for (uint32_t i = 0; i < TEXTS * DEBUG_AND_STRIPPED; i++) {
    vy_program *p = parse_program(f->context, "t.vy", vy_str_c(texts[i / 2]));
    vy_hash hash = vy_program_fingerprint(p);
    size_t size = encode(p, i % 2 ? VY_ENCODE_STRIP : 0, bytes);
    vy_program_release(p);
    try(f, bytes, size, &hash);
    for (size_t at = 0; at < size; at++) {
      uint8_t old = bytes[at];
      const uint8_t mutants[] = {old ^ 1, old ^ 0x80, old + 1, old - 1,
                                 0,       0xff,       '\n'};
      for (size_t m = 0; m < sizeof mutants; m++)
        if (mutants[m] != old) {
          bytes[at] = mutants[m];
          try(f, bytes, size, &hash);
        }
      bytes[at] = old;
    }
  }
  assert_true(f->accepted > 1000 && f->ran > 50); // the test tests something
}

static void every_truncation(void **state) {
  fixture *f = *state;
  static uint8_t bytes[ROOM];
  for (uint32_t i = 0; i < TEXTS * DEBUG_AND_STRIPPED; i++) {
    vy_program *p = parse_program(f->context, "t.vy", vy_str_c(texts[i / 2]));
    size_t size = encode(p, i % 2 ? VY_ENCODE_STRIP : 0, bytes);
    vy_program_release(p);
    for (size_t cut = 0; cut < size; cut++) {
      // Its own block, so that the sanitizer sees a read past the end.
      uint8_t *part = malloc(cut ? cut : 1);
      assert_non_null(part);
      memcpy(part, bytes, cut);
      for (int told = 0; told < 2; told++) { // the header says so, too
        assert_int_equal(vy_program_decode(f->context, part, cut, &p, NULL),
                         VY_ERROR_INVALID_PROGRAM);
        if (cut < 32)
          break;
        uint64_t whole = cut;
        memcpy(part + 24, &whole, sizeof whole);
      }
      free(part);
    }
  }
}

// Several bytes at once, words copied from elsewhere in the same program.
static void words_elsewhere(void **state) {
  fixture *f = *state;
  static uint8_t bytes[ROOM], mutant[ROOM];
  uint64_t r = 7;
  for (uint32_t i = 0; i < TEXTS * DEBUG_AND_STRIPPED; i++) {
    vy_program *p = parse_program(f->context, "t.vy", vy_str_c(texts[i / 2]));
    vy_hash hash = vy_program_fingerprint(p);
    size_t size = encode(p, i % 2 ? VY_ENCODE_STRIP : 0, bytes);
    vy_program_release(p);
    for (int n = 0; n < 5000; n++) {
      memcpy(mutant, bytes, size);
      for (uint64_t k = numbers_next(&r) % 3 + 1; k > 0; k--) {
        size_t to = numbers_next(&r) % (size / 4) * 4;
        size_t from = numbers_next(&r) % (size / 4) * 4;
        memcpy(mutant + to, bytes + from, 4);
      }
      try(f, mutant, size, &hash);
    }
  }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(one_byte_off),
      CASE(every_truncation),
      CASE(words_elsewhere),
  };
#undef CASE
  return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
