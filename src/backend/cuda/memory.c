// Resident memory. What a thread does with it goes through the thread's lane,
// so it is in order with its launches; new memory is zeroed on a stream that
// nothing else waits on.
#include "backend/cuda/cuda.h"

// Bytes that kernels may touch at `size` bytes bound.
static uint64_t padded(uint64_t size) {
  return size > UINT64_MAX - 15 ? size : (size + 15) & ~(uint64_t)15;
}

static vy_status create(vy__cuda *d, uint64_t size, struct vy__memory **out,
                        vy_diags *diags) {
  struct vy__memory *m = NULL;
  VY_TRY(vy__cuda_pool_take(&d->pool, padded(size), &m, diags));
  vy__mutex_lock(&d->aux_mutex);
  int r = d->cu->fill_words(m->at, 0, padded(size) / 4, d->aux);
  if (r == VY__CU_OK)
    r = d->cu->stream_wait(d->aux);
  if (r != VY__CU_OK)
    vy__cuda_settle(d, d->aux);
  vy__mutex_unlock(&d->aux_mutex);
  if (r != VY__CU_OK) {
    vy__cuda_pool_give(&d->pool, m);
    return vy__cu_fail(d->cu, r, "zeroing a resident buffer", diags);
  }
  *out = m;
  return VY_OK;
}

vy_status vy__cuda_memory_create(void *device, uint64_t size,
                                 struct vy__memory **out, vy_diags *diags) {
  vy__cuda *d = device;
  bool entered;
  int r = vy__cuda_enter(d, &entered);
  if (r != VY__CU_OK)
    return vy__cu_fail(d->cu, r, "entering the GPU's context", diags);
  vy_status s = create(d, size, out, diags);
  vy__cuda_leave(d, entered);
  return s;
}

void vy__cuda_memory_free(void *device, struct vy__memory *memory) {
  vy__cuda *d = device;
  bool entered;
  (void)vy__cuda_enter(d, &entered);
  vy__cuda_pool_give(&d->pool, memory);
  vy__cuda_leave(d, entered);
}

// ---- in order with the calling thread's launches

typedef struct request {
  enum { WRITE, READ, COPY, FILL } kind;
  vy__cu_address at, from;
  const void *source;
  void *target;
  uint64_t size;
  uint8_t value;
} request;

// Small transfers go through the ring too.
static vy_status perform(vy__cuda *d, vy__cuda_lane *lane, const request *r) {
  const vy__cu *cu = d->cu;
  int result = VY__CU_OK;
  switch (r->kind) {
  case WRITE:
    VY_TRY(
        vy__cuda_to_device(d, lane, lane->stream, r->at, r->source, r->size));
    break;
  case READ:
    return vy__cuda_to_host(d, lane, lane->stream, r->target, r->at, r->size);
  case COPY:
    result = cu->copy(r->at, r->from, r->size, lane->stream);
    break;
  case FILL:
    result = cu->fill(r->at, r->value, r->size, lane->stream);
    break;
  }
  if (result == VY__CU_OK)
    result = cu->stream_wait(lane->stream);
  if (result != VY__CU_OK)
    vy__cuda_settle(d, lane->stream);
  return vy__cu_status(result);
}

static vy_status run(vy__cuda *d, const request *r) {
  bool entered;
  if (!r->size)
    return VY_OK;
  vy__cuda_drain(d);
  vy_status s = vy__cu_status(vy__cuda_enter(d, &entered));
  VY_TRY(s);
  vy__cuda_lane *lane = vy__cuda_lane_of(d, &s);
  if (lane)
    s = perform(d, lane, r);
  vy__cuda_leave(d, entered);
  return s;
}

vy_status vy__cuda_memory_write(void *device, struct vy__memory *memory,
                                uint64_t offset, const void *from,
                                uint64_t size) {
  request r = {.kind = WRITE,
               .at = memory ? memory->at + offset : 0,
               .source = from,
               .size = size};
  return run(device, &r);
}

vy_status vy__cuda_memory_read(void *device, struct vy__memory *memory,
                               uint64_t offset, void *to, uint64_t size) {
  request r = {.kind = READ,
               .at = memory ? memory->at + offset : 0,
               .target = to,
               .size = size};
  return run(device, &r);
}

vy_status vy__cuda_memory_copy(void *device, struct vy__memory *from,
                               uint64_t from_offset, struct vy__memory *to,
                               uint64_t to_offset, uint64_t size) {
  request r = {.kind = COPY,
               .at = to ? to->at + to_offset : 0,
               .from = from ? from->at + from_offset : 0,
               .size = size};
  return run(device, &r);
}

vy_status vy__cuda_memory_fill(void *device, struct vy__memory *memory,
                               uint64_t offset, uint64_t size, uint8_t value) {
  request r = {.kind = FILL,
               .at = memory ? memory->at + offset : 0,
               .size = size,
               .value = value};
  return run(device, &r);
}
