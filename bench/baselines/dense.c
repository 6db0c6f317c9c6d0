// W14 and W16: the Mandelbrot set, stencil, transpose, matrix multiply.
#include "baselines.h"

#include <math.h>
#include <string.h>

enum { STEPS = 256, TILE = 16, BLOCK = 128 };

static uint32_t steps_f32(float cx, float cy) {
  float zx = 0, zy = 0;
  uint32_t k = 0;
  for (; k < STEPS && zx * zx + zy * zy <= 4.0f; k++) {
    float t = (zx * zx - zy * zy) + cx;
    zy = 2.0f * zx * zy + cy;
    zx = t;
  }
  return k;
}

void BASE(mandelbrot_f32)(uint32_t w, uint32_t h, uint32_t *steps) {
#pragma omp parallel for schedule(dynamic, 4)
  for (uint32_t y = 0; y < h; y++) {
    float cy = -1.5f + 3.0f * (float)y / (float)h;
    for (uint32_t x = 0; x < w; x++)
      steps[(size_t)y * w + x] =
          steps_f32(-2.0f + 3.0f * (float)x / (float)w, cy);
  }
}

static uint32_t steps_f64(double cx, double cy) {
  double zx = 0, zy = 0;
  uint32_t k = 0;
  for (; k < STEPS && zx * zx + zy * zy <= 4.0; k++) {
    double t = (zx * zx - zy * zy) + cx;
    zy = 2.0 * zx * zy + cy;
    zx = t;
  }
  return k;
}

void BASE(mandelbrot_f64)(uint32_t w, uint32_t h, uint32_t *steps) {
#pragma omp parallel for schedule(dynamic, 4)
  for (uint32_t y = 0; y < h; y++) {
    double cy = -1.5 + 3.0 * (double)y / (double)h;
    for (uint32_t x = 0; x < w; x++)
      steps[(size_t)y * w + x] =
          steps_f64(-2.0 + 3.0 * (double)x / (double)w, cy);
  }
}

void BASE(stencil)(uint32_t n, const float *restrict a, float *restrict b) {
#pragma omp parallel for schedule(static)
  for (uint32_t y = 0; y < n; y++) {
    const float *p = a + (size_t)y * n;
    float *to = b + (size_t)y * n;
    if (!y || y == n - 1) {
      for (uint32_t x = 0; x < n; x++)
        to[x] = p[x];
      continue;
    }
    const float *up = p - n, *down = p + n;
    to[0] = p[0];
    for (size_t x = 1; x + 1 < n; x++)
      to[x] = 0.2f * ((((p[x] + p[x - 1]) + p[x + 1]) + up[x]) + down[x]);
    to[n - 1] = p[n - 1];
  }
}

// By tiles that are read row by row and written row by row: rows a power of
// two apart share the same few lines of the cache.
static void transpose_tile(uint32_t n, const float *restrict a,
                           float *restrict b, uint32_t y0, uint32_t x0) {
  float tile[TILE][TILE];
  for (uint32_t y = 0; y < TILE; y++)
    memcpy(tile[y], a + (size_t)(y0 + y) * n + x0, sizeof tile[y]);
  for (uint32_t x = 0; x < TILE; x++) {
    float row[TILE];
    for (uint32_t y = 0; y < TILE; y++)
      row[y] = tile[y][x];
    memcpy(b + (size_t)(x0 + x) * n + y0, row, sizeof row);
  }
}

// n is a multiple of TILE. Tiles go by blocks, so that a page is used more
// than once.
void BASE(transpose)(uint32_t n, const float *a, float *b) {
#pragma omp parallel for schedule(static) collapse(2)
  for (uint32_t x0 = 0; x0 < n; x0 += BLOCK)
    for (uint32_t y0 = 0; y0 < n; y0 += BLOCK)
      for (uint32_t x = x0; x < n && x < x0 + BLOCK; x += TILE)
        for (uint32_t y = y0; y < n && y < y0 + BLOCK; y += TILE)
          transpose_tile(n, a, b, y, x);
}

// A tile of c from tiles of a and b, as the program has them in group memory.
enum { ROWS = 64, COLUMNS = 128, DEPTH = 32, HIGH = 8, WIDE = 32 };

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// Eight rows of 32 columns of sums: as many as stay in registers, enough to
// keep the multipliers busy; columns are the lanes of vectors.
static void multiply_block(uint32_t depth, const float (*restrict left)[DEPTH],
                           const float *restrict right, float *restrict sums) {
  float v[HIGH][WIDE];
  for (uint32_t i = 0; i < HIGH; i++)
    memcpy(v[i], sums + i * COLUMNS, sizeof v[i]);
#pragma GCC unroll 4
  for (uint32_t k = 0; k < depth; k++)
#pragma GCC unroll 8
    for (uint32_t i = 0; i < HIGH; i++)
      for (uint32_t j = 0; j < WIDE; j++)
        v[i][j] = fmaf(left[i][k], right[k * COLUMNS + j], v[i][j]);
  for (uint32_t i = 0; i < HIGH; i++)
    memcpy(sums + i * COLUMNS, v[i], sizeof v[i]);
}

static void multiply_tile(uint32_t n, const float *restrict a,
                          const float *restrict b, float *restrict c,
                          uint32_t y0, uint32_t x0) {
  float left[ROWS][DEPTH] = {{0}}, right[DEPTH][COLUMNS] = {{0}};
  float sums[ROWS][COLUMNS] = {{0}};
  uint32_t high = least(n - y0, ROWS), wide = least(n - x0, COLUMNS);
  for (uint32_t k0 = 0; k0 < n; k0 += DEPTH) {
    uint32_t depth = least(n - k0, DEPTH);
    for (uint32_t i = 0; i < high; i++)
      memcpy(left[i], a + (size_t)(y0 + i) * n + k0, depth * 4);
    for (uint32_t k = 0; k < depth; k++)
      memcpy(right[k], b + (size_t)(k0 + k) * n + x0, wide * 4);
    for (uint32_t y = 0; y < high; y += HIGH)
      for (uint32_t x = 0; x < wide; x += WIDE)
        multiply_block(depth, &left[y], &right[0][x], &sums[y][x]);
  }
  for (uint32_t i = 0; i < high; i++)
    memcpy(c + (size_t)(y0 + i) * n + x0, sums[i], wide * 4);
}

void BASE(multiply)(uint32_t n, const float *a, const float *b, float *c) {
#pragma omp parallel for schedule(static) collapse(2)
  for (uint32_t y = 0; y < n; y += ROWS)
    for (uint32_t x = 0; x < n; x += COLUMNS)
      multiply_tile(n, a, b, c, y, x);
}
