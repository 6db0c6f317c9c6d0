// W8: stable radix sort of keys with values, least digit first, 8 bits a
// pass: count the digits of each tile, sum what the tiles before have of a
// digit, scatter each tile 256 keys at a time.
#include "support.cuh"

enum { THREADS = 256, DIGITS = 256, WARPS = THREADS / WARP };

// Tiles begin at multiples of 256 keys: a load takes four neighbours, and four
// loads are on their way at a time.
static __global__ void __launch_bounds__(THREADS)
    count(const uint32_t *__restrict__ keys, uint32_t n, uint32_t shift,
          uint32_t tile, uint32_t *__restrict__ counts) {
  enum { LOADS = 4, STEP = 4 * THREADS };
  __shared__ uint32_t bins[DIGITS];
  bins[threadIdx.x] = 0;
  __syncthreads();
  uint32_t begin = blockIdx.x * tile, end = min(begin + tile, n);
  uint32_t whole = begin + (end - begin) / 4 * 4;
  for (uint32_t i = begin + 4 * threadIdx.x; i < whole; i += LOADS * STEP) {
    uint4 k[LOADS];
#pragma unroll
    for (uint32_t l = 0; l < LOADS; l++)
      k[l] = i + l * STEP < whole ? __ldg((const uint4 *)(keys + i + l * STEP))
                                  : make_uint4(0, 0, 0, 0);
#pragma unroll
    for (uint32_t l = 0; l < LOADS; l++)
      if (i + l * STEP < whole) {
        atomicAdd(&bins[k[l].x >> shift & 255], 1);
        atomicAdd(&bins[k[l].y >> shift & 255], 1);
        atomicAdd(&bins[k[l].z >> shift & 255], 1);
        atomicAdd(&bins[k[l].w >> shift & 255], 1);
      }
  }
  if (whole + threadIdx.x < end)
    atomicAdd(&bins[keys[whole + threadIdx.x] >> shift & 255], 1);
  __syncthreads();
  counts[blockIdx.x * DIGITS + threadIdx.x] = bins[threadIdx.x];
}

// The sum of the values of the threads before, and of all. One barrier; calls
// take turns with two arrays.
static __device__ inline uint32_t sum_before(uint32_t v, uint32_t sums[WARPS],
                                             uint32_t *all) {
  uint32_t lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
  uint32_t sum = warp_scan(v), before = sum - v;
  if (lane == WARP - 1)
    sums[warp] = sum;
  __syncthreads();
  *all = 0;
#pragma unroll
  for (uint32_t w = 0; w < WARPS; w++) {
    uint32_t of = sums[w];
    before += w < warp ? of : 0;
    *all += of;
  }
  return before;
}

// A block a digit: how many keys the tiles before have, how many there are.
static __global__ void __launch_bounds__(THREADS)
    starts(const uint32_t *__restrict__ counts, uint32_t tiles,
           uint32_t *__restrict__ before, uint32_t *__restrict__ totals) {
  __shared__ uint32_t sums[2][WARPS];
  uint32_t total = 0, turn = 0;
  for (uint32_t base = 0; base < tiles; base += THREADS, turn ^= 1) {
    uint32_t t = base + threadIdx.x, i = t * DIGITS + blockIdx.x, all;
    uint32_t least = sum_before(t < tiles ? counts[i] : 0, sums[turn], &all);
    if (t < tiles)
      before[i] = total + least;
    total += all;
  }
  if (threadIdx.x == 0)
    totals[blockIdx.x] = total;
}

// The lanes of the warp that are there and have this digit.
static __device__ inline uint32_t alike(uint32_t digit, bool there) {
  uint32_t mask = __ballot_sync(ALL, there);
#pragma unroll
  for (uint32_t bit = 0; bit < 8; bit++) {
    bool one = digit >> bit & 1;
    uint32_t ones = __ballot_sync(ALL, one);
    mask &= one ? ones : ~ones;
  }
  return mask;
}

// Thread t owns column t of both arrays, and knows where the next key with
// digit t goes. The next keys are on their way while these are moved.
static __global__ void __launch_bounds__(THREADS)
    scatter(const uint32_t *__restrict__ keys,
            const uint32_t *__restrict__ values, uint32_t n, uint32_t shift,
            uint32_t tile, const uint32_t *__restrict__ before,
            const uint32_t *__restrict__ totals,
            uint32_t *__restrict__ out_keys,
            uint32_t *__restrict__ out_values) {
  __shared__ uint32_t sums[WARPS];
  __shared__ uint32_t counts[WARPS][DIGITS]; // of 256 keys; zero in between
  __shared__ uint32_t places[WARPS][DIGITS];
  uint32_t lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, all;
  uint32_t begin = blockIdx.x * tile, end = min(begin + tile, n);
  uint32_t i = begin + threadIdx.x;
  uint32_t next_key = i < end ? keys[i] : 0;
  uint32_t next_value = i < end ? values[i] : 0;
#pragma unroll
  for (uint32_t w = 0; w < WARPS; w++)
    counts[w][threadIdx.x] = 0;
  uint32_t place = before[blockIdx.x * DIGITS + threadIdx.x];
  place += sum_before(totals[threadIdx.x], sums, &all); // and a barrier
  for (uint32_t base = begin; base < end; base += THREADS, i += THREADS) {
    bool there = i < end;
    uint32_t key = next_key, value = next_value, digit = key >> shift & 255;
    next_key = i + THREADS < end ? keys[i + THREADS] : 0;
    next_value = i + THREADS < end ? values[i + THREADS] : 0;
    uint32_t mask = alike(digit, there);
    uint32_t rank = __popc(mask & ((1u << lane) - 1));
    if (there && rank == 0)
      counts[warp][digit] = __popc(mask);
    __syncthreads();
    uint32_t column[WARPS];
#pragma unroll
    for (uint32_t w = 0; w < WARPS; w++)
      column[w] = counts[w][threadIdx.x];
#pragma unroll
    for (uint32_t w = 0; w < WARPS; w++) {
      counts[w][threadIdx.x] = 0;
      places[w][threadIdx.x] = place;
      place += column[w];
    }
    __syncthreads();
    if (there) {
      uint32_t to = places[warp][digit] + rank;
      out_keys[to] = key;
      out_values[to] = value;
    }
  }
}

// keys[0] is sorted, by way of keys[1], to keys[2]; so are the values.
void BASE(radix_sort)(cuda_side *s, uint32_t *const *keys,
                      uint32_t *const *values, uint32_t n, uint32_t tile,
                      uint32_t *counts, uint32_t *before, uint32_t *totals) {
  uint32_t tiles = blocks_of(n, tile);
  for (uint32_t pass = 0; pass < 4; pass++) {
    uint32_t from = pass == 0 ? 0 : pass % 2 ? 1 : 2, to = pass % 2 ? 2 : 1;
    uint32_t shift = 8 * pass;
    launch(s, tiles, THREADS, count, (const uint32_t *)keys[from], n, shift,
           tile, counts);
    launch(s, DIGITS, THREADS, starts, (const uint32_t *)counts, tiles, before,
           totals);
    launch(s, tiles, THREADS, scatter, (const uint32_t *)keys[from],
           (const uint32_t *)values[from], n, shift, tile,
           (const uint32_t *)before, (const uint32_t *)totals, keys[to],
           values[to]);
  }
}
