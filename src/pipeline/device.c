// Opening, describing and closing devices.
#include "pipeline/device.h"

#include <stdio.h>

// ---- waiting without the backend

void vy__device_notify(vy_device *device) {
  if (atomic_load(&device->waiters) == 0)
    return;
  vy__mutex_lock(&device->mutex);
  vy__cond_broadcast(&device->done);
  vy__mutex_unlock(&device->mutex);
}

void vy__device_await(vy_device *device, const _Atomic uint32_t *flag,
                      bool zero) {
  atomic_fetch_add(&device->waiters, 1);
  vy__mutex_lock(&device->mutex);
  while ((atomic_load(flag) == 0) != zero)
    vy__cond_wait(&device->done, &device->mutex);
  vy__mutex_unlock(&device->mutex);
  atomic_fetch_sub(&device->waiters, 1);
}

// ---- opening

static void free_parts(vy_device *d, int parts) {
  if (parts > 6)
    vy__fork_mark_destroy(&d->mark);
  if (parts > 5)
    vy__disk_close(&d->disk);
  if (parts > 4)
    vy__mutex_destroy(&d->cache.mutex);
  if (parts > 3)
    vy__cond_destroy(&d->cache.ready);
  if (parts > 2)
    vy__cond_destroy(&d->done);
  if (parts > 1)
    vy__mutex_destroy(&d->mutex);
  if (parts > 0)
    vy__pool_destroy(&d->pool);
  vy_context *c = d->context;
  vy__free_aligned(&c->alloc, d, sizeof *d);
  vy_context_release(c);
}

enum { ALL_PARTS = 7 };

// A device without a backend yet; NULL when out of memory.
static vy_device *make(vy_context *context) {
  vy_device *d = vy__alloc_aligned(&context->alloc, sizeof *d);
  if (!d)
    return NULL;
  d->context = vy_context_retain(context);
  vy__refs_init(&d->refs);
  vy__refs_init(&d->holds);
  int parts = 0;
  if (vy__pool_init(&d->pool, &context->alloc) && ++parts &&
      vy__mutex_init(&d->mutex) && ++parts && vy__cond_init(&d->done) &&
      ++parts && vy__cond_init(&d->cache.ready) && ++parts &&
      vy__mutex_init(&d->cache.mutex) && ++parts &&
      vy__disk_init(&d->disk, context) && ++parts &&
      vy__fork_mark_init(&d->mark))
    return d;
  free_parts(d, parts);
  return NULL;
}

static vy_status open_backend(vy_context *context, const vy__backend *b,
                              const vy_device_desc *desc, uint32_t index,
                              vy_device **out, vy_diags *diags) {
  vy_device *d = make(context);
  if (!d)
    return vy__fail_oom(diags, "a device");
  d->backend = b;
  d->ops = b->ops;
  vy_status s = b->open(context, desc, index, &d->impl, diags);
  if (s != VY_OK) {
    free_parts(d, ALL_PARTS);
    return s;
  }
  if (b->kept)
    vy__disk_open(&d->disk);
  if (!vy__buffers_init(&d->buffers, context, d->ops, d->impl)) {
    d->ops->close(d->impl);
    free_parts(d, ALL_PARTS);
    return vy__fail_oom(diags, "a device");
  }
  d->ops->identity(d->impl, d->identity, sizeof d->identity);
  *out = d;
  return VY_OK;
}

// The first that is meant to be chosen, is here, and opens.
static vy_status open_auto(vy_context *context, const vy_device_desc *desc,
                           vy_device **out, vy_diags *diags) {
  vy_status last = VY_ERROR_DEVICE_UNAVAILABLE;
  const vy__backend *b;
  for (uint32_t i = 0; (b = vy__backend_at(i)) != NULL; i++) {
    vy_device_info info = VY_DEVICE_INFO_INIT;
    (void)b->describe(0, &info);
    if (b->hidden || !info.available)
      continue;
    last = open_backend(context, b, desc, 0, out, NULL);
    if (last == VY_OK)
      return VY_OK;
    if (last == VY_ERROR_OUT_OF_HOST_MEMORY) // not what another is better at
      return vy__fail_oom(diags, "a device");
  }
  return vy__fail(diags, NULL, VY__E_NO_DEVICE,
                  "no device can be opened here: the last one tried gave %s",
                  vy_status_name(last));
}

// Is it the name of the backend, or of one of its devices ("cuda:1")?
static bool is_named(const vy__backend *b, vy_str name, uint32_t *index) {
  size_t n = strlen(b->name), digits = name.size - n - 1;
  *index = 0;
  if (vy__str_eq(vy_str_c(b->name), name))
    return true;
  if (name.size < n + 2 || digits > 4 || memcmp(name.data, b->name, n) ||
      name.data[n] != ':' || (digits > 1 && name.data[n + 1] == '0'))
    return false;
  for (size_t i = n + 1; i < name.size; i++) {
    if (name.data[i] < '0' || name.data[i] > '9')
      return false;
    *index = *index * 10 + (uint32_t)(name.data[i] - '0');
  }
  return true;
}

static vy_status open_one(vy_context *context, const vy__backend *b,
                          const vy_device_desc *desc, uint32_t index,
                          vy_device **out, vy_diags *diags) {
  vy_device_info info = VY_DEVICE_INFO_INIT;
  if (!b->describe(index, &info))
    return vy__fail(diags, NULL, VY__E_NO_DEVICE, "'%s' has no device %u here",
                    b->name, index);
  if (info.available)
    return open_backend(context, b, desc, index, out, diags);
  return vy__fail(diags, NULL, VY__E_NO_DEVICE, "'%s': %s", b->name,
                  info.reason);
}

static vy_status open_named(vy_context *context, const vy_device_desc *desc,
                            vy_device **out, vy_diags *diags) {
  const vy__backend *b;
  char known[128] = "";
  size_t at = 0;
  for (uint32_t i = 0; (b = vy__backend_at(i)) != NULL; i++) {
    uint32_t index;
    if (is_named(b, desc->name, &index))
      return open_one(context, b, desc, index, out, diags);
    if (at < sizeof known)
      at += (size_t)snprintf(known + at, sizeof known - at, "%s%s",
                             i ? ", " : "", b->name);
  }
  int size = desc->name.size < 64 ? (int)desc->name.size : 64;
  return vy__fail(diags, NULL, VY__E_NO_DEVICE,
                  "no device is named '%.*s'; there are: auto, %s", size,
                  desc->name.data, known);
}

vy_status vy_device_open(vy_context *context, const vy_device_desc *desc,
                         vy_device **out, vy_diags *diags) {
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  if (!context || !out)
    return vy__fail_argument(diags, "vy_device_open: %s is NULL",
                             context ? "out" : "context");
  if (desc)
    VY_TRY(vy__take_struct(&d, sizeof d, desc, "vy_device_desc", diags));
  if (d.name.size && !d.name.data)
    return vy__fail_argument(diags,
                             "vy_device_open: name.data is NULL, its "
                             "size %zu",
                             d.name.size);
  if (d.lane_order > VY_ORDER_SHUFFLED || d.reserved)
    return vy__fail_argument(diags,
                             "vy_device_open: lane_order is %u, reserved %u; "
                             "they must be a VY_ORDER value and 0",
                             d.lane_order, d.reserved);
  if (d.name.size == 0 || vy__str_eq(d.name, vy_str_c("auto")))
    return open_auto(context, &d, out, diags);
  return open_named(context, &d, out, diags);
}

// ---- counting

vy_status vy__device_usable(const vy_device *device, vy_diags *diags) {
  if (VY__LIKELY(!vy__device_forked(device)))
    return VY_OK;
  return vy__fail(diags, NULL, VY__E_FORKED,
                  "device '%s' was opened by the process that this one was "
                  "forked from",
                  device->backend->name);
}

vy_device *vy_device_retain(vy_device *device) {
  if (device)
    vy__refs_take(&device->refs);
  return device;
}

void vy__device_hold(vy_device *device) { vy__refs_take(&device->holds); }

void vy__device_unhold(vy_device *device) {
  if (vy__refs_drop(&device->holds))
    free_parts(device, ALL_PARTS);
}

void vy_device_release(vy_device *device) {
  if (!device || vy__device_forked(device) || !vy__refs_drop(&device->refs))
    return;
  // What a test double still holds would never end by itself.
  (void)device->ops->release(device->impl, UINT32_MAX);
  vy__device_await(device, &device->in_flight, true);
  vy__device_sweep(device);
  vy__cache_clear(device);
  vy__buffers_destroy(&device->buffers);
  device->ops->close(device->impl);
  vy__device_unhold(device);
}

void vy__device_retire(vy_device *d, vy__recording *r) {
  vy__mutex_lock(&d->mutex);
  r->next = d->retired;
  d->retired = r;
  vy__mutex_unlock(&d->mutex);
}

void vy__device_sweep(vy_device *d) {
  vy__mutex_lock(&d->mutex);
  vy__recording *r = d->retired;
  d->retired = NULL;
  vy__mutex_unlock(&d->mutex);
  while (r) {
    vy__recording *next = r->next;
    if (r->native)
      d->ops->recording_free(d->impl, r);
    vy__free(&d->context->alloc, r,
             sizeof *r + r->step_count * sizeof *r->steps);
    r = next;
  }
}

// ---- describing

// False: the backend has not so many devices.
static bool describe(const vy__backend *b, uint32_t index,
                     vy_device_info *info) {
  *info = (vy_device_info)VY_DEVICE_INFO_INIT;
  if (!b->describe(index, info))
    return false;
  info->hidden = b->hidden;
  if (!info->name[0])
    snprintf(info->name, sizeof info->name, "%s", b->name);
  return true;
}

vy_status vy_device_enumerate(uint32_t index, vy_device_info *out) {
  if (!out)
    return VY_ERROR_INVALID_ARGUMENT;
  vy_device_info info;
  const vy__backend *b;
  for (uint32_t i = 0; (b = vy__backend_at(i)) != NULL; i++)
    for (uint32_t k = 0; describe(b, k, &info); k++)
      if (index-- == 0)
        return vy__give_struct(out, &info, sizeof info);
  return VY_ERROR_INVALID_ARGUMENT;
}

vy_status vy_device_describe(const vy_device *device, vy_device_info *out) {
  if (!device || !out)
    return VY_ERROR_INVALID_ARGUMENT;
  vy_device_info info;
  (void)describe(device->backend, 0, &info);
  device->ops->describe(device->impl, &info);
  info.available = 1;
  return vy__give_struct(out, &info, sizeof info);
}

vy_status vy_null_device_release(vy_device *device, uint32_t count) {
  if (!device)
    return VY_ERROR_INVALID_ARGUMENT;
  VY_TRY(vy__device_usable(device, NULL));
  return device->ops->release(device->impl, count);
}
