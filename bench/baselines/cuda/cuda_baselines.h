// The hand-written CUDA baselines: what Vyre's cuda device is compared with.
// C interface of the library vyre_bench_cuda, which the bench has when it was
// built with nvcc. All of it is for one thread, and ends the process with a
// message when the driver reports an error.
#ifndef BENCH_CUDA_BASELINES_H
#define BENCH_CUDA_BASELINES_H

#include <stdbool.h>
#include <stdint.h>

#include "../types.h"

#ifdef __cplusplus
extern "C" {
#endif

// NULL, or in words why nothing can run here: no driver, no card.
const char *cuda_missing(void);

typedef struct cuda_card {
  char name[256];
  char driver[32], runtime[32]; // versions
  uint32_t processors, major, minor;
  uint64_t memory, level2; // bytes
} cuda_card;
void cuda_describe(cuda_card *card);

// ---- a job's memory on the card

typedef struct cuda_side cuda_side;

enum { CUDA_BUFFERS = 16 };

cuda_side *cuda_open(void);
void cuda_close(cuda_side *s);
// Buffer `index`: `size` bytes of `data`, or zeros.
void cuda_create(cuda_side *s, uint32_t index, const void *data, uint64_t size);
void *cuda_at(const cuda_side *s, uint32_t index); // NULL: not created
void cuda_upload(cuda_side *s, uint32_t index, const void *from, uint64_t size);
void cuda_download(cuda_side *s, uint32_t index, void *to, uint64_t size);

// How the next chain is run.
typedef enum cuda_mode {
  CUDA_PLAIN,  // as one writes it
  CUDA_TIMED,  // with events round every kernel, and a wait after it
  CUDA_STREAM, // nothing waits: words read back are those of the last run
} cuda_mode;
void cuda_begin(cuda_side *s, cuda_mode mode);
// Wait for all of it. Nanoseconds spent in kernels, after CUDA_TIMED.
double cuda_end(cuda_side *s);

// Pieces of a chain. They go to the side's stream, in order.
void cuda_copy(cuda_side *s, void *to, const void *from, uint64_t size);
void cuda_set(cuda_side *s, void *at, int byte, uint64_t size);
uint32_t cuda_word(cuda_side *s, const uint32_t *at); // waits

// ---- the workloads: device pointers, the chain of kernels for each
//
// Two builds: contraction off (-fmad=false), and as nvcc likes it.

#define CUDA_BASELINES(X)                                                      \
  X(uint32_t, rules,                                                           \
    (cuda_side * s, const rule *rules, uint32_t n, const fact *facts,          \
     uint32_t size, uint32_t entropy, uint32_t *bits, uint32_t *counts,        \
     uint32_t *sums, uint32_t *offsets, uint32_t *ids))                        \
  X(uint32_t, filter,                                                          \
    (cuda_side * s, const item *items, uint32_t n, uint32_t *bits,             \
     uint32_t *counts, uint32_t *sums, uint32_t *offsets, kept *out))          \
  X(uint32_t, compact,                                                         \
    (cuda_side * s, const uint32_t *x, uint32_t n, uint32_t *counts,           \
     uint32_t *sums, uint32_t *offsets, uint32_t *out))                        \
  X(uint32_t, reach,                                                           \
    (cuda_side * s, const uint32_t *first, const uint32_t *targets,            \
     uint32_t nodes, const uint32_t *seeds, uint32_t *current, uint32_t *next, \
     uint32_t *changed))                                                       \
  X(void, sum_u32,                                                             \
    (cuda_side * s, const uint32_t *x, uint32_t n, uint32_t *const *sums))     \
  X(void, sum_f32,                                                             \
    (cuda_side * s, const float *x, uint32_t n, float *const *sums))           \
  X(void, scan_u32,                                                            \
    (cuda_side * s, const uint32_t *x, uint32_t n, uint32_t *y,                \
     uint32_t *sums))                                                          \
  X(void, scan_f32,                                                            \
    (cuda_side * s, const float *x, uint32_t n, float *y, float *const *sums,  \
     float *const *scanned))                                                   \
  X(void, histogram,                                                           \
    (cuda_side * s, const uint32_t *x, uint32_t n, uint32_t bins,              \
     uint32_t *out))                                                           \
  X(void, radix_sort,                                                          \
    (cuda_side * s, uint32_t *const *keys, uint32_t *const *values,            \
     uint32_t n, uint32_t tile, uint32_t *counts, uint32_t *before,            \
     uint32_t *totals))                                                        \
  X(void, nbody,                                                               \
    (cuda_side * s, uint32_t n, float dt, const vec3 *position,                \
     vec3 *velocity, vec3 *moved))                                             \
  X(void, mandelbrot_f32,                                                      \
    (cuda_side * s, uint32_t w, uint32_t h, uint32_t * steps))                 \
  X(void, mandelbrot_f64,                                                      \
    (cuda_side * s, uint32_t w, uint32_t h, uint32_t * steps))                 \
  X(void, stencil, (cuda_side * s, uint32_t n, const float *a, float *b))      \
  X(void, transpose, (cuda_side * s, uint32_t n, const float *a, float *b))    \
  X(void, multiply,                                                            \
    (cuda_side * s, uint32_t n, const float *a, const float *b, float *c))

typedef struct cuda_baselines {
#define X(type, name, args) type(*name) args;
  CUDA_BASELINES(X)
#undef X
} cuda_baselines;

extern const cuda_baselines cuda_exact, cuda_loose;

// ---- floors of the latency suite: y[i] = x[i] * 3 + i and the like, each
// called again and again

typedef struct cuda_floor {
  const char *name;
  double per; // operations of one call
  void (*call)(void *state);
  void *state;
} cuda_floor;

enum {
  CUDA_RESIDENT, // 64 lanes, data on the card
  CUDA_BORROWED, // two times 4 KiB in, 4 KiB out
  CUDA_BATCH,    // 1000 times 64 lanes
  CUDA_CHAIN,    // three kernels
  CUDA_SEQUENCE, // a hundred kernels
  CUDA_TRANSFER, // 256 MiB, there or back
  CUDA_KINDS,
};
enum { CUDA_MOST_FLOORS = 8 };

typedef struct cuda_floors cuda_floors;
cuda_floors *cuda_floors_open(uint64_t transfer); // bytes of a large transfer
void cuda_floors_close(cuda_floors *f);
// Pinned memory of a large transfer's size, which its floors use too.
void *cuda_floors_pinned(cuda_floors *f);
// The floors of one kind; their number. Each has left what was wanted, or
// the process ends.
uint32_t cuda_floors_of(cuda_floors *f, uint32_t kind,
                        cuda_floor out[CUDA_MOST_FLOORS]);

// What the card can do, in nanoseconds for `work` bytes or operations.
typedef struct cuda_peak {
  const char *name; // copy, read, fma f32, fma f64
  double work, ns;
} cuda_peak;
// Measure number `index` once; false past the last one.
bool cuda_peak_measure(uint32_t index, uint64_t bytes, cuda_peak *out);

// ---- inside a build

#ifdef BUILD
#define CUDA_PASTE2(a, b) a##_##b
#define CUDA_PASTE(a, b) CUDA_PASTE2(a, b)
#define BASE(name) CUDA_PASTE(name, BUILD)
#define X(type, name, args) type BASE(name) args;
CUDA_BASELINES(X)
#undef X
#endif

#ifdef __cplusplus
}
#endif
#endif
