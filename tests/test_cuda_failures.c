// The cuda backend over the fake driver where any call of the driver, or any
// allocation, fails: clean errors, nothing left, and what is there still works.
// With ON_GPU over the real driver, of a warm device only.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef ON_GPU
#include <dlfcn.h>
#else
#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"
#endif
#include "fake_cuda/world.h"

static void expect_failure(vy_status s, int code) {
  if (s == VY_OK || s == VY_ERROR_OUT_OF_HOST_MEMORY ||
      s == VY_ERROR_OUT_OF_DEVICE_MEMORY || s == VY_ERROR_DISPATCH_FAILED ||
      s == VY_ERROR_COMPILE_FAILED || s == VY_ERROR_DEVICE_UNAVAILABLE ||
      (s == VY_ERROR_DEVICE_LOST && code == VY__CU_ILLEGAL_ADDRESS))
    return;
  fail_msg("error %d of the driver gives %s", code, vy_status_name(s));
}

// Call n of a warm device fails; after that everything works again.
static void a_device_outlives_failures(void **state) {
  (void)state;
  world w = {0};
  bool all = false;
  assert_int_equal(open_named(&w, "cuda:0", ""), VY_OK);
  assert_int_equal(set_up(&w), VY_OK);
  for (uint64_t n = 1; !all; n++) {
    uint64_t before = fake->calls();
    clear_diags(&w);
    fake->fail_call(n, VY__CU_INVALID_VALUE, 0);
    vy_status s = everything(&w);
    all = fake->calls() - before < n;
    expect_failure(s, VY__CU_INVALID_VALUE);
    fake->fail_call(0, 0, 0);
    clear_diags(&w);
    assert_int_equal(everything(&w), VY_OK);
  }
  shut(&w);
}

#ifndef ON_GPU
// Call n fails, from opening on: clean errors, nothing left. True: it never
// came to call n.
static bool fail_from_opening(uint64_t n, int code, int sticky) {
  world w = {0};
  uint64_t before = fake->calls();
  fake->fail_call(n, code, sticky);
  vy_status s = open_named(&w, "cuda:0", "");
  if (s == VY_OK)
    s = set_up(&w);
  if (s == VY_OK)
    s = everything(&w);
  bool all = fake->calls() - before < n;
  expect_failure(s, code);
  assert_true(!all || s == VY_OK);
  fake->fail_call(0, 0, 0);
  shut(&w);
  return all;
}

static void opening_and_running_may_fail(void **state) {
  (void)state;
  for (uint64_t n = 1; !fail_from_opening(n, VY__CU_OUT_OF_MEMORY, 0); n++)
    ;
  for (uint64_t n = 1; !fail_from_opening(n, VY__CU_ILLEGAL_ADDRESS, 1); n++)
    ;
}

static void allocations_may_fail(void **state) {
  (void)state;
  bool all = false;
  for (uint64_t n = 1; !all; n++) {
    world w = {0};
    w.heap.fail_at = n;
    vy_status s = open_named(&w, "cuda:0", "");
    if (s == VY_OK)
      s = set_up(&w);
    if (s == VY_OK)
      s = everything(&w);
    all = w.heap.asked < n;
    if (s != VY_OK && s != VY_ERROR_OUT_OF_HOST_MEMORY)
      fail_msg("allocation %d gives %s", (int)n, vy_status_name(s));
    w.heap.fail_at = 0;
    if (w.sequence && s != VY_OK) {
      assert_int_equal(vy_buffer_fill(w.device, w.y, 0, N * 4, 0, NULL), VY_OK);
      // What there was no memory for can be done now.
      if (w.ready)
        assert_int_equal(everything(&w), VY_OK);
    }
    shut(&w);
  }
}
#endif

#ifdef ON_GPU
enum { NOT_RUN = 77 };

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_device_outlives_failures)};
  vy_device_info info = VY_DEVICE_INFO_INIT;
  setenv("VYRE_CUDA_DRIVER", FAULT_CUDA, 1);
  void *library = dlopen(FAULT_CUDA, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return 1;
  fake = ((const fake_control *(*)(void))(uintptr_t)dlsym(
      library, "fake_cuda_control"))();
  if (vy_device_enumerate(0, &info) != VY_OK || !info.available) {
    printf("not run: %s: %s\n", info.name, info.reason);
    return NOT_RUN;
  }
  for (uint32_t i = 0; i < LARGE; i++)
    host_in[i] = i * 2654435761u;
  return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
#else
int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opening_and_running_may_fail),
      cmocka_unit_test(a_device_outlives_failures),
      cmocka_unit_test(allocations_may_fail),
  };
  int failed = 0;
  for (uint32_t i = 0; i < LARGE; i++)
    host_in[i] = i * 2654435761u;
  fake = emulate_start();
  for (int way = 0; way < TUNED_WAYS; way++) {
    printf("---- %s\n", tuned_set(way));
    if (way == 3) { // a few bytes a chunk would take long
      vy__cuda_tuned.chunk = 4096;
      vy__cuda_tuned.pool_most = tuned_default.pool_most;
    }
    failed += cmocka_run_group_tests(tests, NULL, NULL);
  }
  emulate_stop();
  return failed ? 1 : 0;
}
#endif
