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

static __global__ void __launch_bounds__(WIDE *HIGH)
    stencil(uint32_t n, const float *__restrict__ a, float *__restrict__ b) {
  uint32_t x = blockIdx.x * WIDE + threadIdx.x;
  uint32_t y = blockIdx.y * HIGH + threadIdx.y;
  if (x >= n || y >= n)
    return;
  size_t i = (size_t)y * n + x;
  if (x == 0 || y == 0 || x == n - 1 || y == n - 1)
    b[i] = a[i];
  else
    b[i] = 0.2f * ((((a[i] + a[i - 1]) + a[i + 1]) + a[i - n]) + a[i + n]);
}

void BASE(stencil)(cuda_side *s, uint32_t n, const float *a, float *b) {
  launch(s, grid_of(n, n, WIDE, HIGH), dim3(WIDE, HIGH), stencil, n, a, b);
}

// Tiles of 32 x 32, four elements a thread. All of a thread's loads are on
// their way before the first one is waited for.
enum { TILE = 32, STEP = 8 };

static __global__ void __launch_bounds__(TILE *STEP)
    transpose(uint32_t n, const float *__restrict__ a, float *__restrict__ b) {
  __shared__ float tile[TILE][TILE + 1]; // a column more: no bank twice
  uint32_t x = blockIdx.x * TILE + threadIdx.x;
  uint32_t y = blockIdx.y * TILE + threadIdx.y;
  float v[TILE / STEP];
#pragma unroll
  for (uint32_t i = 0; i < TILE / STEP; i++)
    v[i] = x < n && y + i * STEP < n ? a[(size_t)(y + i * STEP) * n + x] : 0;
#pragma unroll
  for (uint32_t i = 0; i < TILE / STEP; i++)
    tile[threadIdx.y + i * STEP][threadIdx.x] = v[i];
  __syncthreads();
  x = blockIdx.y * TILE + threadIdx.x;
  y = blockIdx.x * TILE + threadIdx.y;
#pragma unroll
  for (uint32_t i = 0; i < TILE / STEP; i++)
    v[i] = tile[threadIdx.x][threadIdx.y + i * STEP];
#pragma unroll
  for (uint32_t i = 0; i < TILE / STEP; i++)
    if (x < n && y + i * STEP < n)
      b[(size_t)(y + i * STEP) * n + x] = v[i];
}

void BASE(transpose)(cuda_side *s, uint32_t n, const float *a, float *b) {
  launch(s, grid_of(n, n, TILE, TILE), dim3(TILE, STEP), transpose, n, a, b);
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
