// W7: sums and prefix sums, level by level in groups of 256. Floats follow
// the canonical tree, so that their bits are those of the program.
#include "support.cuh"

enum { GROUP = 256, WARPS = GROUP / WARP, EACH = GROUP / WARP };

// ---- eight neighbours of a group's 256, for each thread of a warp

template <typename T>
static __device__ inline void take(const T *__restrict__ x, uint32_t n,
                                   uint32_t group, T v[EACH]) {
  uint64_t first = (uint64_t)group * GROUP + threadIdx.x % WARP * EACH;
  if (((uint64_t)group + 1) * GROUP <= n) {
    *(uint4 *)&v[0] = __ldg((const uint4 *)(x + first));
    *(uint4 *)&v[4] = __ldg((const uint4 *)(x + first) + 1);
  } else {
#pragma unroll
    for (uint32_t k = 0; k < EACH; k++)
      v[k] = first + k < n ? x[first + k] : T(0);
  }
}

template <typename T>
static __device__ inline void put(T *__restrict__ y, uint32_t n, uint32_t group,
                                  const T v[EACH]) {
  uint64_t first = (uint64_t)group * GROUP + threadIdx.x % WARP * EACH;
  if (((uint64_t)group + 1) * GROUP <= n) {
    *(uint4 *)(y + first) = *(const uint4 *)&v[0];
    *((uint4 *)(y + first) + 1) = *(const uint4 *)&v[4];
  } else {
#pragma unroll
    for (uint32_t k = 0; k < EACH; k++)
      if (first + k < n)
        y[first + k] = v[k];
  }
}

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

// Floats: pairs of neighbours, then of their sums. A warp is a group, whose
// threads take eight neighbours each.
static __global__ void __launch_bounds__(GROUP)
    group_sums(const float *__restrict__ x, uint32_t n,
               float *__restrict__ sums) {
  uint32_t group = blockIdx.x * WARPS + threadIdx.x / WARP;
  alignas(16) float v[EACH];
  take(x, n, group, v);
  float own = ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
#pragma unroll
  for (uint32_t d = 1; d < WARP; d *= 2)
    own = own + __shfl_down_sync(ALL, own, d);
  if (threadIdx.x % WARP == 0 && group < (n + GROUP - 1) / GROUP)
    sums[group] = own;
}

static void sum_level(cuda_side *s, const uint32_t *x, uint32_t n,
                      uint32_t *sums) {
  launch(s, blocks_of(n, GROUP * WARPS), GROUP,
         (void (*)(const uint32_t *, uint32_t, uint32_t *))group_sums, x, n,
         sums);
}

static void sum_level(cuda_side *s, const float *x, uint32_t n, float *sums) {
  launch(s, blocks_of(n, GROUP * WARPS), GROUP,
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

// In place and inclusive, all 256.
static __device__ inline void scan_all(uint32_t v[EACH]) {
#pragma unroll
  for (uint32_t k = 1; k < EACH; k++)
    v[k] += v[k - 1];
  uint32_t before = warp_scan(v[EACH - 1]) - v[EACH - 1];
#pragma unroll
  for (uint32_t k = 0; k < EACH; k++)
    v[k] += before;
}

// After Sklansky: which half adds what is what fixes the bits.
static __device__ inline void scan_all(float v[EACH]) {
  uint32_t lane = threadIdx.x % WARP;
#pragma unroll
  for (uint32_t d = 1; d < EACH; d *= 2)
#pragma unroll
    for (uint32_t k = 0; k < EACH; k++)
      if (k & d)
        v[k] = v[(k & ~(2 * d - 1)) + d - 1] + v[k];
#pragma unroll
  for (uint32_t d = 1; d < WARP; d *= 2) {
    float left = __shfl_sync(ALL, v[EACH - 1], (lane & ~(2 * d - 1)) + d - 1);
#pragma unroll
    for (uint32_t k = 0; k < EACH; k++)
      v[k] = lane & d ? left + v[k] : v[k];
  }
}

// offsets NULL: zero.
template <typename T, bool INCLUSIVE>
static __global__ void __launch_bounds__(GROUP)
    scan_groups(const T *__restrict__ x, uint32_t n,
                const T *__restrict__ offsets, T *__restrict__ y) {
  uint32_t group = blockIdx.x * WARPS + threadIdx.x / WARP;
  if (group >= (n + GROUP - 1) / GROUP)
    return;
  alignas(16) T v[EACH];
  T offset = offsets ? offsets[group] : T(0);
  take(x, n, group, v);
  scan_all(v);
  if (!INCLUSIVE) {
    T left = __shfl_up_sync(ALL, v[EACH - 1], 1);
#pragma unroll
    for (uint32_t k = EACH - 1; k > 0; k--)
      v[k] = v[k - 1];
    v[0] = threadIdx.x % WARP ? left : T(0);
  }
#pragma unroll
  for (uint32_t k = 0; k < EACH; k++)
    v[k] = offset + v[k];
  put(y, n, group, v);
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
    launch(s, blocks_of(n, GROUP * WARPS), GROUP, scan_groups<T, true>, x, n,
           offsets, y);
  else
    launch(s, blocks_of(n, GROUP * WARPS), GROUP, scan_groups<T, false>, x, n,
           offsets, y);
}

void BASE(scan_u32)(cuda_side *s, const uint32_t *x, uint32_t n, uint32_t *y,
                    uint32_t *const *sums, uint32_t *const *scanned) {
  scan(s, x, n, true, y, sums, scanned);
}

void BASE(scan_f32)(cuda_side *s, const float *x, uint32_t n, float *y,
                    float *const *sums, float *const *scanned) {
  scan(s, x, n, true, y, sums, scanned);
}
