// The conformance suite: how pipelines behave, the same on every device. A
// device joins by its name in devices.c. Each case gets a fresh context over
// a counting allocator; closing the fixture checks that nothing leaked.
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE // mkstemp, fdopen
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <vyre/vyre.h>

extern const char *conformance_device; // the one being tested
// A main that calls `run` for each device of devices.c, or for argv[1] only.
// `run` returns how many failed. What is not available is said, and the exit
// code then tells ctest that something was not run.
int conformance_main(int argc, char **argv, int (*run)(void));

typedef struct counting {
  _Atomic int64_t live;   // bytes
  _Atomic uint64_t calls; // that asked for memory
} counting;

typedef struct fixture {
  counting memory;
  vy_context *context;
  vy_device *device;
  vy_diags diags;
  vy_diag records[16];
  char text[8192];
  vy_program *programs[32]; // released at close, likewise below
  vy_pipeline *pipelines[32];
  vy_outputs *outputs[64];
  uint32_t program_count, pipeline_count, output_count;
} fixture;

// For tests of one device: open by hand.
fixture *fixture_new(const char *device);
void fixture_free(fixture *f);
int fixture_open(void **state); // of conformance_device
int fixture_close(void **state);

vy_program *make_program(fixture *f, const char *text);
vy_pipeline *make_pipeline(fixture *f, const char *text, uint32_t flags);
vy_outputs *make_outputs(fixture *f, uint32_t count);
vy_buffer make_buffer(fixture *f, const void *data, uint64_t size);
void drop_buffer(fixture *f, vy_buffer b);
vy_counters counters(fixture *f);

// Status as expected, no diagnostics when OK, else this code; clears them.
void expect_ok_at(fixture *f, vy_status s, const char *file, int line);
void expect_code_at(fixture *f, vy_status s, vy_status want, uint32_t code,
                    const char *file, int line);
#define expect_ok(f, s) expect_ok_at(f, s, __FILE__, __LINE__)
#define expect_code(f, s, want, code)                                          \
  expect_code_at(f, s, want, code, __FILE__, __LINE__)

// The first diagnostic's message contains this.
void expect_says(fixture *f, const char *text);

void expect_u32s_at(const void *got, uint64_t size, const uint32_t *want,
                    uint32_t count, const char *file, int line);
// The slot holds exactly these.
#define expect_slot(o, i, ...)                                                 \
  do {                                                                         \
    const uint32_t want_[] = {__VA_ARGS__};                                    \
    expect_u32s_at(vy_outputs_data(o, i), vy_outputs_size(o, i), want_,        \
                   sizeof want_ / 4, __FILE__, __LINE__);                      \
  } while (0)
#define expect_buffer(f, b, ...)                                               \
  do {                                                                         \
    const uint32_t want_[] = {__VA_ARGS__};                                    \
    uint32_t got_[sizeof want_ / 4];                                           \
    vy_transfer t_ = {b, 0, sizeof want_, got_};                               \
    expect_ok(f, vy_buffer_download((f)->device, &t_, 1, &(f)->diags));        \
    expect_u32s_at(got_, sizeof got_, want_, sizeof want_ / 4, __FILE__,       \
                   __LINE__);                                                  \
  } while (0)

#define ARGS(...)                                                              \
  (const vy_arg[]){__VA_ARGS__},                                               \
      sizeof((const vy_arg[]){__VA_ARGS__}) / sizeof(vy_arg)
#define HOST(a) vy_arg_host(a, sizeof(a))
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

typedef struct group {
  const char *name;
  const struct CMUnitTest *tests;
  size_t count;
} group;
// All groups of groups.c, on conformance_device: how many tests failed. `where`
// is for people.
int conformance_run(const char *where);
#define GROUP(id) const group id = {#id, tests, sizeof tests / sizeof tests[0]}

// y[i] += a * x[i]
extern const char saxpy_text[];
// y[i] = x[i]
extern const char copy_text[];
// Adds 1 to every element of an unsized `write`: shows what it held.
extern const char bump_text[];

#endif
