// What the baselines share: launching with or without events, the counts and
// prefix sums of a block.
#ifndef BENCH_SUPPORT_CUH
#define BENCH_SUPPORT_CUH

#include <cuda_runtime.h>

#include "cuda_baselines.h"

enum { MAX_EVENTS = 512, WARP = 32 };

constexpr uint32_t ALL = ~0u; // lanes of a warp

struct cuda_side {
  cudaStream_t stream;
  void *buffer[CUDA_BUFFERS];
  uint64_t size[CUDA_BUFFERS];
  cuda_mode mode;
  // Two for each kernel of a timed chain.
  cudaEvent_t events[MAX_EVENTS];
  uint32_t event_count;
  uint32_t *host; // pinned: where words are read to
  uint32_t word;  // the last one read
};

// Ends the process when `status` is not success.
void cuda_check(cudaError_t status, const char *what);
void cuda_mark(cuda_side *s);

template <typename... P, typename... A>
void launch(cuda_side *s, dim3 grid, dim3 block, void (*kernel)(P...),
            A... args) {
  cuda_mark(s);
  kernel<<<grid, block, 0, s->stream>>>(args...);
  cuda_check(cudaGetLastError(), "launch");
  cuda_mark(s);
  // As a dispatch is timed: one at a time.
  if (s->mode == CUDA_TIMED)
    cuda_check(cudaStreamSynchronize(s->stream), "kernel");
}

static inline uint32_t blocks_of(uint32_t n, uint32_t each) {
  return (uint32_t)(((uint64_t)n + each - 1) / each);
}

// ---- pieces of kernels

static __device__ inline uint32_t warp_scan(uint32_t v) { // inclusive
  uint32_t lane = threadIdx.x % WARP;
#pragma unroll
  for (uint32_t d = 1; d < WARP; d *= 2) {
    uint32_t left = __shfl_up_sync(ALL, v, d);
    v += lane >= d ? left : 0;
  }
  return v;
}

// The sum of a block's warps; every thread must call, with its warp's sum.
template <uint32_t THREADS>
__device__ inline uint32_t sum_of_block(uint32_t of_warp) {
  __shared__ uint32_t warps[THREADS / WARP];
  if (threadIdx.x % WARP == 0)
    warps[threadIdx.x / WARP] = of_warp;
  __syncthreads();
  uint32_t sum = 0;
#pragma unroll
  for (uint32_t w = 0; w < THREADS / WARP; w++)
    sum += warps[w];
  return sum;
}

// Exclusive prefix sums of n counts, and the total as one more element.
// `sums`: n / 1024 + 1 words that it may use.
void cuda_prefix_sum(cuda_side *s, const uint32_t *counts, uint32_t n,
                     uint32_t *sums, uint32_t *offsets);

#endif
