// What the card can do: copies, reads, fused multiply-adds. By events.
#include "support.cuh"

enum { THREADS = 256, CHAINS = 8, STEPS = 2048 };

static __global__ void __launch_bounds__(THREADS)
    copy(const uint4 *__restrict__ from, uint4 *__restrict__ to, size_t n) {
  size_t step = (size_t)gridDim.x * THREADS;
  for (size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x; i < n; i += step)
    to[i] = from[i];
}

static __global__ void __launch_bounds__(THREADS)
    read(const uint4 *__restrict__ from, uint4 *__restrict__ to, size_t n) {
  size_t step = (size_t)gridDim.x * THREADS;
  uint32_t sum = 0;
#pragma unroll 4
  for (size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x; i < n;
       i += step) {
    uint4 v = from[i];
    sum += v.x + v.y + v.z + v.w;
  }
  if (sum == 0x12345678) // so that it is computed
    to[0].x = sum;
}

template <typename T>
static __global__ void __launch_bounds__(THREADS) multiply_add(T *to, T m) {
  T v[CHAINS];
#pragma unroll
  for (int k = 0; k < CHAINS; k++)
    v[k] = T(k + threadIdx.x);
#pragma unroll 8
  for (int i = 0; i < STEPS; i++)
#pragma unroll
    for (int k = 0; k < CHAINS; k++)
      v[k] = fma(v[k], m, T(1));
  T sum = 0;
#pragma unroll
  for (int k = 0; k < CHAINS; k++)
    sum += v[k];
  if (sum == T(0.123)) // so that it is computed
    to[threadIdx.x] = sum;
}

static uint4 *from, *to;
static cudaStream_t stream;
static cudaEvent_t begin, end;
static uint32_t blocks;

static void open(uint64_t bytes) {
  cudaDeviceProp p;
  cuda_check(cudaGetDeviceProperties(&p, 0), "properties");
  blocks = (uint32_t)p.multiProcessorCount * 8;
  cuda_check(cudaMalloc((void **)&from, bytes), "memory");
  cuda_check(cudaMalloc((void **)&to, bytes), "memory");
  cuda_check(cudaMemset(from, 1, bytes), "set");
  cuda_check(cudaMemset(to, 1, bytes), "set");
  cuda_check(cudaDeviceSynchronize(), "set"); // our stream waits for no other
  cuda_check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking),
             "stream");
  cuda_check(cudaEventCreate(&begin), "event");
  cuda_check(cudaEventCreate(&end), "event");
}

static void close() {
  cuda_check(cudaFree(from), "free");
  cuda_check(cudaFree(to), "free");
  cuda_check(cudaStreamDestroy(stream), "stream");
  cuda_check(cudaEventDestroy(begin), "event");
  cuda_check(cudaEventDestroy(end), "event");
  from = NULL;
}

static void run(uint32_t index, uint64_t bytes) {
  if (index == 0)
    cuda_check(
        cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream),
        "copy");
  else if (index == 1)
    copy<<<blocks, THREADS, 0, stream>>>(from, to, bytes / sizeof *from);
  else if (index == 2)
    read<<<blocks, THREADS, 0, stream>>>(from, to, bytes / sizeof *from);
  else if (index == 3)
    multiply_add<<<blocks, THREADS, 0, stream>>>((float *)to, 0.5f);
  else
    multiply_add<<<blocks, THREADS, 0, stream>>>((double *)to, 0.5);
}

bool cuda_peak_measure(uint32_t index, uint64_t bytes, cuda_peak *out) {
  static const char *const names[] = {"copy", "copy by a kernel", "read",
                                      "fma f32", "fma f64"};
  if (index >= sizeof names / sizeof names[0]) {
    if (from)
      close();
    return false;
  }
  if (!from)
    open(bytes);
  float ms = 0;
  cuda_check(cudaEventRecord(begin, stream), "event");
  run(index, bytes);
  cuda_check(cudaEventRecord(end, stream), "event");
  cuda_check(cudaStreamSynchronize(stream), "peak");
  cuda_check(cudaEventElapsedTime(&ms, begin, end), "event");
  double lanes = (double)blocks * THREADS;
  out->name = names[index];
  out->work = index < 2    ? 2.0 * (double)bytes
              : index == 2 ? (double)bytes
                           : lanes * CHAINS * STEPS * 2;
  out->ns = ms * 1e6;
  return true;
}
