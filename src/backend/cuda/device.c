// The cuda devices: which there are, opening one, what it says of itself, and
// the table of what it can do. A device shares the context of the process's
// other users of the GPU: the primary one, or one that the host gives. The
// thread's current context is left as it was by every call.
#include <stdio.h>

#include "backend/cuda/cuda.h"
#include "backend/cuda/ptx.h"

// ---- the current context

int vy__cuda_enter(const vy__cuda *d, bool *entered) {
  vy__cu_context now = NULL;
  *entered = false;
  if (d->cu->context_current(&now) == VY__CU_OK && now == d->native)
    return VY__CU_OK;
  int r = d->cu->context_push(d->native);
  *entered = r == VY__CU_OK;
  return r;
}

void vy__cuda_leave(const vy__cuda *d, bool entered) {
  vy__cu_context old;
  if (entered)
    (void)d->cu->context_pop(&old);
}

// ---- describing

static uint32_t attribute(const vy__cu *cu, int which, int device) {
  int v = 0;
  if (cu->device_attribute(&v, which, device) != VY__CU_OK || v < 0)
    return 0;
  return (uint32_t)v;
}

static uint32_t sm_of(const vy__cu *cu, int device) {
  return attribute(cu, VY__CU_MAJOR, device) * 10 +
         attribute(cu, VY__CU_MINOR, device);
}

// Why a device that is there cannot be used; NULL: it can.
static const char *refusal(const vy__cu *cu, int device) {
  if (sm_of(cu, device) < VY__PTX_SM_MIN)
    return "it needs compute capability 7.0 (Volta) or newer\nFix: use another "
           "GPU, or the cpu device";
  if (!attribute(cu, VY__CU_UNIFIED, device) ||
      !attribute(cu, VY__CU_CAN_MAP_HOST, device))
    return "it does not reach host memory\nFix: use the cpu device";
  return NULL;
}

static void fill(const vy__cu *cu, int device, const char *name, uint32_t index,
                 vy_device_info *out) {
  size_t bytes = 0;
  snprintf(out->name, sizeof out->name, "cuda:%u", index);
  snprintf(out->driver, sizeof out->driver, "%.36s, CUDA %d.%d, sm_%u", name,
           cu->version / 1000, cu->version % 1000 / 10, sm_of(cu, device));
  snprintf(out->evidence, sizeof out->evidence,
           "executed conformance elsewhere");
  out->lanes = attribute(cu, VY__CU_PROCESSORS, device) *
               attribute(cu, VY__CU_PROCESSOR_THREADS, device);
  if (cu->device_memory(&bytes, device) == VY__CU_OK)
    out->memory = bytes;
  out->device_time = 1;
}

static bool describe_backend(uint32_t index, vy_device_info *out) {
  const vy__cu *cu = vy__cu_open(out->reason, sizeof out->reason);
  int count = 0, device = 0, r = VY__CU_OK;
  char name[64] = "";
  snprintf(out->name, sizeof out->name, "cuda:%u", index);
  if (!cu)
    return index == 0;
  r = cu->device_count(&count);
  if (r == VY__CU_OK && index >= (uint32_t)count && index)
    return false;
  if (r == VY__CU_OK && !count)
    r = VY__CU_NO_DEVICE;
  if (r == VY__CU_OK)
    r = cu->device_get(&device, (int)index);
  if (r == VY__CU_OK)
    r = cu->device_name(name, sizeof name, device);
  if (r != VY__CU_OK) {
    snprintf(out->reason, sizeof out->reason,
             "the CUDA driver shows no device (error %d)\nFix: look at what "
             "nvidia-smi and CUDA_VISIBLE_DEVICES say",
             r);
    return index == 0;
  }
  fill(cu, device, name, index, out);
  const char *why = refusal(cu, device);
  if (why)
    snprintf(out->reason, sizeof out->reason, "%s", why);
  out->available = !why;
  return true;
}

static void describe(const void *device, vy_device_info *out) {
  const vy__cuda *d = device;
  fill(d->cu, d->ordinal, d->name, d->index, out);
  out->reason[0] = 0;
}

static void identity(const void *device, char *out, size_t size) {
  const vy__cuda *d = device;
  snprintf(out, size, "cuda %d abi %d driver %d sm_%u %s", VY_VERSION,
           VY__CUDA_ABI, d->cu->version, d->sm, d->name);
}

// ---- opening and closing

enum { PARTS = 9 };

// Take apart what set_up has put together: the first `parts` steps.
static void take_apart(vy__cuda *d, int parts) {
  bool entered = false;
  if (parts > 0)
    (void)vy__cuda_enter(d, &entered);
  if (parts > 8)
    vy__cuda_threads_stop(d);
  if (parts > 7)
    vy__cuda_movers_stop(d);
  if (parts > 6)
    vy__cuda_pool_give(&d->pool, d->nothing);
  if (parts > 3)
    vy__cuda_helpers_free(d);
  vy__cuda_lanes_free(d);
  if (parts > 5)
    (void)d->cu->stream_destroy(d->aux);
  if (parts > 4)
    vy__cuda_pool_destroy(&d->pool);
  if (parts > 3)
    vy__mutex_destroy(&d->aux_mutex);
  if (parts > 2) {
    vy__cond_destroy(&d->finished);
    vy__cond_destroy(&d->arrived);
  }
  if (parts > 1)
    vy__mutex_destroy(&d->mutex);
  vy__cuda_leave(d, entered);
  if (parts > 0 && d->primary)
    (void)d->cu->primary_release(d->ordinal);
}

static void close_device(void *device) {
  vy__cuda *d = device;
  take_apart(d, PARTS);
  vy__free_aligned(&d->context->alloc, d, sizeof *d);
}

static bool make_conds(vy__cuda *d) {
  if (!vy__cond_init(&d->arrived))
    return false;
  if (vy__cond_init(&d->finished))
    return true;
  vy__cond_destroy(&d->arrived);
  return false;
}

// The host's context, if it is one of this device.
static vy_status share(vy__cuda *d, void *context, vy_diags *diags) {
  vy__cu_context old;
  int of = -1;
  int r = d->cu->context_push(context);
  if (r == VY__CU_OK) {
    r = d->cu->context_device(&of);
    (void)d->cu->context_pop(&old);
  }
  if (r != VY__CU_OK)
    return vy__cu_fail(d->cu, r, "vy_device_desc.native_context", diags);
  if (of != d->ordinal)
    return vy__fail_argument(
        diags, "native_context is one of CUDA device %d; the device is cuda:%u",
        of, d->index);
  d->native = context;
  return VY_OK;
}

static vy_status take_context(vy__cuda *d, const vy_device_desc *desc,
                              vy_diags *diags) {
  const vy__cu *cu = d->cu;
  int r = cu->device_get(&d->ordinal, (int)d->index);
  if (r == VY__CU_OK)
    r = cu->device_name(d->name, sizeof d->name, d->ordinal);
  if (r == VY__CU_OK && !desc->native_context) {
    r = cu->primary_retain(&d->native, d->ordinal);
    d->primary = r == VY__CU_OK;
  }
  if (r != VY__CU_OK)
    return vy__cu_fail(cu, r, "opening the GPU", diags);
  if (desc->native_context)
    VY_TRY(share(d, desc->native_context, diags));
  d->sm = sm_of(cu, d->ordinal);
  for (int i = 0; i < 3; i++) {
    d->grid[i] = attribute(cu, VY__CU_MAX_GRID_X + i, d->ordinal);
    if (!d->grid[i])
      d->grid[i] = 1;
  }
  return VY_OK;
}

static vy_status make_nothing(vy__cuda *d, vy_diags *diags) {
  VY_TRY(
      vy__cuda_pool_take(&d->pool, VY__MAX_ELEMENT_SIZE, &d->nothing, diags));
  int r = d->cu->fill(d->nothing->at, 0, VY__MAX_ELEMENT_SIZE, d->aux);
  if (r == VY__CU_OK)
    r = d->cu->stream_wait(d->aux);
  if (r == VY__CU_OK)
    return VY_OK;
  vy__cuda_settle(d, d->aux);
  vy__cuda_pool_give(&d->pool, d->nothing);
  return vy__cu_fail(d->cu, r, "opening the GPU", diags);
}

static vy_status set_up(vy__cuda *d, const vy_device_desc *desc, int *parts,
                        vy_diags *diags) {
  VY_TRY(take_context(d, desc, diags));
  ++*parts;
  bool entered;
  vy_status s = VY_OK;
  int r = vy__cuda_enter(d, &entered);
  if (r != VY__CU_OK)
    return vy__cu_fail(d->cu, r, "entering the GPU's context", diags);
  bool ok = vy__mutex_init(&d->mutex) && ++*parts && make_conds(d) &&
            ++*parts && vy__mutex_init(&d->aux_mutex) && ++*parts &&
            vy__cuda_pool_init(&d->pool, d->cu, &d->context->alloc,
                               d->tuning.pool_most) &&
            ++*parts;
  if (!ok)
    s = vy__fail_oom(diags, "the cuda device");
  if (ok)
    r = d->cu->stream_create(&d->aux, VY__CU_STREAM_NON_BLOCKING);
  if (r != VY__CU_OK)
    s = vy__cu_fail(d->cu, r, "opening the GPU", diags);
  if (s == VY_OK && ++*parts)
    s = make_nothing(d, diags);
  if (s == VY_OK && ++*parts && !vy__cuda_movers_init(d))
    s = vy__fail_oom(diags, "the cuda device");
  if (s == VY_OK && ++*parts && !vy__cuda_threads_start(d))
    s = vy__fail_oom(diags, "the threads of the cuda device");
  if (s == VY_OK)
    ++*parts;
  vy__cuda_leave(d, entered);
  return s;
}

static vy_status open_device(vy_context *context, const vy_device_desc *desc,
                             uint32_t index, void **out, vy_diags *diags) {
  char why[256];
  const vy__cu *cu = vy__cu_open(why, sizeof why);
  if (desc->lane_order != VY_ORDER_FORWARD)
    return vy__fail(diags, NULL, VY__E_UNSUPPORTED,
                    "the cuda device has no lane orders; lane_order is %u",
                    desc->lane_order);
  if (!cu)
    return vy__fail(diags, NULL, VY__E_NO_DEVICE, "cuda: %s", why);
  vy__cuda *d = vy__alloc_aligned(&context->alloc, sizeof *d);
  if (!d)
    return vy__fail_oom(diags, "the cuda device");
  d->context = context;
  d->cu = cu;
  d->tuning = vy__cuda_tuned;
  if (desc->threads && desc->threads < d->tuning.copy_threads)
    d->tuning.copy_threads = desc->threads;
  d->index = index;
  int parts = 0;
  vy_status s = set_up(d, desc, &parts, diags);
  if (s == VY_OK) {
    *out = d;
    return VY_OK;
  }
  if (parts == 0 && d->primary)
    (void)cu->primary_release(d->ordinal);
  take_apart(d, parts);
  vy__free_aligned(&context->alloc, d, sizeof *d);
  return s;
}

static vy_status release(void *device, uint32_t count) {
  (void)device, (void)count;
  return VY_ERROR_UNSUPPORTED;
}

static const vy__device_ops ops = {
    .close = close_device,
    .describe = describe,
    .identity = identity,
    .compile = vy__cuda_compile,
    .code_free = vy__cuda_code_free,
    .code_save = vy__cuda_code_save,
    .code_load = vy__cuda_code_load,
    .emit = vy__cuda_emit,
    .memory_create = vy__cuda_memory_create,
    .memory_free = vy__cuda_memory_free,
    .memory_write = vy__cuda_memory_write,
    .memory_read = vy__cuda_memory_read,
    .memory_copy = vy__cuda_memory_copy,
    .memory_fill = vy__cuda_memory_fill,
    .submit = vy__cuda_submit,
    .replay = vy__cuda_submit,
    .recording_free = vy__cuda_recording_free,
    .wait = vy__cuda_wait,
    .release = release,
};

const vy__backend vy__cuda_backend = {
    .name = "cuda",
    .hidden = 0,
    .kept = 1,
    .describe = describe_backend,
    .open = open_device,
    .ops = &ops,
};
