// What the parts of the latency suite share.
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include "harness.h"

typedef struct latency_row {
  spread spread;
  uint32_t block; // calls of a sample
} latency_row;

// Time `call` in blocks; a sample is nanoseconds a call, divided by `per`.
latency_row measure_calls(void (*call)(void *state), void *state, double per);
// Several ways to do the same, in turn: after a call that is not measured, a
// block of each. At least 30 samples.
typedef struct timed_call {
  const char *name;
  void (*call)(void *state);
  void *state;
  double per;
  latency_row row;
} timed_call;
void measure_in_turn(timed_call *calls, uint32_t count);
// Print and write one row. `n` is lanes, callers, or what is alive.
void print_row(bench *b, bool *first, const char *what, const char *mode,
               uint64_t n, latency_row r);
// The rows of PoCL, where it is there.
void pocl_latency(bench *b, bool *first);

#endif
