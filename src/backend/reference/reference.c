// The reference device: a queue of launches and one thread that runs them in
// order. Items of a batch run one after another over the same scratch, so
// that a warm device allocates nothing. Invariants: `submitted` and `finished`
// only grow; a launch is not touched once its `complete` was called.
#include <stdio.h>

#include "backend/reference/code.h"
#include "backend/replay.h"

typedef struct reference {
  vy__host_device host;
  vy__mutex mutex;
  vy__cond cond; // a launch arrived, one finished, or the device closes
  vy__thread thread;
  vy__launch *first, *last;
  uint64_t submitted, finished;
  bool closing;
  uint32_t order;
  uint64_t seed;
  vy__runner runner; // the thread's
} reference;

static void fill_info(vy_device_info *out) {
  snprintf(out->name, sizeof out->name, "reference");
  snprintf(out->driver, sizeof out->driver, "vyre interpreter %d.%d.%d",
           VY_VERSION_MAJOR, VY_VERSION_MINOR, VY_VERSION_PATCH);
  snprintf(out->evidence, sizeof out->evidence, "specification");
  out->available = 1;
  out->lanes = 1;
  out->threads = 1;
  out->device_time = 1;
}

static bool describe_backend(uint32_t index, vy_device_info *out) {
  if (index)
    return false;
  fill_info(out);
  return true;
}

static void describe_device(const void *device, vy_device_info *out) {
  (void)device;
  fill_info(out);
}

static void identity(const void *device, char *out, size_t size) {
  const reference *d = device;
  snprintf(out, size, "reference %d order %u seed %llu", VY_VERSION,
           (unsigned)d->order, (unsigned long long)d->seed);
}

// ---- running

static void run_item(reference *d, vy__launch *l, vy__launch_item *item) {
  vy__runner *r = &d->runner;
  const vy__ir *ir = &l->code->program->ir;
  item->fault = (vy__fault){.value = VY__NONE, .stmt = VY__NONE};
  vy__host_count(item, l->code->program);
  uint64_t start = l->want_timing ? vy__now_ns() : 0;
  if (!vy__runner_fit(r, l->code) ||
      !vy__host_enter(&r->scratch, ir, item, 0, 0, r->work)) {
    item->fault.kind = VY__FAULT_MEMORY;
    return;
  }
  uint64_t entered = l->want_timing ? vy__now_ns() : 0;
  vy__fp_state fp;
  vy__fp_pin(&fp);
  for (uint32_t k = 0; k < l->iterations; k++)
    vy__runner_run(r, l->code, item, l->budget ? l->budget : UINT64_MAX);
  vy__fp_restore(&fp);
  uint64_t ran = l->want_timing ? vy__now_ns() : 0;
  vy__host_leave(ir, item, r->work);
  if (l->want_timing) {
    l->upload_ns += entered - start;
    l->device_ns += ran - entered;
    l->readback_ns += vy__now_ns() - ran;
  }
}

static void run_launch(void *device, vy__launch *l) {
  reference *d = device;
  if (l->before)
    l->before(l);
  if (l->recording) {
    vy__host_replay(l, run_launch, d);
    return;
  }
  if (l->want_timing) {
    l->upload_ns = l->device_ns = l->readback_ns = 0;
    l->timing_present =
        VY_TIMING_DEVICE | VY_TIMING_UPLOAD | VY_TIMING_READBACK;
  }
  for (uint32_t i = 0; i < l->item_count; i++)
    run_item(d, l, &l->items[i]);
}

static void work(void *user) {
  reference *d = user;
  vy__mutex_lock(&d->mutex);
  for (;;) {
    while (!d->first && !d->closing)
      vy__cond_wait(&d->cond, &d->mutex);
    vy__launch *l = d->first;
    if (!l)
      break;
    d->first = l->next;
    if (!d->first)
      d->last = NULL;
    vy__mutex_unlock(&d->mutex);
    run_launch(d, l);
    l->complete(l, VY_OK);
    vy__mutex_lock(&d->mutex);
    d->finished++;
    vy__cond_broadcast(&d->cond);
  }
  vy__mutex_unlock(&d->mutex);
}

static vy_status submit(void *device, vy__launch *launch) {
  reference *d = device;
  launch->next = NULL;
  vy__mutex_lock(&d->mutex);
  if (d->last)
    d->last->next = launch;
  else
    d->first = launch;
  d->last = launch;
  d->submitted++;
  vy__cond_broadcast(&d->cond);
  vy__mutex_unlock(&d->mutex);
  return VY_OK;
}

static void wait_done(void *device, const _Atomic uint32_t *done,
                      uint64_t deadline_ns) {
  reference *d = device;
  if (!deadline_ns)
    return;
  vy__mutex_lock(&d->mutex);
  while (!*done && d->finished < d->submitted)
    if (!vy__cond_wait_until(&d->cond, &d->mutex, deadline_ns))
      break;
  vy__mutex_unlock(&d->mutex);
}

// Wait for everything submitted so far: what the calling thread submitted is
// part of it, and later launches cannot starve it.
static void drain(void *device) {
  reference *d = device;
  vy__mutex_lock(&d->mutex);
  uint64_t until = d->submitted;
  while (d->finished < until)
    vy__cond_wait(&d->cond, &d->mutex);
  vy__mutex_unlock(&d->mutex);
}

// ---- opening and closing

static void close_device(void *device) {
  reference *d = device;
  vy__mutex_lock(&d->mutex);
  d->closing = true;
  vy__cond_broadcast(&d->cond);
  vy__mutex_unlock(&d->mutex);
  vy__thread_join(&d->thread);
  vy__runner_free(&d->runner);
  vy__cond_destroy(&d->cond);
  vy__mutex_destroy(&d->mutex);
  vy__free(&d->host.context->alloc, d, sizeof *d);
}

static bool start(reference *d) {
  if (!vy__mutex_init(&d->mutex))
    return false;
  if (vy__cond_init(&d->cond)) {
    if (vy__thread_start(&d->thread, work, d))
      return true;
    vy__cond_destroy(&d->cond);
  }
  vy__mutex_destroy(&d->mutex);
  return false;
}

static vy_status open_device(vy_context *context, const vy_device_desc *desc,
                             uint32_t index, void **out, vy_diags *diags) {
  (void)index;
  if (desc->lane_order > VY_ORDER_SHUFFLED)
    return vy__fail_argument(
        diags,
        "lane_order is %u; the orders are 0 (forward), 1 (reversed) and 2 "
        "(shuffled)\nFix: set lane_order to a VY_ORDER_ value",
        (unsigned)desc->lane_order);
  reference *d = vy__calloc(&context->alloc, 1, sizeof *d);
  if (!d)
    return vy__fail_oom(diags, "the reference device");
  d->host = (vy__host_device){context, drain};
  d->order = desc->lane_order;
  d->seed = desc->order_seed;
  vy__runner_init(&d->runner, &context->alloc, d->order, d->seed);
  if (!start(d)) {
    vy__free(&context->alloc, d, sizeof *d);
    return vy__fail_oom(diags, "the thread of the reference device");
  }
  *out = d;
  return VY_OK;
}

static vy_status compile(void *device, const vy_program *program,
                         uint32_t flags, struct vy__code **out,
                         vy_diags *diags) {
  reference *d = device;
  return vy__code_make(&d->host.context->alloc, program, flags, out, diags);
}

static void code_free(void *device, struct vy__code *code) {
  (void)device;
  vy__code_free(code);
}

static vy_status code_save(void *device, const struct vy__code *code,
                           const uint8_t **bytes, size_t *size) {
  (void)device, (void)code, (void)bytes, (void)size;
  return VY_ERROR_UNSUPPORTED;
}

static vy_status code_load(void *device, const vy_program *program,
                           uint32_t flags, const uint8_t *bytes, size_t size,
                           struct vy__code **out) {
  (void)device, (void)program, (void)flags, (void)bytes, (void)size, (void)out;
  return VY_ERROR_UNSUPPORTED;
}

static vy_status emit(void *device, const vy_program *program, uint32_t flags,
                      const char *target, uint8_t **out, size_t *size,
                      vy_diags *diags) {
  (void)device, (void)program, (void)flags, (void)out, (void)size;
  return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                  "the reference device has no code of form '%.32s': it "
                  "interprets programs",
                  target);
}

static vy_status release(void *device, uint32_t count) {
  (void)device, (void)count;
  return VY_ERROR_UNSUPPORTED;
}

static const vy__device_ops ops = {
    .close = close_device,
    .describe = describe_device,
    .identity = identity,
    .compile = compile,
    .code_free = code_free,
    .code_save = code_save,
    .code_load = code_load,
    .emit = emit,
    .memory_create = vy__host_memory_create,
    .memory_free = vy__host_memory_free,
    .memory_write = vy__host_memory_write,
    .memory_read = vy__host_memory_read,
    .memory_copy = vy__host_memory_copy,
    .memory_fill = vy__host_memory_fill,
    .submit = submit,
    .replay = submit,
    .recording_free = vy__host_recording_free,
    .wait = wait_done,
    .release = release,
};

const vy__backend vy__reference_backend = {
    .name = "reference",
    .hidden = 0,
    .describe = describe_backend,
    .open = open_device,
    .ops = &ops,
};
