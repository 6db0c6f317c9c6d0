// What the host gives: the clock and the environment. The only reader of
// either.
#define _GNU_SOURCE
#include <stdlib.h>
#include <time.h>

#include "base/base.h"

uint64_t vy__now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t vy__wall_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

const char *vy__env(const char *name) { return secure_getenv(name); }
