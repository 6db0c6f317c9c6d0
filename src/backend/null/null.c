// The null backend: holds every submission until a test releases it, then
// completes it with zeros. It computes nothing, which makes it two things: a
// test double for what is in flight, and the smallest whole backend, to copy
// when writing a new one. Its resident memory is host memory; launches queue
// in a list, oldest first.
#include <stdio.h>

#include "backend/replay.h"

struct vy__code {
  const vy_program *program;
  uint32_t param_count;
  bool written[VY__MAX_PARAMS];
};

typedef struct null_device {
  vy__host_device host; // held launches never run, so nothing waits for them
  vy__mutex mutex;
  vy__cond released;
  vy__launch *first, **last; // held launches
} null_device;

// ---- device

static void fill_info(vy_device_info *out) {
  snprintf(out->name, sizeof out->name, "null");
  snprintf(out->driver, sizeof out->driver, "none");
  snprintf(out->evidence, sizeof out->evidence, "computes nothing");
  out->available = 1;
}

static bool describe_backend(uint32_t index, vy_device_info *out) {
  if (index)
    return false;
  fill_info(out);
  return true;
}

static void describe(const void *device, vy_device_info *out) {
  (void)device;
  fill_info(out);
}

static void identity(const void *device, char *out, size_t size) {
  (void)device;
  snprintf(out, size, "null 1");
}

static vy_status open_device(vy_context *context, const vy_device_desc *desc,
                             uint32_t index, void **out, vy_diags *diags) {
  (void)index;
  if (desc->lane_order != VY_ORDER_FORWARD)
    return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                    "the null device has no lane orders; lane_order is %u",
                    desc->lane_order);
  null_device *d = vy__calloc(&context->alloc, 1, sizeof *d);
  if (!d)
    return vy__fail_oom(diags, "a null device");
  d->host.context = context;
  d->last = &d->first;
  if (!vy__mutex_init(&d->mutex)) {
    vy__free(&context->alloc, d, sizeof *d);
    return vy__fail_oom(diags, "a null device");
  }
  if (!vy__cond_init(&d->released)) {
    vy__mutex_destroy(&d->mutex);
    vy__free(&context->alloc, d, sizeof *d);
    return vy__fail_oom(diags, "a null device");
  }
  *out = d;
  return VY_OK;
}

static void close_device(void *device) {
  null_device *d = device;
  vy__cond_destroy(&d->released);
  vy__mutex_destroy(&d->mutex);
  vy__free(&d->host.context->alloc, d, sizeof *d);
}

// ---- code

static vy_status compile(void *device, const vy_program *program,
                         uint32_t flags, struct vy__code **out,
                         vy_diags *diags) {
  null_device *d = device;
  (void)flags; // nothing runs, so no budget or bounds are ever broken
  struct vy__code *code = vy__alloc(&d->host.context->alloc, sizeof *code);
  if (!code)
    return vy__fail_oom(diags, "compiled code");
  code->program = program;
  code->param_count = program->ir.param_count;
  for (uint32_t p = 0; p < code->param_count; p++)
    code->written[p] = program->ir.params[p].access >= VY_ACCESS_WRITE;
  *out = code;
  return VY_OK;
}

static void code_free(void *device, struct vy__code *code) {
  null_device *d = device;
  vy__free(&d->host.context->alloc, code, sizeof *code);
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
  return vy__fail(
      diags, NULL, VY__E_UNSUPPORTED,
      "the null device has no code of form '%.32s': it computes nothing",
      target);
}

// ---- launches

static vy_status submit(void *device, vy__launch *launch) {
  null_device *d = device;
  launch->next = NULL;
  vy__mutex_lock(&d->mutex);
  *d->last = launch;
  d->last = &launch->next;
  vy__mutex_unlock(&d->mutex);
  return VY_OK;
}

static void zero_outputs(const struct vy__code *code, vy__launch_item *item) {
  vy__host_count(item, code->program);
  for (uint32_t p = 0; p < code->param_count; p++) {
    const vy__bind *b = &item->binds[p];
    if (code->written[p] && b->memory)
      memset(b->memory->data + b->offset, 0, (size_t)b->size);
    if (b->out)
      memset(b->out, 0, (size_t)(b->hi - b->lo));
  }
}

static void run(void *device, vy__launch *l) {
  (void)device;
  for (uint32_t i = 0; i < l->item_count; i++)
    zero_outputs(l->code, &l->items[i]);
}

static vy__launch *take_oldest(null_device *d) {
  vy__mutex_lock(&d->mutex);
  vy__launch *l = d->first;
  if (l)
    d->first = l->next;
  if (l && !d->first)
    d->last = &d->first;
  vy__mutex_unlock(&d->mutex);
  return l;
}

static vy_status release(void *device, uint32_t count) {
  null_device *d = device;
  vy__launch *l;
  while (count-- > 0 && (l = take_oldest(d)) != NULL) {
    if (l->before)
      l->before(l);
    if (l->recording)
      vy__host_replay(l, run, d);
    else
      run(d, l);
    l->complete(l, VY_OK);
    vy__mutex_lock(&d->mutex);
    vy__cond_broadcast(&d->released);
    vy__mutex_unlock(&d->mutex);
  }
  return VY_OK;
}

static void wait(void *device, const _Atomic uint32_t *done,
                 uint64_t deadline_ns) {
  null_device *d = device;
  bool in_time = deadline_ns != 0;
  vy__mutex_lock(&d->mutex);
  while (in_time && !atomic_load(done))
    in_time = vy__cond_wait_until(&d->released, &d->mutex, deadline_ns);
  vy__mutex_unlock(&d->mutex);
}

static const vy__device_ops ops = {
    .close = close_device,
    .describe = describe,
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
    .wait = wait,
    .release = release,
};

const vy__backend vy__null_backend = {
    .name = "null",
    .hidden = 1,
    .describe = describe_backend,
    .open = open_device,
    .ops = &ops,
};
