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

// ---- prefix sums of floats: of the groups' sums, then of each group

// In place and inclusive, all 256. After Sklansky: which half adds what is
// what fixes the bits.
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
static __global__ void __launch_bounds__(GROUP)
    scan_groups(const float *__restrict__ x, uint32_t n,
                const float *__restrict__ offsets, float *__restrict__ y) {
  uint32_t group = blockIdx.x * WARPS + threadIdx.x / WARP;
  if (group >= (n + GROUP - 1) / GROUP)
    return;
  alignas(16) float v[EACH];
  float offset = offsets ? offsets[group] : 0;
  take(x, n, group, v);
  scan_all(v);
#pragma unroll
  for (uint32_t k = 0; k < EACH; k++)
    v[k] = offset + v[k];
  put(y, n, group, v);
}

// What stands before a thread's value in its block, by the same tree.
static __device__ inline float before_in_block(float v) {
  __shared__ float all[GROUP];
  uint32_t t = threadIdx.x;
  all[t] = v;
#pragma unroll
  for (uint32_t d = 1; d < GROUP; d *= 2) {
    __syncthreads();
    if (t & d)
      all[t] = all[(t & ~(2 * d - 1)) + d - 1] + all[t];
  }
  __syncthreads();
  float before = t ? all[t - 1] : 0;
  __syncthreads();
  return before;
}

// The sum of a block's values, by the tree of sums.
static __device__ inline float sum_in_block(float v) {
  __shared__ float warps[WARPS];
#pragma unroll
  for (uint32_t d = 1; d < WARP; d *= 2)
    v = v + __shfl_down_sync(ALL, v, d);
  if (threadIdx.x % WARP == 0)
    warps[threadIdx.x / WARP] = v;
  __syncthreads();
  float sum = ((warps[0] + warps[1]) + (warps[2] + warps[3])) +
              ((warps[4] + warps[5]) + (warps[6] + warps[7]));
  __syncthreads();
  return sum;
}

static __device__ inline float of_thread(float v, uint32_t t) {
  __shared__ float one;
  if (threadIdx.x == t)
    one = v;
  __syncthreads();
  float all = one;
  __syncthreads();
  return all;
}

// Exclusive prefix sums of n sums, up to 2^24: a block finds out itself what
// stands before it, from the sums of its likes. (As three levels would.)
static __global__ void __launch_bounds__(GROUP)
    scan_sums(const float *__restrict__ x, uint32_t n,
              const float *__restrict__ sums, float *__restrict__ y) {
  uint32_t i = blockIdx.x * GROUP + threadIdx.x, blocks = (n - 1) / GROUP + 1;
  uint32_t above = blockIdx.x / GROUP, at = above * GROUP + threadIdx.x;
  float v = i < n ? x[i] : 0, own = at < blocks ? sums[at] : 0, whole = 0;
  for (uint32_t b = 0; b < above; b++) {
    float sum = sum_in_block(sums[b * GROUP + threadIdx.x]);
    whole = threadIdx.x == b ? sum : whole;
  }
  float offset = 0.0f + of_thread(before_in_block(whole), above);
  offset = offset + of_thread(before_in_block(own), blockIdx.x % GROUP);
  float before = before_in_block(v);
  if (i < n)
    y[i] = offset + before;
}

void BASE(scan_f32)(cuda_side *s, const float *x, uint32_t n, float *y,
                    float *const *sums, float *const *scanned) {
  const float *offsets = NULL;
  if (n > GROUP) {
    uint32_t groups = blocks_of(n, GROUP);
    sum_level(s, x, n, sums[0]);
    if (groups > GROUP)
      sum_level(s, (const float *)sums[0], groups, sums[1]);
    // (Of one block the sum is not looked at.)
    launch(s, blocks_of(groups, GROUP), GROUP, scan_sums,
           (const float *)sums[0], groups, (const float *)sums[groups > GROUP],
           scanned[0]);
    offsets = scanned[0];
  }
  launch(s, blocks_of(n, GROUP * WARPS), GROUP, scan_groups, x, n, offsets, y);
}

// ---- prefix sums of integers: of blocks, whose likes' sums before it a block
// adds up itself

enum { ROWS = 4, ROW = 4 * GROUP, BLOCK = ROWS * ROW };

// Four rows of four neighbours a thread; the rows of a warp lie together.
static __device__ inline void take_rows(const uint32_t *__restrict__ x,
                                        uint32_t n, uint4 v[ROWS]) {
  uint32_t first = blockIdx.x * BLOCK + threadIdx.x / WARP * (BLOCK / WARPS) +
                   threadIdx.x % WARP * 4;
#pragma unroll
  for (uint32_t k = 0; k < ROWS; k++) {
    uint32_t i = first + k * 4 * WARP;
    if (blockIdx.x < n / BLOCK)
      v[k] = __ldg((const uint4 *)(x + i));
    else
      v[k] = make_uint4(i < n ? x[i] : 0, i + 1 < n ? x[i + 1] : 0,
                        i + 2 < n ? x[i + 2] : 0, i + 3 < n ? x[i + 3] : 0);
  }
}

static __global__ void __launch_bounds__(GROUP)
    block_sums(const uint32_t *__restrict__ x, uint32_t n,
               uint32_t *__restrict__ sums) {
  uint4 v[ROWS];
  uint32_t own = 0;
  take_rows(x, n, v);
#pragma unroll
  for (uint32_t k = 0; k < ROWS; k++)
    own += v[k].x + v[k].y + v[k].z + v[k].w;
  own = sum_of_block<GROUP>(__reduce_add_sync(ALL, own));
  if (threadIdx.x == 0)
    sums[blockIdx.x] = own;
}

static __device__ inline void put_rows(uint32_t *__restrict__ y, uint32_t n,
                                       const uint4 v[ROWS]) {
  uint32_t first = blockIdx.x * BLOCK + threadIdx.x / WARP * (BLOCK / WARPS) +
                   threadIdx.x % WARP * 4;
#pragma unroll
  for (uint32_t k = 0; k < ROWS; k++) {
    uint32_t i = first + k * 4 * WARP;
    const uint32_t all[] = {v[k].x, v[k].y, v[k].z, v[k].w};
    if (blockIdx.x < n / BLOCK)
      *(uint4 *)(y + i) = v[k];
    else
      for (uint32_t j = 0; j < 4; j++)
        if (i + j < n)
          y[i + j] = all[j];
  }
}

static __global__ void __launch_bounds__(GROUP)
    scan_blocks(const uint32_t *__restrict__ x, uint32_t n,
                const uint32_t *__restrict__ sums, uint32_t *__restrict__ y) {
  __shared__ uint32_t warps[WARPS], parts[WARPS];
  uint32_t part = 0, own = 0, before[ROWS];
  uint4 v[ROWS];
  take_rows(x, n, v);
  for (uint32_t b = threadIdx.x; b < blockIdx.x; b += GROUP)
    part += sums[b];
#pragma unroll
  for (uint32_t k = 0; k < ROWS; k++) {
    v[k].y += v[k].x;
    v[k].z += v[k].y;
    v[k].w += v[k].z;
    uint32_t sum = warp_scan(v[k].w);
    before[k] = own + sum - v[k].w;
    own += __shfl_sync(ALL, sum, WARP - 1);
  }
  part = __reduce_add_sync(ALL, part);
  if (threadIdx.x % WARP == 0) {
    warps[threadIdx.x / WARP] = own;
    parts[threadIdx.x / WARP] = part;
  }
  __syncthreads();
  uint32_t offset = 0;
#pragma unroll
  for (uint32_t w = 0; w < WARPS; w++)
    offset += parts[w] + (w < threadIdx.x / WARP ? warps[w] : 0);
#pragma unroll
  for (uint32_t k = 0; k < ROWS; k++) {
    uint32_t at = offset + before[k];
    v[k] = make_uint4(at + v[k].x, at + v[k].y, at + v[k].z, at + v[k].w);
  }
  put_rows(y, n, v);
}

void BASE(scan_u32)(cuda_side *s, const uint32_t *x, uint32_t n, uint32_t *y,
                    uint32_t *sums) {
  uint32_t blocks = blocks_of(n, BLOCK);
  if (blocks > 1)
    launch(s, blocks, GROUP, block_sums, x, n, sums);
  launch(s, blocks, GROUP, scan_blocks, x, n, (const uint32_t *)sums, y);
}
