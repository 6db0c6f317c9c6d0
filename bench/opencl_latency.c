// PoCL's dispatch beside ours: enqueue and finish with resident buffers, and
// with a write before and a blocking read after.
#include "latency.h"

#ifdef HAVE_OPENCL
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

static const char *const text =
    "kernel void small(global const uint *x, global uint *y) {\n"
    "  uint i = get_global_id(0);\n"
    "  y[i] = x[i] * 3 + i;\n"
    "}\n";

typedef struct peer {
  cl_command_queue queue;
  cl_kernel kernel;
  cl_mem x, y;
  size_t n;
  uint32_t *host;
} peer;

static void check(cl_int status) {
  if (status != CL_SUCCESS)
    fail("OpenCL: %d", (int)status);
}

static void enqueue(peer *p) {
  check(clEnqueueNDRangeKernel(p->queue, p->kernel, 1, NULL, &p->n, NULL, 0,
                               NULL, NULL));
}

static void finish(void *state) {
  enqueue(state);
  check(clFinish(((peer *)state)->queue));
}

static void transfers(void *state) {
  peer *p = state;
  check(clEnqueueWriteBuffer(p->queue, p->x, CL_FALSE, 0, p->n * 4, p->host, 0,
                             NULL, NULL));
  enqueue(p);
  check(clEnqueueReadBuffer(p->queue, p->y, CL_TRUE, 0, p->n * 4,
                            p->host + p->n, 0, NULL, NULL));
}

static void batch(void *state) {
  for (uint32_t i = 0; i < 1000; i++)
    enqueue(state);
  check(clFinish(((peer *)state)->queue));
}

static void one_size(bench *b, bool *first, cl_context context, peer *p) {
  cl_int status;
  p->x = clCreateBuffer(context, CL_MEM_READ_WRITE, p->n * 4, NULL, &status);
  check(status);
  p->y = clCreateBuffer(context, CL_MEM_READ_WRITE, p->n * 4, NULL, &status);
  check(status);
  check(clSetKernelArg(p->kernel, 0, sizeof p->x, &p->x));
  check(clSetKernelArg(p->kernel, 1, sizeof p->y, &p->y));
  p->host = take(p->n * 8);
  for (uint32_t i = 0; i < p->n; i++)
    p->host[i] = mix(i);
  print_row(b, first, "dispatch", "PoCL, with transfers", p->n,
            measure_calls(transfers, p, 1));
  for (uint32_t i = 0; i < p->n; i++)
    if (p->host[p->n + i] != p->host[i] * 3 + i)
      fail("PoCL: lane %u of %zu is wrong", i, p->n);
  print_row(b, first, "dispatch", "PoCL, enqueue and finish", p->n,
            measure_calls(finish, p, 1));
  if (p->n < 1 << 20)
    print_row(b, first, "dispatch", "PoCL, 1000 and finish", p->n,
              measure_calls(batch, p, 1000));
  free(p->host);
  clReleaseMemObject(p->x);
  clReleaseMemObject(p->y);
}

void pocl_latency(bench *b, bool *first) {
  cl_platform_id platform;
  cl_device_id device;
  cl_int status;
  if (!cl_version() || clGetPlatformIDs(1, &platform, NULL) != CL_SUCCESS ||
      clGetDeviceIDs(platform, CL_DEVICE_TYPE_CPU, 1, &device, NULL) !=
          CL_SUCCESS)
    return;
  cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
  check(status);
  peer p = {0};
  p.queue = clCreateCommandQueue(context, device, 0, &status);
  check(status);
  const char *source = text;
  cl_program program =
      clCreateProgramWithSource(context, 1, &source, NULL, &status);
  check(status);
  check(clBuildProgram(program, 1, &device, "-cl-std=CL1.2", NULL, NULL));
  p.kernel = clCreateKernel(program, "small", &status);
  check(status);
  static const size_t sizes[] = {64, 4096, 1 << 20};
  for (uint32_t i = 0; i < 3; i++) {
    p.n = sizes[i];
    one_size(b, first, context, &p);
  }
  clReleaseKernel(p.kernel);
  clReleaseProgram(program);
  clReleaseCommandQueue(p.queue);
  clReleaseContext(context);
}

#else

void pocl_latency(bench *b, bool *first) {
  (void)b;
  (void)first;
}

#endif
