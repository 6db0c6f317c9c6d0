// Working memory of host backends. A binding is worked on where it lies
// whenever its result may be seen there: `read` spans, resident ranges, an
// output slot that takes the whole buffer. Everything else gets a piece of
// the scratch block, which is kept and only ever grows.
#include "backend/host_memory.h"

enum { MEMORY_ALIGN = 256, PIECE_ALIGN = 64 };

void vy__host_scratch_init(vy__host_scratch *s, const vy_allocator *a) {
  *s = (vy__host_scratch){.alloc = a};
}

void vy__host_scratch_free(vy__host_scratch *s) {
  if (s->data)
    vy__free_aligned(s->alloc, s->data, s->size);
  s->data = NULL;
  s->size = 0;
}

static bool takes_whole(const vy__bind *b) {
  return b->out && b->lo == 0 && b->hi == b->size;
}

static bool is_buffer(const vy__param *p) {
  return p->access != VY_ACCESS_NONE;
}

// Where parameter `i` can be worked on in place; NULL: it needs scratch.
static inline uint8_t *in_place(const vy__ir *ir, const vy__launch_item *item,
                                uint64_t aligned, uint32_t i) {
  const vy__bind *b = &item->binds[i];
  if (b->memory)
    return b->memory->data + b->offset;
  uint8_t *at = NULL;
  if (ir->params[i].access == VY_ACCESS_READ && b->in)
    at = (uint8_t *)(uintptr_t)b->in;
  else if (takes_whole(b))
    at = b->out;
  return (aligned >> i & 1) && (uintptr_t)at % 8 ? NULL : at;
}

static bool needs_piece(const vy__ir *ir, const vy__launch_item *item,
                        uint64_t aligned, uint32_t i) {
  return is_buffer(&ir->params[i]) && item->binds[i].size &&
         !in_place(ir, item, aligned, i);
}

// Bytes of scratch that the item needs.
static bool scratch_size(const vy__ir *ir, const vy__launch_item *item,
                         uint64_t aligned, size_t *size) {
  *size = 0;
  for (uint32_t i = 0; i < ir->param_count; i++) {
    uint64_t bytes = item->binds[i].size;
    if (!needs_piece(ir, item, aligned, i))
      continue;
    if (bytes > SIZE_MAX - PIECE_ALIGN ||
        !vy__add_size(*size,
                      ((size_t)bytes + PIECE_ALIGN - 1) &
                          ~(size_t)(PIECE_ALIGN - 1),
                      size))
      return false;
  }
  return true;
}

bool vy__host_scratch_fit(vy__host_scratch *s, size_t size) {
  if (size <= s->size)
    return true;
  uint8_t *data = vy__alloc_aligned(s->alloc, size);
  if (!data)
    return false;
  vy__host_scratch_free(s);
  s->data = data;
  s->size = size;
  return true;
}

static void bring_in(const vy__param *p, const vy__bind *b, uint8_t *at) {
  if (!b->size)
    return;
  if (p->access == VY_ACCESS_WRITE)
    memset(at, 0, b->size);
  else if (b->memory || at == b->in)
    return;
  else if (b->in)
    memcpy(at, b->in, b->size);
  else
    memset(at, 0, b->size);
}

bool vy__host_enter_in_place(const vy__ir *ir, const vy__launch_item *item,
                             uint64_t aligned, uint64_t stored,
                             uint8_t **work) {
  uint64_t bring = 0; // parameters whose contents may have to be brought in
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__bind *b = &item->binds[i];
    uint32_t access = ir->params[i].access;
    work[i] = NULL;
    if (access == VY_ACCESS_NONE)
      continue;
    if (access == VY_ACCESS_WRITE || !b->memory)
      bring |= UINT64_C(1) << i;
    work[i] = in_place(ir, item, aligned, i);
    if (!work[i] && b->size)
      return false;
  }
  for (bring &= ~stored; bring; bring &= bring - 1) {
    uint32_t i = (uint32_t)__builtin_ctzll(bring);
    bring_in(&ir->params[i], &item->binds[i], work[i]);
  }
  return true;
}

bool vy__host_enter(vy__host_scratch *s, const vy__ir *ir,
                    const vy__launch_item *item, uint64_t aligned,
                    uint64_t stored, uint8_t **work) {
  size_t size, at = 0;
  if (!scratch_size(ir, item, aligned, &size) || !vy__host_scratch_fit(s, size))
    return false;
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__bind *b = &item->binds[i];
    work[i] = NULL;
    if (!is_buffer(&ir->params[i]))
      continue;
    work[i] = in_place(ir, item, aligned, i);
    if (!work[i] && b->size) {
      work[i] = s->data + at;
      at += ((size_t)b->size + PIECE_ALIGN - 1) & ~(size_t)(PIECE_ALIGN - 1);
    }
    if (!(stored >> i & 1))
      bring_in(&ir->params[i], b, work[i]);
  }
  return true;
}

void vy__host_leave(const vy__ir *ir, const vy__launch_item *item,
                    uint8_t *const *work) {
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__bind *b = &item->binds[i];
    if (b->out && is_buffer(&ir->params[i]) && b->hi > b->lo &&
        work[i] + b->lo != (uint8_t *)b->out)
      memcpy(b->out, work[i] + b->lo, b->hi - b->lo);
  }
}

// ---- resident memory

static const vy_allocator *alloc_of(void *device) {
  return &((vy__host_device *)device)->context->alloc;
}

static void drain(void *device) {
  const vy__host_device *d = device;
  if (d->drain)
    d->drain(device);
}

static bool block_size(uint64_t size, size_t *out) {
  return size <= SIZE_MAX &&
         vy__add_size(sizeof(struct vy__memory) + MEMORY_ALIGN - 1,
                      (size_t)size, out);
}

vy_status vy__host_memory_create(void *device, uint64_t size,
                                 struct vy__memory **out, vy_diags *diags) {
  size_t bytes;
  struct vy__memory *m =
      block_size(size, &bytes) ? vy__calloc(alloc_of(device), 1, bytes) : NULL;
  if (!m)
    return vy__fail(diags, NULL, VY__E_OUT_OF_HOST_MEMORY,
                    "no memory for a resident buffer of %llu bytes",
                    (unsigned long long)size);
  uintptr_t first = (uintptr_t)(m + 1);
  uintptr_t data = (first + MEMORY_ALIGN - 1) & ~(uintptr_t)(MEMORY_ALIGN - 1);
  m->size = size;
  m->data = (uint8_t *)m + (data - (uintptr_t)m);
  *out = m;
  return VY_OK;
}

void vy__host_memory_free(void *device, struct vy__memory *memory) {
  size_t bytes;
  if (memory && block_size(memory->size, &bytes))
    vy__free(alloc_of(device), memory, bytes);
}

vy_status vy__host_memory_write(void *device, struct vy__memory *memory,
                                uint64_t offset, const void *from,
                                uint64_t size) {
  drain(device);
  if (size)
    memcpy(memory->data + offset, from, size);
  return VY_OK;
}

vy_status vy__host_memory_read(void *device, struct vy__memory *memory,
                               uint64_t offset, void *to, uint64_t size) {
  drain(device);
  if (size)
    memcpy(to, memory->data + offset, size);
  return VY_OK;
}

vy_status vy__host_memory_copy(void *device, struct vy__memory *from,
                               uint64_t from_offset, struct vy__memory *to,
                               uint64_t to_offset, uint64_t size) {
  drain(device);
  if (size)
    memmove(to->data + to_offset, from->data + from_offset, size);
  return VY_OK;
}

vy_status vy__host_memory_fill(void *device, struct vy__memory *memory,
                               uint64_t offset, uint64_t size, uint8_t value) {
  drain(device);
  if (size)
    memset(memory->data + offset, value, size);
  return VY_OK;
}
