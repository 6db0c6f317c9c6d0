// The C baselines, as good as we can write them in plain C. Every file here
// is compiled four times: contraction off (the gated build) or as the
// compiler likes it, each without and with OpenMP. BASE gives the functions
// of each build names of their own; baselines.c collects them in a table.
//
// Functions of the OpenMP builds use all threads; those of the others one.
#ifndef BENCH_BASELINES_H
#define BENCH_BASELINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

typedef struct automaton automaton;

// W1. `next` as in examples/literal_scan: states * classes.
typedef struct match {
  uint32_t start, literal;
} match;
struct automaton {
  uint8_t class[256];
  uint32_t classes, states, overlap;
  uint16_t next[512 * 128];
  uint8_t found[512];
  uint16_t also[512];
  uint32_t lengths[16];
};

// W4
typedef struct graph {
  uint32_t nodes, drawn, edges;
  uint32_t *first, *targets;
} graph;

// W10: blob b is data[offsets[b]] up to data[offsets[b + 1]].
typedef struct blobs {
  uint32_t count;
  const uint8_t *data;
  const uint32_t *offsets;
} blobs;

// W11: `weights` holds eight nibbles a word, weights[w * outputs + n].
typedef struct layer {
  uint32_t inputs, outputs;
  const uint32_t *weights;
  const float *scales, *bias, *x;
  const uint8_t *zeros;
} layer;

#define BASELINES(X)                                                           \
  X(uint32_t, literal_scan,                                                    \
    (const automaton *a, const uint8_t *text, uint64_t size, match *out,       \
     match *spare))                                                            \
  X(uint32_t, rules,                                                           \
    (const rule *rules, uint32_t n, const fact *facts, uint32_t size,          \
     uint32_t entropy, uint32_t *ids, uint32_t *spare))                        \
  X(uint32_t, reach,                                                           \
    (const graph *g, const uint32_t *seeds, uint32_t *current,                 \
     uint32_t *next))                                                          \
  X(uint32_t, sum_u32, (const uint32_t *x, uint64_t n))                        \
  X(float, sum_f32, (const float *x, uint64_t n, float *spare))                \
  X(void, scan_u32, (const uint32_t *x, uint64_t n, uint32_t *y))              \
  X(void, scan_f32, (const float *x, uint64_t n, float *y, float *spare))      \
  X(void, histogram,                                                           \
    (const uint32_t *x, uint64_t n, uint32_t bins, uint32_t *out))             \
  X(uint64_t, compact,                                                         \
    (const uint32_t *x, uint64_t n, uint32_t *out, uint32_t *spare))           \
  X(void, radix_sort,                                                          \
    (const uint32_t *keys, const uint32_t *values, uint32_t n,                 \
     uint32_t *out_keys, uint32_t *out_values, uint32_t *spare_keys,           \
     uint32_t *spare_values))                                                  \
  X(uint32_t, filter, (const item *items, uint32_t n, kept *out, kept *spare)) \
  X(void, crc32, (const blobs *b, uint32_t *sums))                             \
  X(void, xxh64, (const blobs *b, uint64_t *hashes))                           \
  X(void, sha256, (const blobs *b, uint8_t *digests))                          \
  X(void, int4, (const layer *l, uint32_t rows, float *y))                     \
  X(void, nbody,                                                               \
    (uint32_t n, float dt, const vec3 *position, vec3 *velocity, vec3 *moved)) \
  X(void, mandelbrot_f32, (uint32_t w, uint32_t h, uint32_t * steps))          \
  X(void, mandelbrot_f64, (uint32_t w, uint32_t h, uint32_t * steps))          \
  X(void, stencil, (uint32_t n, const float *a, float *b))                     \
  X(void, transpose, (uint32_t n, const float *a, float *b))                   \
  X(void, multiply, (uint32_t n, const float *a, const float *b, float *c))

typedef struct baselines {
#define X(type, name, args) type(*name) args;
  BASELINES(X)
#undef X
} baselines;

extern const baselines exact_one, exact_all, loose_one, loose_all;

// Inside a build: BASE(name) is the build's own name for it.
#ifdef BUILD
#define PASTE2(a, b) a##_##b
#define PASTE(a, b) PASTE2(a, b)
#define BASE(name) PASTE(name, BUILD)
#define X(type, name, args) type BASE(name) args;
BASELINES(X)
#undef X
#endif

#endif
