// The public functions of resident buffers. Each call marks its buffers as in
// use while it looks at them, checks everything, then writes. Order against
// submissions is the backend's duty.
#include <stdio.h>

#include "dispatch/ticket.h"

typedef unsigned long long ull;

static vy_status fail_device(vy_diags *diags, vy_status s, const char *what) {
  return vy__fail(diags, NULL,
                  s == VY_ERROR_DEVICE_LOST ? VY__E_DEVICE_LOST
                                            : VY__E_DISPATCH_FAILED,
                  "%s: the device gave %s", what, vy_status_name(s));
}

vy_status vy_buffer_create(vy_device *device, uint64_t size, vy_buffer *out,
                           vy_diags *diags) {
  if (!device || !out)
    return vy__fail_argument(diags, "vy_buffer_create: %s is NULL",
                             device ? "out" : "device");
  VY_TRY(vy__device_usable(device, diags));
  return vy__buffers_create(&device->buffers, size, out, diags);
}

vy_status vy_buffer_free(vy_device *device, vy_buffer buffer, vy_diags *diags) {
  if (!device)
    return vy__fail_argument(diags, "vy_buffer_free: device is NULL");
  VY_TRY(vy__device_usable(device, diags));
  return vy__buffers_free(&device->buffers, buffer, diags);
}

vy_status vy__pin_range(vy__buffers *t, uint64_t id, uint64_t offset,
                        uint64_t size, const char *what, vy__buffer_slot **out,
                        vy_diags *diags) {
  vy__buffer_slot *s = vy__buffers_pin(t, id);
  if (!s)
    return vy__buffers_stale(t, id, what, diags);
  if (offset > s->size || size > s->size - offset) {
    uint64_t has = s->size;
    vy__buffers_unpin(t, s);
    return vy__fail(diags, NULL, VY__E_ARGUMENT_RANGE,
                    "%s: %llu bytes at byte %llu do not lie in the buffer, "
                    "which has %llu bytes",
                    what, (ull)size, (ull)offset, (ull)has);
  }
  *out = s;
  return VY_OK;
}

vy_status vy__pin_arg(vy__buffers *t, const vy_arg *a, const char *what,
                      vy__buffer_slot **out, uint64_t *size, vy_diags *diags) {
  if (a->kind != VY_ARG_BUFFER)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_KIND,
                    "%s is of kind %s; it must be a resident range (BUFFER)\n"
                    "Fix: make it with vy_arg_buffer or vy_arg_range",
                    what, vy__arg_kind_name(a->kind));
  if (a->reserved[0] || a->reserved[1])
    return vy__fail_argument(diags,
                             "%s: reserved is 0x%llx and 0x%llx; it must be "
                             "0\nFix: make it with vy_arg_buffer or "
                             "vy_arg_range",
                             what, (ull)a->reserved[0], (ull)a->reserved[1]);
  bool to_end = a->size == UINT64_MAX;
  VY_TRY(vy__pin_range(t, a->u.buffer, a->offset, to_end ? 0 : a->size, what,
                       out, diags));
  *size = to_end ? (*out)->size - a->offset : a->size;
  return VY_OK;
}

vy_status vy__pin_u32(vy__buffers *t, const vy_arg *a, const char *what,
                      vy__buffer_slot **out, vy_diags *diags) {
  uint64_t size;
  vy__buffer_slot *s;
  VY_TRY(vy__pin_arg(t, a, what, &s, &size, diags));
  if (a->offset % 4 == 0 && size >= 4) {
    *out = s;
    return VY_OK;
  }
  vy__buffers_unpin(t, s);
  return vy__fail(diags, NULL,
                  a->offset % 4 ? VY__E_ARGUMENT_ALIGNMENT
                                : VY__E_ARGUMENT_SIZE,
                  "%s: %llu bytes at byte %llu; it must be a u32, of 4 bytes, "
                  "at a multiple of 4\n"
                  "Fix: give vy_arg_range(buffer, offset, 4) with such an "
                  "offset",
                  what, (ull)size, (ull)a->offset);
}

// The public calls: the device first.
static vy_status pin_range(vy_device *d, vy_buffer b, uint64_t offset,
                           uint64_t size, const char *what,
                           vy__buffer_slot **out, vy_diags *diags) {
  VY_TRY(vy__device_usable(d, diags));
  return vy__pin_range(&d->buffers, b.id, offset, size, what, out, diags);
}

vy_status vy_buffer_size(vy_device *device, vy_buffer buffer, uint64_t *size,
                         vy_diags *diags) {
  vy__buffer_slot *s;
  if (!device || !size)
    return vy__fail_argument(diags, "vy_buffer_size: %s is NULL",
                             device ? "size" : "device");
  VY_TRY(pin_range(device, buffer, 0, 0, "vy_buffer_size", &s, diags));
  *size = s->size;
  vy__buffers_unpin(&device->buffers, s);
  return VY_OK;
}

vy_status vy_buffer_fill(vy_device *device, vy_buffer buffer, uint64_t offset,
                         uint64_t size, uint8_t value, vy_diags *diags) {
  vy__buffer_slot *s;
  vy_status st = VY_OK;
  if (!device)
    return vy__fail_argument(diags, "vy_buffer_fill: device is NULL");
  VY_TRY(pin_range(device, buffer, offset, size, "vy_buffer_fill", &s, diags));
  if (size)
    st = device->ops->memory_fill(device->impl, s->memory, offset, size, value);
  vy__buffers_unpin(&device->buffers, s);
  return st == VY_OK ? VY_OK : fail_device(diags, st, "vy_buffer_fill");
}

static vy_status copy_pinned(vy_device *d, vy__buffer_slot *from,
                             uint64_t from_offset, vy__buffer_slot *to,
                             uint64_t to_offset, uint64_t size,
                             vy_diags *diags) {
  uint64_t gap = from_offset < to_offset ? to_offset - from_offset
                                         : from_offset - to_offset;
  if (from == to && size && gap < size)
    return vy__fail(diags, NULL, VY__E_ALIASING,
                    "vy_buffer_copy: %llu bytes from byte %llu to byte %llu of "
                    "the same buffer overlap",
                    (ull)size, (ull)from_offset, (ull)to_offset);
  if (!size)
    return VY_OK;
  vy_status s = d->ops->memory_copy(d->impl, from->memory, from_offset,
                                    to->memory, to_offset, size);
  return s == VY_OK ? VY_OK : fail_device(diags, s, "vy_buffer_copy");
}

vy_status vy_buffer_copy(vy_device *device, vy_buffer from,
                         uint64_t from_offset, vy_buffer to, uint64_t to_offset,
                         uint64_t size, vy_diags *diags) {
  vy__buffer_slot *a, *b;
  if (!device)
    return vy__fail_argument(diags, "vy_buffer_copy: device is NULL");
  VY_TRY(pin_range(device, from, from_offset, size, "vy_buffer_copy: from", &a,
                   diags));
  vy_status s =
      pin_range(device, to, to_offset, size, "vy_buffer_copy: to", &b, diags);
  if (s == VY_OK) {
    s = copy_pinned(device, a, from_offset, b, to_offset, size, diags);
    vy__buffers_unpin(&device->buffers, b);
  }
  vy__buffers_unpin(&device->buffers, a);
  return s;
}

// ---- many ranges

static bool host_overlap(const vy_transfer *a, const vy_transfer *b) {
  uintptr_t x = (uintptr_t)a->host, y = (uintptr_t)b->host;
  return a->size && b->size && x < y + b->size && y < x + a->size;
}

static vy_status fail_overlap(size_t a, size_t b, vy_diags *diags) {
  return vy__fail(diags, NULL, VY__E_ALIASING,
                  "vy_buffer_download: ranges %zu and %zu overlap in host "
                  "memory\nFix: give each range memory of its own",
                  a < b ? a : b, a < b ? b : a);
}

// Every range against every other.
static vy_status check_pairs(const vy_transfer *t, size_t count,
                             vy_diags *diags) {
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < i; k++)
      if (host_overlap(&t[i], &t[k]))
        return fail_overlap(k, i, diags);
  return VY_OK;
}

// Those that are not empty, the `count` of `order`, as a heap by address; the
// last of it at the top.
static void sift(const vy_transfer **order, size_t at, size_t count) {
  for (size_t child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && order[child]->host < order[child + 1]->host)
      child++;
    if (order[at]->host >= order[child]->host)
      return;
    const vy_transfer *x = order[at];
    order[at] = order[child];
    order[child] = x;
  }
}

static vy_status check_sorted(const vy_transfer *t, size_t count,
                              const vy_transfer **order, vy_diags *diags) {
  size_t n = 0;
  for (size_t i = 0; i < count; i++)
    if (t[i].size)
      order[n++] = &t[i];
  for (size_t i = n / 2; i-- > 0;)
    sift(order, i, n);
  for (; n > 1; n--) {
    const vy_transfer *last = order[0];
    order[0] = order[n - 1];
    sift(order, 0, n - 1);
    if (host_overlap(order[0], last))
      return fail_overlap((size_t)(order[0] - t), (size_t)(last - t), diags);
  }
  return VY_OK;
}

// Ranges of a download do not overlap in host memory. Mostly they come in the
// order of their addresses; few are compared in pairs, many sorted.
static vy_status check_apart(vy_device *d, const vy_transfer *t, size_t count,
                             vy_diags *diags) {
  const vy_allocator *a = &d->context->alloc;
  uintptr_t end = 0;
  size_t i = 0, bytes;
  for (; i < count && (!t[i].size || (uintptr_t)t[i].host >= end); i++)
    if (t[i].size)
      end = (uintptr_t)t[i].host + t[i].size;
  if (i == count)
    return VY_OK;
  bool few = count <= 32 || !vy__mul_size(count, sizeof(vy_transfer *), &bytes);
  const vy_transfer **order = few ? NULL : vy__alloc(a, bytes);
  if (!order)
    return check_pairs(t, count, diags); // slower, and needs no memory
  vy_status s = check_sorted(t, count, order, diags);
  vy__free(a, order, bytes);
  return s;
}

static vy_status check_host(const vy_transfer *t, size_t i, const char *call,
                            vy_diags *diags) {
  if ((t->host || !t->size) && t->size <= UINTPTR_MAX - (uintptr_t)t->host)
    return VY_OK;
  if (!t->host)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_RANGE,
                    "%s: range %zu: %llu bytes at NULL\n"
                    "Fix: give the memory's address, or size 0",
                    call, i, (ull)t->size);
  return vy__fail(diags, NULL, VY__E_ARGUMENT_RANGE,
                  "%s: range %zu: %llu bytes at %p are not a span of memory",
                  call, i, (ull)t->size, t->host);
}

// Mark all buffers and check all ranges, or none.
static vy_status pin_all(vy_device *d, const vy_transfer *t, size_t count,
                         const char *call, vy_diags *diags) {
  for (size_t i = 0; i < count; i++) {
    vy__buffer_slot *s;
    vy_status st =
        pin_range(d, t[i].buffer, t[i].offset, t[i].size, call, &s, NULL);
    if (st == VY_OK)
      continue;
    char what[64]; // for the message, which that call did not write
    snprintf(what, sizeof what, "%s: range %zu", call, i);
    st = pin_range(d, t[i].buffer, t[i].offset, t[i].size, what, &s, diags);
    if (st == VY_OK) // it is there by now
      continue;
    while (i-- > 0)
      vy__buffers_unpin(&d->buffers, vy__buffers_at(&d->buffers, t[i].buffer));
    return st;
  }
  return VY_OK;
}

static vy_status move_all(vy_device *d, const vy_transfer *t, size_t count,
                          bool up, const char *call, vy_diags *diags) {
  vy_status st = VY_OK;
  for (size_t i = 0; i < count; i++) {
    vy__buffer_slot *s = vy__buffers_at(&d->buffers, t[i].buffer);
    if (st == VY_OK && t[i].size)
      st = up ? d->ops->memory_write(d->impl, s->memory, t[i].offset, t[i].host,
                                     t[i].size)
              : d->ops->memory_read(d->impl, s->memory, t[i].offset, t[i].host,
                                    t[i].size);
    vy__buffers_unpin(&d->buffers, s);
  }
  return st == VY_OK ? VY_OK : fail_device(diags, st, call);
}

static vy_status transfer(vy_device *d, const vy_transfer *t, size_t count,
                          bool up, vy_diags *diags) {
  const char *call = up ? "vy_buffer_upload" : "vy_buffer_download";
  if (!d || (!t && count))
    return vy__fail_argument(diags, "%s: %s is NULL", call,
                             d ? "ranges" : "device");
  for (size_t i = 0; i < count; i++)
    VY_TRY(check_host(&t[i], i, call, diags));
  if (!up)
    VY_TRY(check_apart(d, t, count, diags));
  VY_TRY(pin_all(d, t, count, call, diags));
  return move_all(d, t, count, up, call, diags);
}

vy_status vy_buffer_upload(vy_device *device, const vy_transfer *ranges,
                           size_t count, vy_diags *diags) {
  return transfer(device, ranges, count, true, diags);
}

vy_status vy_buffer_download(vy_device *device, const vy_transfer *ranges,
                             size_t count, vy_diags *diags) {
  return transfer(device, ranges, count, false, diags);
}

// ---- digest

static vy_status digest(vy_device *d, vy__buffer_slot *s, uint64_t offset,
                        uint64_t size, vy_hash *out) {
  enum { CHUNK = 16384 };
  uint8_t chunk[CHUNK];
  vy__hasher h;
  vy__hash_init(&h);
  while (size) {
    uint64_t n = size < CHUNK ? size : CHUNK;
    VY_TRY(d->ops->memory_read(d->impl, s->memory, offset, chunk, n));
    vy__hash_update(&h, chunk, (size_t)n);
    offset += n;
    size -= n;
  }
  *out = vy__hash_final(&h);
  return VY_OK;
}

vy_status vy_buffer_digest(vy_device *device, vy_buffer buffer, uint64_t offset,
                           uint64_t size, vy_hash *out, vy_diags *diags) {
  vy__buffer_slot *s;
  if (!device || !out)
    return vy__fail_argument(diags, "vy_buffer_digest: %s is NULL",
                             device ? "out" : "device");
  VY_TRY(
      pin_range(device, buffer, offset, size, "vy_buffer_digest", &s, diags));
  vy_status st = digest(device, s, offset, size, out);
  vy__buffers_unpin(&device->buffers, s);
  return st == VY_OK ? VY_OK : fail_device(diags, st, "vy_buffer_digest");
}
