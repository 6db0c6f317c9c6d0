// W7: sums and prefix sums, level by level in groups of 256. Floats follow
// the canonical tree, so that their bits are those of the program.
#include "support.cuh"

enum { GROUP = 256, WARPS = GROUP / WARP };

// ---- sums

// Integers: a warp takes 256 values.
static __global__ void __launch_bounds__(GROUP)
    group_sums(const uint32_t *__restrict__ x, uint32_t n,
               uint32_t *__restrict__ sums) {
  uint32_t group = blockIdx.x * WARPS + threadIdx.x / WARP;
  uint32_t lane = threadIdx.x % WARP, v = 0;
#pragma unroll
  for (uint32_t k = 0; k < GROUP / WARP; k++) {
    uint64_t i = (uint64_t)group * GROUP + k * WARP + lane;
    v += i < n ? x[i] : 0;
  }
  v = __reduce_add_sync(ALL, v);
  if (lane == 0 && group < (n + GROUP - 1) / GROUP)
    sums[group] = v;
}

// Floats: pairs of neighbours, then of their sums. A block is a group.
static __global__ void __launch_bounds__(GROUP)
    group_sums(const float *__restrict__ x, uint32_t n,
               float *__restrict__ sums) {
  __shared__ float warps[WARPS];
  uint32_t i = blockIdx.x * GROUP + threadIdx.x;
  float v = i < n ? x[i] : 0.0f;
#pragma unroll
  for (uint32_t d = 1; d < WARP; d *= 2)
    v = v + __shfl_down_sync(ALL, v, d);
  if (threadIdx.x % WARP == 0)
    warps[threadIdx.x / WARP] = v;
  __syncthreads();
  if (threadIdx.x == 0)
    sums[blockIdx.x] = ((warps[0] + warps[1]) + (warps[2] + warps[3])) +
                       ((warps[4] + warps[5]) + (warps[6] + warps[7]));
}

static void sum_level(cuda_side *s, const uint32_t *x, uint32_t n,
                      uint32_t *sums) {
  launch(s, blocks_of(n, GROUP * WARPS), GROUP,
         (void (*)(const uint32_t *, uint32_t, uint32_t *))group_sums, x, n,
         sums);
}

static void sum_level(cuda_side *s, const float *x, uint32_t n, float *sums) {
  launch(s, blocks_of(n, GROUP), GROUP,
         (void (*)(const float *, uint32_t, float *))group_sums, x, n, sums);
}

template <typename T>
static void sum(cuda_side *s, const T *x, uint32_t n, T *const *sums) {
  for (uint32_t k = 0; n > 1; k++) {
    sum_level(s, x, n, sums[k]);
    x = sums[k];
    n = blocks_of(n, GROUP);
  }
}

void BASE(sum_u32)(cuda_side *s, const uint32_t *x, uint32_t n,
                   uint32_t *const *sums) {
  sum(s, x, n, sums);
}

void BASE(sum_f32)(cuda_side *s, const float *x, uint32_t n,
                   float *const *sums) {
  sum(s, x, n, sums);
}

// ---- prefix sums

static __device__ inline uint32_t scan_in_warp(uint32_t v) {
  return warp_scan(v);
}

// After Sklansky: which half adds what is what fixes the bits.
static __device__ inline float scan_in_warp(float v) {
  uint32_t lane = threadIdx.x % WARP;
#pragma unroll
  for (uint32_t d = 1; d < WARP; d *= 2) {
    float left = __shfl_sync(ALL, v, (lane & ~(2 * d - 1)) + d - 1);
    v = lane & d ? left + v : v;
  }
  return v;
}

// The levels above a warp: v of a thread of warp `w`, from the sums of whole
// warps.
template <typename T>
static __device__ inline T join(const T *sums, uint32_t w, T v) {
  if (w & 1)
    v = sums[w - 1] + v;
  if (w & 2)
    v = (sums[w & ~3u] + sums[(w & ~3u) + 1]) + v;
  if (w & 4)
    v = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + v;
  return v;
}

// offsets NULL: zero.
template <typename T, bool INCLUSIVE>
static __global__ void __launch_bounds__(GROUP)
    scan_groups(const T *__restrict__ x, uint32_t n,
                const T *__restrict__ offsets, T *__restrict__ y) {
  __shared__ T warps[WARPS];
  uint32_t i = blockIdx.x * GROUP + threadIdx.x;
  uint32_t lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
  T v = scan_in_warp(i < n ? x[i] : T(0));
  if (lane == WARP - 1)
    warps[warp] = v;
  __syncthreads();
  v = join(warps, warp, v);
  if (!INCLUSIVE) {
    T left = __shfl_up_sync(ALL, v, 1);
    if (lane == 0)
      left = warp ? join(warps, warp - 1, warps[warp - 1]) : T(0);
    v = left;
  }
  if (i < n)
    y[i] = (offsets ? offsets[blockIdx.x] : T(0)) + v;
}

template <typename T>
static void scan(cuda_side *s, const T *x, uint32_t n, bool inclusive, T *y,
                 T *const *sums, T *const *scanned) {
  const T *offsets = NULL;
  if (n > GROUP) {
    sum_level(s, x, n, sums[0]);
    scan(s, (const T *)sums[0], blocks_of(n, GROUP), false, scanned[0],
         sums + 1, scanned + 1);
    offsets = scanned[0];
  }
  if (inclusive)
    launch(s, blocks_of(n, GROUP), GROUP, scan_groups<T, true>, x, n, offsets,
           y);
  else
    launch(s, blocks_of(n, GROUP), GROUP, scan_groups<T, false>, x, n, offsets,
           y);
}

void BASE(scan_u32)(cuda_side *s, const uint32_t *x, uint32_t n, uint32_t *y,
                    uint32_t *const *sums, uint32_t *const *scanned) {
  scan(s, x, n, true, y, sums, scanned);
}

void BASE(scan_f32)(cuda_side *s, const float *x, uint32_t n, float *y,
                    float *const *sums, float *const *scanned) {
  scan(s, x, n, true, y, sums, scanned);
}
