// W7: sums, prefix sums, histograms. Float sums follow the canonical tree of
// groups of 256, level by level, so that their bits are those of the program.
#include "baselines.h"
#include "parts.h"

#include <stdlib.h>

enum { GROUP = 256 };

static uint64_t groups_of(uint64_t n) { return (n + GROUP - 1) / GROUP; }

uint32_t BASE(sum_u32)(const uint32_t *x, uint64_t n) {
  uint32_t sum = 0;
#pragma omp parallel for reduction(+ : sum)
  for (uint64_t i = 0; i < n; i++)
    sum += x[i];
  return sum;
}

// The tree of one whole group, a level at a time, so that levels are vectors.
static inline void pairs(const float *restrict x, float *restrict y,
                         uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    y[i] = x[2 * i] + x[2 * i + 1];
}

static float tree_sum(const float *x) {
  float u[GROUP / 2], v[GROUP / 4];
  pairs(x, u, 128);
  pairs(u, v, 64);
  pairs(v, u, 32);
  pairs(u, v, 16);
  pairs(v, u, 8);
  pairs(u, v, 4);
  return (v[0] + v[1]) + (v[2] + v[3]);
}

static float group_sum(const float *x, uint64_t n, uint64_t g) {
  if ((g + 1) * GROUP <= n)
    return tree_sum(x + g * GROUP);
  float padded[GROUP] = {0};
  memcpy(padded, x + g * GROUP, (n - g * GROUP) * 4);
  return tree_sum(padded);
}

static void group_sums(const float *x, uint64_t n, float *sums) {
#pragma omp parallel for if (n > 65536)
  for (uint64_t g = 0; g < groups_of(n); g++)
    sums[g] = group_sum(x, n, g);
}

// `spare` has room for two arrays of groups_of(n).
float BASE(sum_f32)(const float *x, uint64_t n, float *spare) {
  while (n > 1) {
    group_sums(x, n, spare);
    x = spare;
    n = groups_of(n);
    spare += n;
  }
  return x[0];
}

void BASE(scan_u32)(const uint32_t *x, uint64_t n, uint32_t *y) {
  uint32_t parts = part_count(), sums[MAX_PARTS] = {0};
  if (parts > 1) {
#pragma omp parallel for schedule(static, 1)
    for (uint32_t p = 0; p < parts; p++) {
      uint32_t sum = 0;
      for (uint64_t i = part_begin(n, p, parts);
           i < part_begin(n, p + 1, parts); i++)
        sum += x[i];
      sums[p] = sum;
    }
  }
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++) {
    uint32_t sum = 0;
    for (uint32_t q = 0; q < p; q++)
      sum += sums[q];
    for (uint64_t i = part_begin(n, p, parts); i < part_begin(n, p + 1, parts);
         i++)
      y[i] = sum += x[i];
  }
}

// Inclusive, after Sklansky, in place: level d is a loop of constant length.
static inline void scan_step(float *restrict v, uint32_t d) {
  for (uint32_t i = 0; i < GROUP; i += 2 * d) {
    float left = v[i + d - 1];
    for (uint32_t k = 0; k < d; k++)
      v[i + d + k] = left + v[i + d + k];
  }
}

static void tree_scan(float *restrict v) {
  for (uint32_t i = 0; i < GROUP; i += 4) {
    float b = v[i] + v[i + 1], d = v[i + 2] + v[i + 3];
    v[i + 1] = b;
    v[i + 2] = b + v[i + 2];
    v[i + 3] = b + d;
  }
  scan_step(v, 4);
  scan_step(v, 8);
  scan_step(v, 16);
  scan_step(v, 32);
  scan_step(v, 64);
  scan_step(v, 128);
}

static void scan_groups(const float *x, uint64_t n, const float *offsets,
                        bool inclusive, float *y) {
#pragma omp parallel for if (n > 65536)
  for (uint64_t g = 0; g < groups_of(n); g++) {
    uint64_t here = n - g * GROUP < GROUP ? n - g * GROUP : GROUP;
    float v[GROUP] = {0};
    memcpy(v, x + g * GROUP, here * 4);
    tree_scan(v);
    float offset = offsets ? offsets[g] : 0.0f, *to = y + g * GROUP;
    if (inclusive) {
      for (uint64_t i = 0; i < here; i++)
        to[i] = offset + v[i];
    } else {
      to[0] = offset + 0.0f;
      for (uint64_t i = 1; i < here; i++)
        to[i] = offset + v[i - 1];
    }
  }
}

static void scan_level(const float *x, uint64_t n, bool inclusive, float *y,
                       float *spare) {
  if (n <= GROUP) {
    scan_groups(x, n, NULL, inclusive, y);
    return;
  }
  uint64_t groups = groups_of(n);
  float *sums = spare, *offsets = spare + groups;
  group_sums(x, n, sums);
  scan_level(sums, groups, false, offsets, offsets + groups);
  scan_groups(x, n, offsets, inclusive, y);
}

// `spare` has room for three arrays of groups_of(n).
void BASE(scan_f32)(const float *x, uint64_t n, float *y, float *spare) {
  scan_level(x, n, true, y, spare);
}

// Few bins: four tables, so that equal neighbours do not wait for each other.
static void count_few(const uint32_t *x, uint64_t begin, uint64_t end,
                      uint32_t *bins) {
  uint32_t own[4][256] = {{0}};
  uint64_t i = begin;
  for (; i + 4 <= end; i += 4) {
    own[0][x[i] & 255]++;
    own[1][x[i + 1] & 255]++;
    own[2][x[i + 2] & 255]++;
    own[3][x[i + 3] & 255]++;
  }
  for (; i < end; i++)
    own[0][x[i] & 255]++;
  for (uint32_t b = 0; b < 256; b++)
    bins[b] = own[0][b] + own[1][b] + own[2][b] + own[3][b];
}

static void count_many(const uint32_t *x, uint64_t begin, uint64_t end,
                       uint32_t bins, uint32_t *own) {
  memset(own, 0, bins * 4);
  for (uint64_t i = begin; i < end; i++)
    own[x[i] & (bins - 1)]++;
}

void BASE(histogram)(const uint32_t *x, uint64_t n, uint32_t bins,
                     uint32_t *out) {
  uint32_t parts = part_count();
  uint32_t *own = parts > 1 ? malloc((size_t)parts * bins * 4) : out;
  if (!own)
    abort();
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++) {
    uint64_t begin = part_begin(n, p, parts), end = part_begin(n, p + 1, parts);
    if (bins == 256)
      count_few(x, begin, end, own + p * bins);
    else
      count_many(x, begin, end, bins, own + p * bins);
  }
  if (parts == 1)
    return;
  for (uint32_t b = 0; b < bins; b++) {
    out[b] = 0;
    for (uint32_t p = 0; p < parts; p++)
      out[b] += own[p * bins + b];
  }
  free(own);
}
