// A CUDA driver for tests: a library that exports the functions of driver.def
// over host memory. What is enqueued on a stream runs only while somebody
// waits or asks, one step a question, so that a missing wait shows. It counts
// live objects and stops the process at a wrong use. Kernels are run by a
// function that the test gives.
//
// The same exports can stand before the real driver (FORWARD), where they only
// make calls fail.
#ifndef TESTS_FAKE_CUDA_H
#define TESTS_FAKE_CUDA_H

#include <stdint.h>

#include "backend/cuda/driver.h"

// A launch: of `vy_one`, its record; of `vy_many`, `count` records.
typedef struct fake_run {
  const char *image; // what was linked
  const char *entry;
  unsigned grid[3], block[3];
  const uint8_t *records;
  uint32_t count;
} fake_run;

typedef void (*fake_kernel)(const fake_run *launch);

// Of both libraries, by dlsym.
typedef struct fake_control {
  // Live objects and allocations.
  uint32_t (*live)(void);
  // Calls so far; calls that allocate memory; launches.
  uint64_t (*calls)(void);
  uint64_t (*allocations)(void);
  uint64_t (*launches)(void);
  // Call number `n` from now on (1: the next) fails with `code`, and with
  // `sticky` all later ones do; n 0: none. What ends an object ends it anyway.
  void (*fail_call)(uint64_t n, int code, int sticky);
  void (*set_kernel)(fake_kernel kernel);
  // Bytes of device memory there are.
  void (*set_memory)(uint64_t bytes);
} fake_control;

// Exported: the control.
const fake_control *fake_cuda_control(void);

#endif
