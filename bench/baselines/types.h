// What the workloads' data look like, for the baselines in C and in CUDA.
#ifndef BENCH_TYPES_H
#define BENCH_TYPES_H

#include <stdint.h>

// W3
typedef struct fact {
  uint32_t matched, count, offset;
} fact;
typedef struct rule {
  uint32_t a, b, c, d, min_count, max_offset, min_size, max_size, max_entropy;
} rule;

// W12
typedef struct item {
  uint32_t token, state, score;
} item;
typedef struct kept {
  uint32_t index, value;
} kept;

// W13
typedef struct vec3 {
  float x, y, z;
} vec3;

#endif
