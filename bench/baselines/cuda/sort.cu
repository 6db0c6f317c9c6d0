// W8: stable radix sort of keys with values, least digit first, 8 bits a
// pass: count the digits of each tile, sum the counts, scatter each tile 256
// keys at a time.
#include "support.cuh"

enum { THREADS = 256, DIGITS = 256, WARPS = THREADS / WARP };

static __global__ void __launch_bounds__(THREADS)
    count(const uint32_t *__restrict__ keys, uint32_t n, uint32_t shift,
          uint32_t tile, uint32_t *__restrict__ counts) {
  __shared__ uint32_t bins[DIGITS];
  bins[threadIdx.x] = 0;
  __syncthreads();
  uint32_t begin = blockIdx.x * tile, end = min(begin + tile, n);
#pragma unroll 4
  for (uint32_t i = begin + threadIdx.x; i < end; i += THREADS)
    atomicAdd(&bins[keys[i] >> shift & 255], 1);
  __syncthreads();
  counts[threadIdx.x * gridDim.x + blockIdx.x] = bins[threadIdx.x];
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

static __global__ void __launch_bounds__(THREADS)
    scatter(const uint32_t *__restrict__ keys,
            const uint32_t *__restrict__ values, uint32_t n, uint32_t shift,
            uint32_t tile, const uint32_t *__restrict__ offsets,
            uint32_t *__restrict__ out_keys,
            uint32_t *__restrict__ out_values) {
  __shared__ uint32_t places[DIGITS];        // of the next key of each digit
  __shared__ uint32_t counts[WARPS][DIGITS]; // of 256 keys; zero in between
  uint32_t lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
  places[threadIdx.x] = offsets[threadIdx.x * gridDim.x + blockIdx.x];
  for (uint32_t w = 0; w < WARPS; w++)
    counts[w][threadIdx.x] = 0;
  __syncthreads();
  uint32_t begin = blockIdx.x * tile, end = min(begin + tile, n);
  uint32_t i = begin + threadIdx.x;
  uint32_t next = i < end ? keys[i] : 0;
  for (uint32_t base = begin; base < end; base += THREADS, i += THREADS) {
    bool there = i < end;
    uint32_t key = next, digit = key >> shift & 255;
    uint32_t value = there ? values[i] : 0;
    next = i + THREADS < end ? keys[i + THREADS] : 0;
    uint32_t mask = alike(digit, there);
    uint32_t rank = __popc(mask & ((1u << lane) - 1));
    bool first = there && rank == 0; // of its digit in its warp
    if (first)
      counts[warp][digit] = __popc(mask);
    __syncthreads();
    if (there) {
      uint32_t to = places[digit] + rank;
#pragma unroll
      for (uint32_t w = 0; w < WARPS; w++)
        to += w < warp ? counts[w][digit] : 0;
      out_keys[to] = key;
      out_values[to] = value;
    }
    __syncthreads();
    if (first) {
      atomicAdd(&places[digit], counts[warp][digit]);
      counts[warp][digit] = 0;
    }
    __syncwarp();
  }
}

// keys[0] is sorted, by way of keys[1], to keys[2]; so are the values.
void BASE(radix_sort)(cuda_side *s, uint32_t *const *keys,
                      uint32_t *const *values, uint32_t n, uint32_t tile,
                      uint32_t *counts, uint32_t *offsets) {
  uint32_t tiles = blocks_of(n, tile);
  for (uint32_t pass = 0; pass < 4; pass++) {
    uint32_t from = pass == 0 ? 0 : pass % 2 ? 1 : 2, to = pass % 2 ? 2 : 1;
    uint32_t shift = 8 * pass;
    launch(s, tiles, THREADS, count, (const uint32_t *)keys[from], n, shift,
           tile, counts);
    cuda_prefix_sum(s, counts, DIGITS * tiles, offsets);
    launch(s, tiles, THREADS, scatter, (const uint32_t *)keys[from],
           (const uint32_t *)values[from], n, shift, tile,
           (const uint32_t *)offsets, keys[to], values[to]);
  }
}
