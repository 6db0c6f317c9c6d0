// The disk cache under vy_compile on the cpu device: what another process (here
// another context) compiled is found, runs right, and is found for exactly the
// same program, options and device.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include <vyre/vyre.h>

#include "pipeline/disk_cache.h"
#include "support/heap.h"
#include "support/versus.h"

enum { LANES = 37 };

typedef struct fixture {
  char folder[32];
  vy_allocator allocator; // fn NULL: the C library's
  vy_counters counters;   // of the last compile
  char id[128];           // of its pipeline
} fixture;

typedef struct request {
  const char *text;
  uint32_t flags, width, features, constant;
} request;

static const request plain = {.text = "const C: u32 = 5;\n"
                                      "program p(x: update u32[]) {\n"
                                      "  lanes len(x);\n"
                                      "  x[lane] = x[lane] * C + lane;\n"
                                      "}\n",
                              .constant = 5};

static int setup(void **state) {
  static fixture f;
  memset(&f, 0, sizeof f);
  strcpy(f.folder, "cpu-disk-XXXXXX");
  *state = &f;
  return mkdtemp(f.folder) ? 0 : 1;
}

static int teardown(void **state) {
  fixture *f = *state;
  char command[64];
  snprintf(command, sizeof command, "rm -rf ./%s", f->folder);
  return system(command) != 0;
}

static vy_status run(vy_context *c, vy_pipeline *p, uint32_t constant) {
  uint32_t in[LANES];
  vy_outputs *o = NULL;
  for (uint32_t i = 0; i < LANES; i++)
    in[i] = i * 77;
  vy_arg arg = vy_arg_host(in, sizeof in);
  vy_status s = vy_outputs_create(c, 1, &o, NULL);
  if (s == VY_OK)
    s = vy_dispatch(p, &arg, 1, NULL, o, NULL, NULL);
  if (s == VY_OK)
    for (uint32_t i = 0; i < LANES; i++)
      assert_int_equal(((const uint32_t *)vy_outputs_data(o, 0))[i],
                       in[i] * constant + i);
  vy_outputs_release(o);
  return s;
}

static vy_status on_device(fixture *f, vy_context *c, vy_device *d,
                           const request *r) {
  vy_source source = VY_SOURCE_INIT;
  vy_compile_options options = VY_COMPILE_OPTIONS_INIT;
  vy_const_value constant = {vy_str_c("C"), r->constant, VY_TYPE_U32, 0};
  vy_program *program = NULL;
  vy_pipeline *p = NULL;
  source.text = vy_str_c(r->text);
  options.flags = r->flags;
  options.constants = &constant;
  options.constant_count = 1;
  vy_status s = vy_program_parse(c, &source, &program, NULL);
  if (s == VY_OK)
    s = vy_compile(d, program, &options, &p, NULL);
  if (s == VY_OK) {
    s = run(c, p, r->constant);
    snprintf(f->id, sizeof f->id, "%s", vy_pipeline_id(p));
  }
  vy_pipeline_release(p);
  vy_program_release(program);
  return s;
}

// In a context of its own, as another process would.
static vy_status compile(fixture *f, const request *r) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  vy_device_desc device = VY_DEVICE_DESC_INIT;
  vy_context *c = NULL;
  vy_device *d = NULL;
  desc.allocator = f->allocator;
  desc.cache_path = f->folder;
  device.name = vy_str_c("cpu");
  device.threads = 1;
  device.vector_width = r->width;
  device.cpu_features = r->features;
  vy_status s = vy_context_create(&desc, &c, NULL);
  if (s == VY_OK)
    s = vy_device_open(c, &device, &d, NULL);
  if (s == VY_OK)
    s = on_device(f, c, d, r);
  f->counters = (vy_counters)VY_COUNTERS_INIT;
  if (c)
    assert_int_equal(vy_counters_read(c, &f->counters), VY_OK);
  vy_device_release(d);
  vy_context_release(c);
  return s;
}

static bool found(fixture *f, const request *r) {
  assert_int_equal(compile(f, r), VY_OK);
  assert_int_equal(f->counters.compiles + f->counters.disk_hits, 1);
  return f->counters.disk_hits == 1;
}

static void another_process_finds_it(void **state) {
  fixture *f = *state;
  assert_false(found(f, &plain));
  assert_true(found(f, &plain));
  assert_true(found(f, &plain));
}

static void only_the_same_is_found(void **state) {
  fixture *f = *state;
  request others[] = {plain, plain, plain, plain, plain, plain, plain};
  others[1].flags = VY_COMPILE_STRICT;
  others[2].flags = VY_COMPILE_BUDGETED;
  others[3].constant = 6;
  others[4].width = 4;
  others[5].features = VY_CPU_FEATURES_BASELINE;
  others[6].text = "const C: u32 = 5;\n"
                   "program p(x: update u32[]) {\n"
                   "  lanes len(x);\n"
                   "  x[lane] = lane + x[lane] * C;\n"
                   "}\n";
  for (size_t i = 0; i < VY__COUNT(others); i++)
    assert_false(found(f, &others[i]));
  for (size_t i = 0; i < VY__COUNT(others); i++)
    assert_true(found(f, &others[i]));
}

// An entry that is as it was written, but is no code of this device.
static void what_is_no_code_is_compiled_anew(void **state) {
  fixture *f = *state;
  assert_false(found(f, &plain));
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  vy_context *c = NULL;
  vy__disk disk;
  vy_hash key;
  const char *hex = strchr(f->id, ':') + 1; // the id is the key
  for (size_t i = 0; i < sizeof key.bytes; i++) {
    unsigned byte;
    assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
    key.bytes[i] = (uint8_t)byte;
  }
  desc.cache_path = f->folder;
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_OK);
  assert_true(vy__disk_init(&disk, c));
  vy__disk_open(&disk);
  uint8_t *code;
  size_t size;
  assert_true(vy__disk_load(&disk, &key, &code, &size));
  for (size_t n = 0; n < size; n += n < 64 ? 1 : size / 16) {
    vy__disk_save(&disk, &key, code, n);
    assert_false(found(f, &plain));
    assert_true(found(f, &plain));
  }
  vy__free(&c->alloc, code, size);
  vy__disk_close(&disk);
  vy_context_release(c);
}

static void every_allocation_fails(void **state) {
  fixture *f = *state;
  heap whole = {0};
  assert_false(found(f, &plain));
  f->allocator = heap_allocator(&whole);
  assert_true(found(f, &plain));
  for (uint64_t n = 1; n <= whole.asked; n++) {
    heap m = {.fail_at = n};
    f->allocator = heap_allocator(&m);
    vy_status s = compile(f, &plain);
    if (s != VY_OK)
      assert_int_equal(s, VY_ERROR_OUT_OF_HOST_MEMORY);
    assert_true(heap_is_clean(&m));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(another_process_finds_it, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(only_the_same_is_found, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_no_code_is_compiled_anew, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(every_allocation_fails, setup, teardown),
  };
  int missing = versus_missing("cpu");
  return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
