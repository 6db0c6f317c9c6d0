// W7: few bins are counted in shared memory by blocks of many values, many
// straight in the result.
#include "support.cuh"

enum { THREADS = 256, FEW = 256, LEAST = 16384, BLOCKS = 1024 };

// A block takes `share` values, a multiple of LEAST.
static __global__ void __launch_bounds__(THREADS)
    histogram_few(const uint32_t *__restrict__ x, uint32_t n, uint32_t share,
                  uint32_t *__restrict__ out) {
  __shared__ uint32_t own[FEW];
  own[threadIdx.x] = 0;
  __syncthreads();
  uint32_t begin = blockIdx.x * share;
  if (n - begin >= share) {
    const uint4 *at = (const uint4 *)(x + begin) + threadIdx.x;
#pragma unroll 4
    for (uint32_t k = 0; k < share / 4; k += THREADS) {
      uint4 v = at[k];
      atomicAdd(&own[v.x % FEW], 1);
      atomicAdd(&own[v.y % FEW], 1);
      atomicAdd(&own[v.z % FEW], 1);
      atomicAdd(&own[v.w % FEW], 1);
    }
  } else {
    for (uint32_t i = begin + threadIdx.x; i < n; i += THREADS)
      atomicAdd(&own[x[i] % FEW], 1);
  }
  __syncthreads();
  if (own[threadIdx.x])
    atomicAdd(&out[threadIdx.x], own[threadIdx.x]);
}

static __global__ void __launch_bounds__(THREADS)
    histogram_many(const uint32_t *__restrict__ x, uint32_t n, uint32_t mask,
                   uint32_t *__restrict__ out) {
  uint32_t i = blockIdx.x * THREADS + threadIdx.x;
  if (i < n)
    atomicAdd(&out[x[i] & mask], 1);
}

// `bins` is a power of two.
void BASE(histogram)(cuda_side *s, const uint32_t *x, uint32_t n, uint32_t bins,
                     uint32_t *out) {
  cuda_set(s, out, 0, bins * 4ull);
  uint32_t share = blocks_of(blocks_of(n, BLOCKS), LEAST) * LEAST;
  if (bins == FEW)
    launch(s, blocks_of(n, share), THREADS, histogram_few, x, n, share, out);
  else
    launch(s, blocks_of(n, THREADS), THREADS, histogram_many, x, n, bins - 1,
           out);
}
