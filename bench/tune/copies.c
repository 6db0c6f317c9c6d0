// How large copies between a GPU and host memory that is not pinned depend on
// the numbers of the cuda backend's tuning.c: each variant's rates, in GB/s,
// beside those of pinned memory. vyre-copies [MIB [RUNS]]
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <vyre/vyre.h>

#define vy__cuda_tuned tuned_default // what the library has
#include "backend/cuda/cuda.h"
#include "backend/cuda/tuning.c"
#undef vy__cuda_tuned

vy__cuda_tuning vy__cuda_tuned; // in place of the library's

enum { MOST_RUNS = 99 };

static uint64_t bytes;
static uint32_t runs = 15;
static uint32_t *in, *out; // of the host, not pinned
static vy_context *context;

static void need(bool ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "vyre-copies: %s\n", what);
  exit(1);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// The median rate of a call that moves all bytes.
static double rate(void (*call)(void *user), void *user) {
  double ns[MOST_RUNS];
  for (uint32_t i = 0; i < 2; i++)
    call(user);
  for (uint32_t i = 0; i < runs; i++) {
    uint64_t begin = vy__now_ns();
    call(user);
    ns[i] = (double)(vy__now_ns() - begin);
  }
  qsort(ns, runs, sizeof *ns, by_size);
  return (double)bytes / ns[runs / 2];
}

// ---- pinned memory, by the driver alone

typedef struct pinned {
  const vy__cu *cu;
  vy__cu_stream stream;
  vy__cu_address device;
  void *host;
} pinned;

static void pinned_in(void *user) {
  pinned *p = user;
  need(p->cu->copy_to_device(p->device, p->host, bytes, p->stream) ==
               VY__CU_OK &&
           p->cu->stream_wait(p->stream) == VY__CU_OK,
       "a copy");
}

static void pinned_out(void *user) {
  pinned *p = user;
  need(p->cu->copy_to_host(p->host, p->device, bytes, p->stream) == VY__CU_OK &&
           p->cu->stream_wait(p->stream) == VY__CU_OK,
       "a copy");
}

static void measure_pinned(double *to_device, double *to_host) {
  char why[256];
  int device;
  vy__cu_context c;
  pinned p = {.cu = vy__cu_open(why, sizeof why)};
  need(p.cu != NULL, why);
  bool ok =
      p.cu->device_get(&device, 0) == VY__CU_OK &&
      p.cu->primary_retain(&c, device) == VY__CU_OK &&
      p.cu->context_push(c) == VY__CU_OK &&
      p.cu->stream_create(&p.stream, VY__CU_STREAM_NON_BLOCKING) == VY__CU_OK &&
      p.cu->memory_alloc(&p.device, bytes) == VY__CU_OK &&
      p.cu->host_alloc(&p.host, bytes,
                       VY__CU_HOST_PORTABLE | VY__CU_HOST_MAPPED) == VY__CU_OK;
  need(ok, "the GPU");
  memset(p.host, 1, bytes);
  *to_device = rate(pinned_in, &p);
  *to_host = rate(pinned_out, &p);
  (void)p.cu->memory_free(p.device);
  (void)p.cu->host_free(p.host);
  (void)p.cu->stream_destroy(p.stream);
  (void)p.cu->context_pop(&c);
}

// ---- a variant

typedef struct gpu {
  vy_device *device;
  vy_pipeline *take_in, *give_out, *both;
  vy_buffer buffer;
  vy_outputs *few, *large;
} gpu;

static const char text[] =
    "program take_in(x: read u32[], y: write u32[1024]) {\n"
    "  lanes 1024;\n"
    "  y[lane] = x[lane * (len(x) / 1024)] + 1;\n"
    "}\n"
    "program give_out(y: write u32[]) {\n"
    "  lanes len(y);\n"
    "  y[lane] = lane * 5;\n"
    "}\n"
    "program both(x: read u32[], y: write u32[len(x)]) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] * 3 + lane;\n"
    "}\n";

static vy_pipeline *compile(vy_device *device, const char *name) {
  vy_source source = VY_SOURCE_INIT;
  vy_program *program = NULL;
  vy_pipeline *p = NULL;
  source.text = vy_str_c(text);
  source.program = vy_str_c(name);
  need(vy_program_parse(context, &source, &program, NULL) == VY_OK &&
           vy_compile(device, program, NULL, &p, NULL) == VY_OK,
       name);
  vy_program_release(program);
  return p;
}

static void dispatch(vy_pipeline *p, const vy_arg *args, size_t count,
                     vy_outputs *o) {
  need(vy_dispatch(p, args, count, NULL, o, NULL, NULL) == VY_OK, "dispatch");
}

static void upload(void *user) {
  gpu *g = user;
  vy_transfer t = {g->buffer, 0, bytes, in};
  need(vy_buffer_upload(g->device, &t, 1, NULL) == VY_OK, "upload");
}

static void download(void *user) {
  gpu *g = user;
  vy_transfer t = {g->buffer, 0, bytes, out};
  need(vy_buffer_download(g->device, &t, 1, NULL) == VY_OK, "download");
}

static void dispatch_in(void *user) {
  gpu *g = user;
  vy_arg args[] = {vy_arg_host(in, bytes), vy_arg_none()};
  dispatch(g->take_in, args, 2, g->few);
}

static void dispatch_out(void *user) {
  gpu *g = user;
  vy_arg args[] = {vy_arg_length(bytes / 4)};
  dispatch(g->give_out, args, 1, g->large);
}

// To memory that was never touched; giving it back is not counted.
static double fresh_rate(gpu *g) {
  double ns[MOST_RUNS];
  for (uint32_t i = 0; i < runs; i++) {
    void *to = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    vy_transfer t = {g->buffer, 0, bytes, to};
    need(to != MAP_FAILED, "memory");
    uint64_t begin = vy__now_ns();
    need(vy_buffer_download(g->device, &t, 1, NULL) == VY_OK, "download");
    ns[i] = (double)(vy__now_ns() - begin);
    (void)munmap(to, bytes);
  }
  qsort(ns, runs, sizeof *ns, by_size);
  return (double)bytes / ns[runs / 2];
}

static void dispatch_both(void *user) {
  gpu *g = user;
  vy_arg args[] = {vy_arg_host(in, bytes), vy_arg_none()};
  dispatch(g->both, args, 2, g->large);
}

// Results of each way, in full.
static void verify(gpu *g) {
  uint64_t n = bytes / 4, wrong = 0;
  upload(g);
  memset(out, 0xEE, bytes);
  download(g);
  wrong += memcmp(in, out, bytes) != 0;
  dispatch_out(g);
  for (uint64_t i = 0; i < n; i++)
    wrong += out[i] != (uint32_t)i * 5;
  dispatch_both(g);
  for (uint64_t i = 0; i < n; i++)
    wrong += out[i] != in[i] * 3 + (uint32_t)i;
  need(!wrong, "wrong results");
}

static void open_gpu(gpu *g) {
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c("cuda:0");
  need(vy_device_open(context, &d, &g->device, NULL) == VY_OK, "cuda:0");
  g->take_in = compile(g->device, "take_in");
  g->give_out = compile(g->device, "give_out");
  g->both = compile(g->device, "both");
  need(vy_buffer_create(g->device, bytes, &g->buffer, NULL) == VY_OK &&
           vy_outputs_create(context, 1, &g->few, NULL) == VY_OK &&
           vy_outputs_create(context, 1, &g->large, NULL) == VY_OK &&
           vy_outputs_set(g->large, 0, VY_SLOT_MEMORY, out, bytes) == VY_OK,
       "memory");
}

static void close_gpu(gpu *g) {
  vy_outputs_release(g->few);
  vy_outputs_release(g->large);
  vy_pipeline_release(g->take_in);
  vy_pipeline_release(g->give_out);
  vy_pipeline_release(g->both);
  vy_device_release(g->device);
}

static void measure(const char *what, double to_device, double to_host) {
  static void (*const calls[])(void *) = {upload, download, dispatch_in,
                                          dispatch_out, dispatch_both};
  const vy__cuda_tuning *t = &vy__cuda_tuned;
  double twice = 1 / (1 / to_device + 1 / to_host);
  double base[] = {to_device, to_host, to_device, to_host, twice};
  gpu g = {0};
  open_gpu(&g);
  verify(&g);
  printf("%-8s %2u threads, chunks %5llu K, least %4llu K, %2u slots, piece "
         "%4llu K, past %6llu K, staged %4llu K:",
         what, t->copy_threads, (unsigned long long)t->chunk >> 10,
         (unsigned long long)t->chunk_least >> 10, t->slots,
         (unsigned long long)t->piece >> 10,
         (unsigned long long)t->past_caches_least >> 10,
         (unsigned long long)t->staged_most >> 10);
  for (uint32_t i = 0; i < VY__COUNT(calls); i++) {
    double r = rate(calls[i], &g);
    printf(" %5.1f %.3f%s", r, r / base[i], i == 1 ? " |" : "");
  }
  printf(" | %.1f\n", fresh_rate(&g));
  fflush(stdout);
  close_gpu(&g);
}

// What a dispatch is besides its copies.
static void parts(void) {
  gpu g = {0};
  vy_timing t = VY_TIMING_INIT;
  vy_arg length[] = {vy_arg_length(bytes / 4)};
  open_gpu(&g);
  dispatch_out(&g);
  for (uint32_t i = 0; i < 3; i++) {
    need(vy_dispatch(g.give_out, length, 1, NULL, g.large, &t, NULL) == VY_OK,
         "dispatch");
    printf("out: device %.1f us, readback %.1f us, wall %.1f us\n",
           (double)t.device_ns / 1e3, (double)t.readback_ns / 1e3,
           (double)t.wall_ns / 1e3);
  }
  close_gpu(&g);
}

// ---- the variants

static void all(double to_device, double to_host) {
  vy__cuda_tuning *t = &vy__cuda_tuned;
  static const uint32_t threads[] = {1, 2, 4, 6, 8, 10, 12};
  static const uint32_t slots[] = {4, 8, 16};
#define VARIANT(what, change)                                                  \
  do {                                                                         \
    *t = tuned_default;                                                        \
    change;                                                                    \
    measure(what, to_device, to_host);                                         \
  } while (0)
  VARIANT("as it is", (void)0);
  for (uint32_t i = 0; i < VY__COUNT(threads); i++)
    VARIANT("threads", t->copy_threads = threads[i]);
  for (uint32_t i = 0; i < VY__COUNT(slots); i++)
    for (uint64_t k = 2; k <= 16; k *= 2)
      VARIANT("chunks", (t->slots = slots[i], t->chunk = k << 20));
  for (uint64_t k = 64; k <= 4096; k *= 2)
    VARIANT("edges", t->chunk_least = k << 10);
  for (uint64_t k = 32; k <= 1024; k *= 2)
    VARIANT("pieces", t->piece = k << 10);
  for (uint64_t k = 64; k <= 4096; k *= 2)
    VARIANT("staged", t->staged_most = k << 10);
  VARIANT("caches", t->past_caches_least = 0);
  VARIANT("caches", t->past_caches_least = UINT64_MAX);
  VARIANT("as it is", (void)0);
}

int main(int argc, char **argv) {
  double to_device, to_host;
  double mib = argc > 1 ? strtod(argv[1], NULL) : 256;
  if (argc > 2)
    runs = (uint32_t)strtoul(argv[2], NULL, 0);
  need(mib > 0.01 && mib < 65536 && runs && runs <= MOST_RUNS,
       "vyre-copies [MIB [RUNS]]");
  bytes = (uint64_t)(mib * 1024) << 10;
  in = malloc(bytes);
  out = malloc(bytes);
  need(in && out, "no memory");
  for (uint64_t i = 0; i < bytes / 4; i++)
    in[i] = (uint32_t)i * 0x9E3779B9u;
  memset(out, 1, bytes);
  need(vy_context_create(NULL, &context, NULL) == VY_OK, "a context");
  measure_pinned(&to_device, &to_host);
  printf("%g MiB; pinned in %.1f, out %.1f GB/s\n", mib, to_device, to_host);
  printf("GB/s and share of pinned: upload, download | dispatches: in, out, "
         "in and out | download to memory never touched\n");
  parts();
  all(to_device, to_host);
  vy_context_release(context);
  free(in);
  free(out);
  return 0;
}
