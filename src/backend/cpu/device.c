// The cpu device: its options, its description, its resident memory (which is
// host memory), and the table of what it can do.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>

#include "backend/cpu/cpu.h"
#include "backend/replay.h"

#ifndef VYRE_LLVM_VERSION
#define VYRE_LLVM_VERSION "19"
#endif

enum { MAX_THREADS = 1024 };

static const struct {
  const char *name;
  uint32_t lanes; // 32-bit lanes of a register
} levels[] = {
    [VY__ISA_NONE] = {"none", 0},
    [VY__ISA_SSE4] = {"sse4", 4},
    [VY__ISA_AVX2] = {"avx2", 8},
    [VY__ISA_AVX512] = {"avx512", 16},
};

// CPUs that the process may use.
static uint32_t available_cpus(void) {
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
  return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (uint32_t)n;
}

// ---- describing

static void fill_info(vy_device_info *out, vy__kernel_isa isa, uint32_t width,
                      uint32_t threads) {
  snprintf(out->name, sizeof out->name, "cpu");
  snprintf(out->driver, sizeof out->driver, "vyre %d.%d.%d, llvm %s, %s",
           VY_VERSION_MAJOR, VY_VERSION_MINOR, VY_VERSION_PATCH,
           VYRE_LLVM_VERSION, levels[isa].name);
  snprintf(out->evidence, sizeof out->evidence, "executed conformance here");
  snprintf(out->legalised, sizeof out->legalised, "%s",
           isa == VY__ISA_SSE4 ? "fma, f16" : "");
  out->lanes = width ? width : levels[isa].lanes;
  out->threads = threads;
  out->device_time = 1;
}

static bool describe_backend(uint32_t index, vy_device_info *out) {
  char path[4200];
  vy__kernel_isa isa = vy__kernel_host_isa();
  if (index)
    return false;
  fill_info(out, isa, 0, available_cpus());
  if (isa == VY__ISA_NONE)
    snprintf(out->reason, sizeof out->reason,
             "it needs an x86-64 processor with SSE4 (x86-64-v2)\nFix: use the "
             "reference device");
  else if (vy__module_find(path, sizeof path, out->reason, sizeof out->reason))
    out->available = 1;
  if (!out->available)
    out->evidence[0] = 0;
  return true;
}

static void describe(const void *device, vy_device_info *out) {
  const vy__cpu *d = device;
  fill_info(out, d->isa, d->width, d->threads);
  out->reason[0] = 0;
}

static void identity(const void *device, char *out, size_t size) {
  const vy__cpu *d = device;
  char width[16] = "auto";
  if (d->width)
    snprintf(width, sizeof width, "%u", d->width);
  snprintf(out, size, "cpu %d abi %d isa %s width %s llvm %s", VY_VERSION,
           VY__KERNEL_ABI, levels[d->isa].name, width, VYRE_LLVM_VERSION);
}

// ---- options

static vy_status check_options(const vy_device_desc *o, vy_diags *diags) {
  uint32_t w = o->vector_width;
  if (o->lane_order != VY_ORDER_FORWARD)
    return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                    "the cpu device has no lane orders; lane_order is %u",
                    o->lane_order);
  if (o->threads > MAX_THREADS)
    return vy__fail_argument(diags, "threads is %u; at most %d are possible",
                             o->threads, MAX_THREADS);
  if (w && w != 1 && w != 4 && w != 8 && w != 16 && w != 32)
    return vy__fail_argument(
        diags, "vector_width is %u; it must be 1, 4, 8, 16, 32 or 0", w);
  if (o->cpu_features > VY_CPU_FEATURES_AVX512)
    return vy__fail_argument(
        diags, "cpu_features is %u; it must be a VY_CPU_FEATURES_ value",
        o->cpu_features);
  if (!o->affinity != !o->affinity_count)
    return vy__fail_argument(diags, "affinity is %s, its count %u",
                             o->affinity ? "given" : "NULL", o->affinity_count);
  for (uint32_t i = 0; i < o->affinity_count; i++)
    if (o->affinity[i] >= CPU_SETSIZE)
      return vy__fail_argument(diags, "affinity[%u] is %u; CPUs are below %d",
                               i, o->affinity[i], CPU_SETSIZE);
  return VY_OK;
}

static vy_status set_isa(vy__cpu *d, uint32_t features, vy_diags *diags) {
  vy__kernel_isa host = vy__kernel_host_isa();
  d->isa = features == VY_CPU_FEATURES_HOST ? host : (vy__kernel_isa)features;
  if (d->isa > host)
    return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                    "cpu_features asks for %s; this processor has %s",
                    levels[d->isa].name, levels[host].name);
  return VY_OK;
}

// ---- opening and closing

static void free_device(vy__cpu *d) {
  const vy_allocator *a = &d->host.context->alloc;
  vy__scratches_free(&d->scratch);
  vy__free(a, d->cpus, d->cpu_count * sizeof *d->cpus);
  vy__free_aligned(a, d, sizeof *d);
}

static void close_device(void *device) {
  vy__cpu *d = device;
  vy__crew_stop(&d->crew);
  free_device(d);
}

static vy_status set_up(vy__cpu *d, const vy_device_desc *o, vy_diags *diags) {
  const vy_allocator *a = &d->host.context->alloc;
  VY_TRY(set_isa(d, o->cpu_features, diags));
  d->width = o->vector_width;
  d->threads = o->threads ? o->threads : available_cpus();
  d->parallel_for = o->parallel_for;
  d->parallel_user = o->parallel_user;
  if (o->affinity_count) {
    d->cpus = vy__alloc(a, o->affinity_count * sizeof *d->cpus);
    if (!d->cpus)
      return vy__fail_oom(diags, "the cpu device");
    d->cpu_count = o->affinity_count;
    memcpy(d->cpus, o->affinity, o->affinity_count * sizeof *d->cpus);
  }
  d->crew.alloc = a;
  d->crew.lead = vy__cpu_lead;
  d->crew.user = d;
  d->crew.cpus = d->cpus;
  d->crew.cpu_count = d->cpu_count;
  return vy__crew_start(&d->crew, o->parallel_for ? 0 : d->threads - 1, diags);
}

static vy_status open_device(vy_context *context, const vy_device_desc *desc,
                             uint32_t index, void **out, vy_diags *diags) {
  (void)index;
  VY_TRY(check_options(desc, diags));
  vy__cpu *d = vy__alloc_aligned(&context->alloc, sizeof *d);
  if (!d)
    return vy__fail_oom(diags, "the cpu device");
  d->host = (vy__host_device){context, vy__cpu_drain};
  vy__scratches_init(&d->scratch, &context->alloc);
  vy_status s = set_up(d, desc, diags);
  if (s != VY_OK) {
    free_device(d);
    return s;
  }
  *out = d;
  return VY_OK;
}

static void wait_done(void *device, const _Atomic uint32_t *done,
                      uint64_t deadline_ns) {
  vy__cpu *d = device;
  vy__crew_wait(&d->crew, done, deadline_ns);
}

static vy_status release(void *device, uint32_t count) {
  (void)device, (void)count;
  return VY_ERROR_UNSUPPORTED;
}

static const vy__device_ops ops = {
    .close = close_device,
    .describe = describe,
    .identity = identity,
    .compile = vy__cpu_compile,
    .code_free = vy__cpu_code_free,
    .code_save = vy__cpu_code_save,
    .code_load = vy__cpu_code_load,
    .emit = vy__cpu_emit,
    .memory_create = vy__host_memory_create,
    .memory_free = vy__host_memory_free,
    .memory_write = vy__host_memory_write,
    .memory_read = vy__host_memory_read,
    .memory_copy = vy__host_memory_copy,
    .memory_fill = vy__host_memory_fill,
    .submit = vy__cpu_submit,
    .replay = vy__cpu_submit,
    .recording_free = vy__host_recording_free,
    .wait = wait_done,
    .release = release,
};

const vy__backend vy__cpu_backend = {
    .name = "cpu",
    .hidden = 0,
    .kept = 1,
    .describe = describe_backend,
    .open = open_device,
    .ops = &ops,
};
