// The card, the memory of a job on it, and how a chain of kernels is timed.
#include "support.cuh"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cuda_check(cudaError_t status, const char *what) {
  if (status == cudaSuccess)
    return;
  fprintf(stderr, "bench: CUDA: %s: %s\n", what, cudaGetErrorString(status));
  exit(1);
}

const char *cuda_missing(void) {
  int count = 0;
  cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess)
    return cudaGetErrorString(status);
  return count ? NULL : "no card";
}

static void version(char *to, size_t size, int number) {
  snprintf(to, size, "%d.%d", number / 1000, number % 1000 / 10);
}

void cuda_describe(cuda_card *card) {
  cudaDeviceProp p;
  int driver = 0, runtime = 0;
  memset(card, 0, sizeof *card);
  cuda_check(cudaGetDeviceProperties(&p, 0), "properties");
  cuda_check(cudaDriverGetVersion(&driver), "driver");
  cuda_check(cudaRuntimeGetVersion(&runtime), "runtime");
  snprintf(card->name, sizeof card->name, "%s", p.name);
  version(card->driver, sizeof card->driver, driver);
  version(card->runtime, sizeof card->runtime, runtime);
  card->processors = (uint32_t)p.multiProcessorCount;
  card->major = (uint32_t)p.major;
  card->minor = (uint32_t)p.minor;
  card->memory = p.totalGlobalMem;
  card->level2 = (uint64_t)p.l2CacheSize;
}

cuda_side *cuda_open(void) {
  cuda_side *s = (cuda_side *)calloc(1, sizeof *s);
  if (!s)
    cuda_check(cudaErrorMemoryAllocation, "side");
  cuda_check(cudaStreamCreateWithFlags(&s->stream, cudaStreamNonBlocking),
             "stream");
  for (uint32_t i = 0; i < MAX_EVENTS; i++)
    cuda_check(cudaEventCreate(&s->events[i]), "event");
  cuda_check(cudaMallocHost((void **)&s->host, 64), "pinned memory");
  return s;
}

void cuda_close(cuda_side *s) {
  cuda_check(cudaStreamSynchronize(s->stream), "end");
  for (uint32_t i = 0; i < CUDA_BUFFERS; i++)
    cuda_check(cudaFree(s->buffer[i]), "free");
  for (uint32_t i = 0; i < MAX_EVENTS; i++)
    cuda_check(cudaEventDestroy(s->events[i]), "event");
  cuda_check(cudaFreeHost(s->host), "free");
  cuda_check(cudaStreamDestroy(s->stream), "stream");
  free(s);
}

void cuda_create(cuda_side *s, uint32_t index, const void *data,
                 uint64_t size) {
  cuda_check(cudaMalloc(&s->buffer[index], size), "memory");
  s->size[index] = size;
  if (data)
    cuda_upload(s, index, data, size);
  else
    cuda_set(s, s->buffer[index], 0, size);
}

void *cuda_at(const cuda_side *s, uint32_t index) { return s->buffer[index]; }

void cuda_upload(cuda_side *s, uint32_t index, const void *from,
                 uint64_t size) {
  cuda_check(cudaMemcpyAsync(s->buffer[index], from, size,
                             cudaMemcpyHostToDevice, s->stream),
             "upload");
}

void cuda_download(cuda_side *s, uint32_t index, void *to, uint64_t size) {
  cuda_check(cudaMemcpyAsync(to, s->buffer[index], size, cudaMemcpyDeviceToHost,
                             s->stream),
             "download");
  cuda_check(cudaStreamSynchronize(s->stream), "download");
}

void cuda_begin(cuda_side *s, cuda_mode mode) {
  s->mode = mode;
  s->event_count = 0;
}

double cuda_end(cuda_side *s) {
  double sum = 0;
  cuda_check(cudaStreamSynchronize(s->stream), "kernels");
  for (uint32_t i = 0; i + 1 < s->event_count; i += 2) {
    float ms = 0;
    cuda_check(cudaEventElapsedTime(&ms, s->events[i], s->events[i + 1]),
               "event");
    sum += ms * 1e6;
  }
  return sum;
}

void cuda_mark(cuda_side *s) {
  if (s->mode != CUDA_TIMED)
    return;
  if (s->event_count == MAX_EVENTS)
    cuda_check(cudaErrorInvalidValue, "too many kernels");
  cuda_check(cudaEventRecord(s->events[s->event_count++], s->stream), "event");
}

void cuda_copy(cuda_side *s, void *to, const void *from, uint64_t size) {
  cuda_check(
      cudaMemcpyAsync(to, from, size, cudaMemcpyDeviceToDevice, s->stream),
      "copy");
}

void cuda_set(cuda_side *s, void *at, int byte, uint64_t size) {
  cuda_check(cudaMemsetAsync(at, byte, size, s->stream), "set");
}

uint32_t cuda_word(cuda_side *s, const uint32_t *at) {
  if (s->mode == CUDA_STREAM)
    return s->word;
  cuda_check(cudaMemcpyAsync(s->host, at, 4, cudaMemcpyDeviceToHost, s->stream),
             "download");
  cuda_check(cudaStreamSynchronize(s->stream), "download");
  return s->word = *s->host;
}

// ---- prefix sums of counts, in parts of 1024: four neighbours a thread

enum { SCAN = 256, EACH = 4, PART = SCAN * EACH };

static __device__ inline uint4 four(const uint32_t *__restrict__ x, uint32_t n,
                                    uint32_t i) {
  if (i + EACH <= n)
    return __ldg((const uint4 *)(x + i));
  return make_uint4(i < n ? x[i] : 0, i + 1 < n ? x[i + 1] : 0,
                    i + 2 < n ? x[i + 2] : 0, 0);
}

static __global__ void __launch_bounds__(SCAN)
    part_sums(const uint32_t *__restrict__ counts, uint32_t n,
              uint32_t *__restrict__ sums) {
  uint4 v = four(counts, n, blockIdx.x * PART + threadIdx.x * EACH);
  uint32_t sum =
      sum_of_block<SCAN>(__reduce_add_sync(ALL, v.x + v.y + v.z + v.w));
  if (threadIdx.x == 0)
    sums[blockIdx.x] = sum;
}

// One barrier: a warp's own sum, and what it found of the parts before, are
// added up by every thread.
static __global__ void __launch_bounds__(SCAN)
    prefix_sum(const uint32_t *__restrict__ counts, uint32_t n,
               const uint32_t *__restrict__ sums,
               uint32_t *__restrict__ offsets) {
  __shared__ uint32_t own[SCAN / WARP], earlier[SCAN / WARP];
  uint32_t lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
  uint32_t i = blockIdx.x * PART + threadIdx.x * EACH;
  uint4 v = four(counts, n, i);
  uint32_t before = 0;
  for (uint32_t k = threadIdx.x; k < blockIdx.x; k += SCAN)
    before += sums[k];
  before = __reduce_add_sync(ALL, before);
  uint32_t mine = v.x + v.y + v.z + v.w, sum = warp_scan(mine);
  if (lane == WARP - 1) {
    own[warp] = sum;
    earlier[warp] = before;
  }
  __syncthreads();
  uint32_t place = sum - mine;
#pragma unroll
  for (uint32_t w = 0; w < SCAN / WARP; w++)
    place += earlier[w] + (w < warp ? own[w] : 0);
  uint4 to;
  to.x = place;
  to.y = to.x + v.x;
  to.z = to.y + v.y;
  to.w = to.z + v.z;
  // The total is element n.
  if (i + EACH <= n + 1) {
    *(uint4 *)(offsets + i) = to;
  } else {
    if (i <= n)
      offsets[i] = to.x;
    if (i + 1 <= n)
      offsets[i + 1] = to.y;
    if (i + 2 <= n)
      offsets[i + 2] = to.z;
  }
}

void cuda_prefix_sum(cuda_side *s, const uint32_t *counts, uint32_t n,
                     uint32_t *sums, uint32_t *offsets) {
  uint32_t parts = n / PART + 1;
  if (parts > 1) // the first has none before it
    launch(s, parts - 1, SCAN, part_sums, counts, n, sums);
  launch(s, parts, SCAN, prefix_sum, counts, n, (const uint32_t *)sums,
         offsets);
}
