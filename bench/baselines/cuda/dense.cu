// W14 and W16: the Mandelbrot set, stencil, transpose, matrix multiply.
#include "support.cuh"

#include <cuda_pipeline.h>

static dim3 grid_of(uint32_t w, uint32_t h, uint32_t x, uint32_t y) {
  return dim3(blocks_of(w, x), blocks_of(h, y));
}

// ---- W14

enum { STEPS = 256, WIDE = 32, HIGH = 8 };

template <typename T>
static __global__ void __launch_bounds__(WIDE *HIGH)
    mandelbrot(uint32_t w, uint32_t h, uint32_t *__restrict__ steps) {
  uint32_t x = blockIdx.x * WIDE + threadIdx.x;
  uint32_t y = blockIdx.y * HIGH + threadIdx.y;
  if (x >= w || y >= h)
    return;
  T cx = T(-2) + T(3) * T(x) / T(w), cy = T(-1.5) + T(3) * T(y) / T(h);
  T zx = 0, zy = 0;
  uint32_t k = 0;
  for (; k < STEPS && zx * zx + zy * zy <= T(4); k++) {
    T t = (zx * zx - zy * zy) + cx;
    zy = T(2) * zx * zy + cy;
    zx = t;
  }
  steps[(size_t)y * w + x] = k;
}

void BASE(mandelbrot_f32)(cuda_side *s, uint32_t w, uint32_t h,
                          uint32_t *steps) {
  launch(s, grid_of(w, h, WIDE, HIGH), dim3(WIDE, HIGH), mandelbrot<float>, w,
         h, steps);
}

void BASE(mandelbrot_f64)(cuda_side *s, uint32_t w, uint32_t h,
                          uint32_t *steps) {
  launch(s, grid_of(w, h, WIDE, HIGH), dim3(WIDE, HIGH), mandelbrot<double>, w,
         h, steps);
}

// ---- W16

static __device__ inline float five(float c, float w, float e, float up,
                                    float down) {
  return 0.2f * ((((c + w) + e) + up) + down);
}

static __device__ inline void one_of_stencil(uint32_t n,
                                             const float *__restrict__ a,
                                             float *__restrict__ b, uint32_t x,
                                             uint32_t y) {
  size_t i = (size_t)y * n + x;
  if (x >= n || y >= n)
    return;
  if (x == 0 || y == 0 || x == n - 1 || y == n - 1)
    b[i] = a[i];
  else
    b[i] = five(a[i], a[i - 1], a[i + 1], a[i - n], a[i + n]);
}

// Four neighbours in each of two rows a thread, 16 bytes at once, all loads on
// their way before the first one is waited for; n is a multiple of four.
enum { TALL = 2 };

static __global__ void __launch_bounds__(WIDE *HIGH)
    stencil(uint32_t n, const float *__restrict__ a, float *__restrict__ b) {
  uint32_t x = 4 * (blockIdx.x * WIDE + threadIdx.x);
  uint32_t y = TALL * (blockIdx.y * HIGH + threadIdx.y);
  if (!(x > 0 && x + 4 < n && y > 0 && y + TALL < n)) {
#pragma unroll 1
    for (uint32_t k = 0; k < 4 * TALL; k++)
      one_of_stencil(n, a, b, x + k % 4, y + k / 4);
    return;
  }
  size_t i = (size_t)y * n + x;
  float4 rows[TALL + 2];
  float west[TALL], east[TALL];
#pragma unroll
  for (uint32_t k = 0; k < TALL + 2; k++)
    rows[k] = __ldg((const float4 *)(a + i + (size_t)k * n - n));
#pragma unroll
  for (uint32_t k = 0; k < TALL; k++) {
    west[k] = a[i + (size_t)k * n - 1];
    east[k] = a[i + (size_t)k * n + 4];
  }
#pragma unroll
  for (uint32_t k = 0; k < TALL; k++) {
    float4 up = rows[k], at = rows[k + 1], down = rows[k + 2], to;
    to.x = five(at.x, west[k], at.y, up.x, down.x);
    to.y = five(at.y, at.x, at.z, up.y, down.y);
    to.z = five(at.z, at.y, at.w, up.z, down.z);
    to.w = five(at.w, at.z, east[k], up.w, down.w);
    *(float4 *)(b + i + (size_t)k * n) = to;
  }
}

static __global__ void __launch_bounds__(WIDE *HIGH)
    stencil_by_one(uint32_t n, const float *__restrict__ a,
                   float *__restrict__ b) {
  one_of_stencil(n, a, b, blockIdx.x * WIDE + threadIdx.x,
                 blockIdx.y * HIGH + threadIdx.y);
}

void BASE(stencil)(cuda_side *s, uint32_t n, const float *a, float *b) {
  if (n % 4)
    launch(s, grid_of(n, n, WIDE, HIGH), dim3(WIDE, HIGH), stencil_by_one, n, a,
           b);
  else
    launch(s, grid_of(n / 4, n, WIDE, HIGH * TALL), dim3(WIDE, HIGH), stencil,
           n, a, b);
}

// Tiles of 64 x 64, eight elements a thread, one below the other. All of a
// thread's loads are on their way before the first one is waited for. Blocks go
// down the columns of a, so that they write along the rows of b.
enum { TILE = 64, BREADTH = 32, STEP = 16 };

static __global__ void __launch_bounds__(BREADTH *STEP)
    transpose(uint32_t n, const float *__restrict__ a, float *__restrict__ b) {
  __shared__ float tile[TILE][TILE + 1]; // a column more: no bank twice
  uint32_t x0 = blockIdx.y * TILE, y0 = blockIdx.x * TILE;
  float v[TILE / STEP][TILE / BREADTH];
#pragma unroll
  for (uint32_t j = 0; j < TILE / STEP; j++)
#pragma unroll
    for (uint32_t i = 0; i < TILE / BREADTH; i++) {
      uint32_t x = x0 + threadIdx.x + i * BREADTH;
      uint32_t y = y0 + threadIdx.y + j * STEP;
      v[j][i] = x < n && y < n ? a[(size_t)y * n + x] : 0;
    }
#pragma unroll
  for (uint32_t j = 0; j < TILE / STEP; j++)
#pragma unroll
    for (uint32_t i = 0; i < TILE / BREADTH; i++)
      tile[threadIdx.y + j * STEP][threadIdx.x + i * BREADTH] = v[j][i];
  __syncthreads();
#pragma unroll
  for (uint32_t j = 0; j < TILE / STEP; j++)
#pragma unroll
    for (uint32_t i = 0; i < TILE / BREADTH; i++)
      v[j][i] = tile[threadIdx.x + i * BREADTH][threadIdx.y + j * STEP];
#pragma unroll
  for (uint32_t j = 0; j < TILE / STEP; j++)
#pragma unroll
    for (uint32_t i = 0; i < TILE / BREADTH; i++) {
      uint32_t x = y0 + threadIdx.x + i * BREADTH;
      uint32_t y = x0 + threadIdx.y + j * STEP;
      if (x < n && y < n)
        b[(size_t)y * n + x] = v[j][i];
    }
}

void BASE(transpose)(cuda_side *s, uint32_t n, const float *a, float *b) {
  launch(s, grid_of(n, n, TILE, TILE), dim3(BREADTH, STEP), transpose, n, a, b);
}

// A block makes 64 rows of 128 columns from tiles in shared memory; a thread
// makes 8 rows of 4 columns, for k upward.
enum { ACROSS = 32, DOWN = 8, EACH = 8, BESIDE = 4 };
enum { ROWS = DOWN * EACH, COLUMNS = ACROSS * BESIDE, DEPTH = 32 };

// Starts the copies of HEIGHT rows of WIDTH elements of `from`, at row y and
// column x: of 16 bytes, or of single elements if some are missing.
template <uint32_t HEIGHT, uint32_t WIDTH>
static __device__ inline void stage(float *to, const float *__restrict__ from,
                                    uint32_t n, uint32_t y, uint32_t x) {
  constexpr uint32_t LANES = ACROSS * DOWN;
  uint32_t lane = threadIdx.y * ACROSS + threadIdx.x;
  from += (size_t)y * n + x;
  if (n % 4 == 0 && y + HEIGHT <= n && x + WIDTH <= n) {
#pragma unroll
    for (uint32_t i = 0; i < HEIGHT * WIDTH / 4 / LANES; i++) {
      uint32_t at = 4 * (lane + i * LANES);
      __pipeline_memcpy_async(
          to + at, from + (size_t)(at / WIDTH) * n + at % WIDTH, 16);
    }
  } else {
#pragma unroll 1
    for (uint32_t at = lane; at < HEIGHT * WIDTH; at += LANES)
      if (y + at / WIDTH < n && x + at % WIDTH < n)
        __pipeline_memcpy_async(
            to + at, from + (size_t)(at / WIDTH) * n + at % WIDTH, 4);
  }
}

// Four steps of k: a row's values, and the columns', are loads of 16 bytes.
static __device__ inline void four_steps(float acc[EACH][BESIDE],
                                         const float (*left)[DEPTH],
                                         const float (*right)[COLUMNS],
                                         uint32_t k) {
  float4 r[4];
#pragma unroll
  for (uint32_t q = 0; q < 4; q++)
    r[q] = *(const float4 *)&right[k + q][BESIDE * threadIdx.x];
#pragma unroll
  for (uint32_t i = 0; i < EACH; i++) {
    float4 l = *(const float4 *)&left[threadIdx.y * EACH + i][k];
    const float lefts[4] = {l.x, l.y, l.z, l.w};
#pragma unroll
    for (uint32_t q = 0; q < 4; q++) {
      acc[i][0] = fmaf(lefts[q], r[q].x, acc[i][0]);
      acc[i][1] = fmaf(lefts[q], r[q].y, acc[i][1]);
      acc[i][2] = fmaf(lefts[q], r[q].z, acc[i][2]);
      acc[i][3] = fmaf(lefts[q], r[q].w, acc[i][3]);
    }
  }
}

static __global__ void __launch_bounds__(ACROSS *DOWN)
    multiply(uint32_t n, const float *__restrict__ a,
             const float *__restrict__ b, float *__restrict__ c) {
  // Two of each: the next are on their way while these are used.
  __shared__ __align__(16) float lefts[2][ROWS][DEPTH];
  __shared__ __align__(16) float rights[2][DEPTH][COLUMNS];
  uint32_t top = blockIdx.y * ROWS, first = blockIdx.x * COLUMNS, turn = 0;
  float acc[EACH][BESIDE] = {};
  stage<ROWS, DEPTH>(lefts[0][0], a, n, top, 0);
  stage<DEPTH, COLUMNS>(rights[0][0], b, n, 0, first);
  __pipeline_commit();
  for (uint32_t base = 0; base < n; base += DEPTH) {
    const float(*left)[DEPTH] = lefts[turn];
    const float(*right)[COLUMNS] = rights[turn];
    __pipeline_wait_prior(0);
    __syncthreads(); // and all are done with the other two
    turn ^= 1;
    if (n - base > DEPTH) {
      stage<ROWS, DEPTH>(lefts[turn][0], a, n, top, base + DEPTH);
      stage<DEPTH, COLUMNS>(rights[turn][0], b, n, base + DEPTH, first);
      __pipeline_commit();
    }
    if (n - base >= DEPTH) {
#pragma unroll 4
      for (uint32_t k = 0; k < DEPTH; k += 4)
        four_steps(acc, left, right, k);
    } else {
#pragma unroll 1
      for (uint32_t k = 0; k < n - base; k++)
#pragma unroll
        for (uint32_t i = 0; i < EACH; i++)
#pragma unroll
          for (uint32_t j = 0; j < BESIDE; j++)
            acc[i][j] =
                fmaf(left[threadIdx.y * EACH + i][k],
                     right[k][BESIDE * threadIdx.x + j], acc[i][j]);
    }
  }
#pragma unroll
  for (uint32_t i = 0; i < EACH; i++)
#pragma unroll
    for (uint32_t j = 0; j < BESIDE; j++) {
      uint32_t y = top + threadIdx.y * EACH + i;
      uint32_t x = first + BESIDE * threadIdx.x + j;
      if (x < n && y < n)
        c[(size_t)y * n + x] = acc[i][j];
    }
}

void BASE(multiply)(cuda_side *s, uint32_t n, const float *a, const float *b,
                    float *c) {
  launch(s, grid_of(n, n, COLUMNS, ROWS), dim3(ACROSS, DOWN), multiply, n, a, b,
         c);
}
