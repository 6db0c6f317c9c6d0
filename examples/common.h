// What the example hosts share: opening a device, loading programs, moving
// buffers, failing loudly. All of it through the public header; a host of
// your own needs none of it. Every function here ends the process with a
// message when something goes wrong, which is right for an example and wrong
// for a library.
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vyre/vyre.h>

// The hash that all workloads draw their inputs from.
static inline uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}

// A float in [0, 1) with 24 random bits; exact.
static inline float mix_f32(uint32_t x) {
  return (float)(mix(x) >> 8) * 0x1p-24f;
}

uint64_t fnv1a64(const void *data, size_t size);

typedef struct example {
  const char *name;
  const char *device;  // --device NAME; NULL: auto
  const char *picture; // --picture FILE
  uint64_t size;       // --size N; 0: the workload's own
  bool quick;          // --quick: a small size; VYRE_FULL=1 overrules it
  vy_context *context;
  vy_device *opened;
  vy_diags diags;
  vy_diag records[16];
  char text[8192];
} example;

// Parse the command line, open context and device. The same process may not
// open two.
void example_open(example *e, const char *name, int argc, char **argv);
// Release all; the exit code of main.
int example_close(example *e);
// The size to run: --size, else `quick` with --quick, else `full`.
uint64_t example_size(const example *e, uint64_t quick, uint64_t full);

// End the process unless `status` is VY_OK, showing the diagnostics.
void example_check(example *e, vy_status status, const char *what);
void example_fail(const example *e, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

// Compile `program` of examples/<file> for the device.
vy_pipeline *example_pipeline(example *e, const char *file,
                              const char *program);

// Resident memory.
vy_buffer example_buffer(example *e, uint64_t size);
vy_buffer example_upload(example *e, const void *data, uint64_t size);
void example_download(example *e, vy_buffer buffer, void *to, uint64_t size);
void example_free(example *e, vy_buffer buffer);

// Dispatch with every buffer resident.
void example_run(example *e, vy_pipeline *pipeline, const vy_arg *args,
                 size_t count);

// Exclusive prefix sums of n counts, their total behind them; a buffer of
// n + 1, by lib/prefix.vy.
vy_buffer example_prefix_sum(example *e, vy_buffer counts, uint64_t n);

// Memory that is there, zeroed.
void *example_alloc(size_t size);

// Compare bytes with a model's, and numbers with an oracle's.
void example_same(const example *e, const char *what, const void *got,
                  const void *want, size_t size, size_t element);
void example_equal(const example *e, const char *what, uint64_t got,
                   uint64_t want);

#endif
