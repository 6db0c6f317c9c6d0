// The ways that PoCL computes a job: OpenCL C from baselines/pocl, contraction
// off in its text, buffers on the device, kernels enqueued and waited for.
#include "harness.h"

#ifdef HAVE_OPENCL
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

struct cl_side {
  job *job;
  void (*chain)(cl_side *s);
  cl_context context;
  cl_command_queue queue;
  cl_program program;
  cl_kernel kernel[MAX_PROGRAMS];
  cl_mem buffer[MAX_BUFFERS];
  result results[MAX_RESULTS];
  uint32_t result_count;
};

static cl_device_id device;
static cl_context context;
static char version[128];

static void check_cl(cl_int status, const char *what) {
  if (status != CL_SUCCESS)
    fail("OpenCL: %s: %d", what, (int)status);
}

// The first CPU device of any platform; NULL where there is none.
static cl_device_id find_device(void) {
  if (device)
    return device;
  cl_platform_id platforms[8];
  cl_uint count = 0;
  if (clGetPlatformIDs(8, platforms, &count) != CL_SUCCESS)
    return NULL;
  for (cl_uint i = 0; i < count && i < 8 && !device; i++)
    if (clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_CPU, 1, &device, NULL) ==
        CL_SUCCESS)
      clGetPlatformInfo(platforms[i], CL_PLATFORM_VERSION, sizeof version,
                        version, NULL);
    else
      device = NULL;
  return device;
}

const char *cl_version(void) { return find_device() ? version : NULL; }

static cl_program build(cl_side *s) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", POCL_DIR, s->job->cl_file);
  FILE *f = fopen(path, "rb");
  if (!f)
    fail("%s cannot be read", path);
  char *text = take(1 << 16);
  size_t size = fread(text, 1, 1 << 16, f);
  fclose(f);
  cl_int status;
  cl_program p = clCreateProgramWithSource(context, 1, (const char **)&text,
                                           &size, &status);
  check_cl(status, "source");
  if (clBuildProgram(p, 1, &device,
                     "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt",
                     NULL, NULL) != CL_SUCCESS) {
    clGetProgramBuildInfo(p, device, CL_PROGRAM_BUILD_LOG, 1 << 16, text, NULL);
    fail("%s: %s", s->job->cl_file, text);
  }
  free(text);
  return p;
}

static void create_buffers(cl_side *s) {
  cl_int status;
  for (uint32_t i = 0; i < MAX_BUFFERS; i++) {
    const memory *m = &s->job->memory[i];
    if (!m->size)
      continue;
    s->buffer[i] =
        clCreateBuffer(context, CL_MEM_READ_WRITE, m->size, NULL, &status);
    check_cl(status, "buffer");
    if (m->data)
      check_cl(clEnqueueWriteBuffer(s->queue, s->buffer[i], CL_TRUE, 0, m->size,
                                    m->data, 0, NULL, NULL),
               "upload");
    else
      cl_fill(s, i, m->size);
  }
}

void cl_go(cl_side *s, uint32_t kernel, cl_range range, const cl_value *args,
           uint32_t count) {
  cl_kernel k = s->kernel[kernel];
  for (uint32_t i = 0; i < count; i++) {
    const cl_value *a = &args[i];
    cl_int status =
        a->kind == 0 ? clSetKernelArg(k, i, sizeof(cl_mem), &s->buffer[a->bits])
        : a->kind == 1 ? clSetKernelArg(k, i, 4, &a->bits)
                       : clSetKernelArg(k, i, a->size, NULL);
    check_cl(status, s->job->kernels[kernel]);
  }
  check_cl(clEnqueueNDRangeKernel(
               s->queue, k, range.dimensions, NULL, range.global,
               range.local[0] ? range.local : NULL, 0, NULL, NULL),
           s->job->kernels[kernel]);
}

job *cl_job(const cl_side *s) { return s->job; }

static void read_buffer(cl_side *s, uint32_t buffer, uint64_t offset,
                        uint64_t size, void *to) {
  if (size)
    check_cl(clEnqueueReadBuffer(s->queue, s->buffer[buffer], CL_TRUE, offset,
                                 size, to, 0, NULL, NULL),
             "download");
}

uint32_t cl_read_u32(cl_side *s, uint32_t buffer, uint64_t offset) {
  uint32_t v;
  read_buffer(s, buffer, offset, 4, &v);
  return v;
}

void cl_set_u32(cl_side *s, uint32_t buffer, uint32_t value) {
  check_cl(clEnqueueWriteBuffer(s->queue, s->buffer[buffer], CL_TRUE, 0, 4,
                                &value, 0, NULL, NULL),
           "upload");
}

void cl_fill(cl_side *s, uint32_t buffer, uint64_t size) {
  cl_uint zero = 0;
  cl_uchar zero8 = 0;
  bool words = size % 4 == 0;
  check_cl(clEnqueueFillBuffer(s->queue, s->buffer[buffer],
                               words ? (void *)&zero : (void *)&zero8,
                               words ? 4 : 1, 0, size, 0, NULL, NULL),
           "fill");
}

void cl_copy(cl_side *s, uint32_t from, uint32_t to, uint64_t size) {
  check_cl(clEnqueueCopyBuffer(s->queue, s->buffer[from], s->buffer[to], 0, 0,
                               size, 0, NULL, NULL),
           "copy");
}

void cl_result(cl_side *s, uint32_t buffer, uint64_t size) {
  s->results[s->result_count++] = (result){buffer, size};
}

static void run(void *state) {
  cl_side *s = state;
  s->result_count = 0;
  s->chain(s);
  check_cl(clFinish(s->queue), "finish");
}

static size_t fetch(void *state) {
  cl_side *s = state;
  size_t at = 0;
  for (uint32_t i = 0; i < s->result_count; i++) {
    result r = s->results[i];
    if (at + r.size <= s->job->out_capacity)
      read_buffer(s, r.buffer, 0, r.size, s->job->out + at);
    at += r.size;
  }
  return at;
}

static void close_side(void *state) {
  cl_side *s = state;
  for (uint32_t i = 0; i < MAX_BUFFERS; i++)
    if (s->buffer[i])
      clReleaseMemObject(s->buffer[i]);
  for (uint32_t i = 0; i < MAX_PROGRAMS; i++)
    if (s->kernel[i])
      clReleaseKernel(s->kernel[i]);
  clReleaseProgram(s->program);
  clReleaseCommandQueue(s->queue);
  free(s);
}

void job_pocl(job *j, void (*chain)(cl_side *s)) {
  if (j->bench->verify || j->bench->gpu || !find_device())
    return;
  cl_int status;
  if (!context)
    context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
  cl_side *s = take(sizeof *s);
  s->job = j;
  s->chain = chain;
  s->queue = clCreateCommandQueue(context, device, 0, &status);
  check_cl(status, "queue");
  s->program = build(s);
  for (uint32_t i = 0; i < MAX_PROGRAMS && j->kernels[i]; i++) {
    s->kernel[i] = clCreateKernel(s->program, j->kernels[i], &status);
    check_cl(status, j->kernels[i]);
  }
  create_buffers(s);
  way *w = job_way(j, "pocl", j->bench->threads, true);
  w->state = s;
  w->run = run;
  w->output = fetch;
  w->close = close_side;
}

#else // without OpenCL

void job_pocl(job *j, void (*chain)(cl_side *s)) {
  (void)j;
  (void)chain;
}
void cl_go(cl_side *s, uint32_t kernel, cl_range range, const cl_value *args,
           uint32_t count) {
  (void)s, (void)kernel, (void)range, (void)args, (void)count;
}
job *cl_job(const cl_side *s) {
  (void)s;
  return NULL;
}
uint32_t cl_read_u32(cl_side *s, uint32_t buffer, uint64_t offset) {
  (void)s, (void)buffer, (void)offset;
  return 0;
}
void cl_set_u32(cl_side *s, uint32_t buffer, uint32_t value) {
  (void)s, (void)buffer, (void)value;
}
void cl_fill(cl_side *s, uint32_t buffer, uint64_t size) {
  (void)s, (void)buffer, (void)size;
}
void cl_copy(cl_side *s, uint32_t from, uint32_t to, uint64_t size) {
  (void)s, (void)from, (void)to, (void)size;
}
void cl_result(cl_side *s, uint32_t buffer, uint64_t size) {
  (void)s, (void)buffer, (void)size;
}
const char *cl_version(void) { return NULL; }

#endif
