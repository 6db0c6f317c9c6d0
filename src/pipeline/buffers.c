// Slots, generations and pins of resident buffers. See buffers.h.
#include "pipeline/buffers.h"

enum { GENERATIONS = 1 << VY__BUFFER_GENERATION_BITS, INDEX_SHIFT = 20 };

#define ALIVE VY__BUFFER_ALIVE
#define PINS(state) ((uint32_t)(state))
#define GENERATION(state) ((uint32_t)((state) >> 40))

static uint64_t id_of(const vy__buffers *t, uint32_t index,
                      uint32_t generation) {
  return (uint64_t)t->owner << 40 | (uint64_t)index << INDEX_SHIFT | generation;
}

static uint32_t index_of(uint64_t id) {
  return (uint32_t)(id >> INDEX_SHIFT) & ((1u << 20) - 1);
}

// Devices of one context get different owners, those of different contexts
// different starts.
static uint32_t make_owner(vy_context *context) {
  vy_hash h = vy__hash_bytes(&context, sizeof context);
  uint32_t n = atomic_fetch_add(&context->owners, 1);
  return (vy__get_u32(h.bytes) + n) % ((1u << 24) - 1) + 1;
}

bool vy__buffers_init(vy__buffers *t, vy_context *context,
                      const vy__device_ops *ops, void *impl) {
  t->context = context;
  t->ops = ops;
  t->impl = impl;
  t->owner = make_owner(context);
  t->free = VY__NONE;
  return vy__mutex_init(&t->mutex);
}

static vy__buffer_slot *slot_at(vy__buffers *t, uint32_t index) {
  vy__buffer_slot *chunk = atomic_load_explicit(
      &t->chunks[index / VY__BUFFER_CHUNK], memory_order_acquire);
  return chunk ? &chunk[index % VY__BUFFER_CHUNK] : NULL;
}

static void drop_memory(vy__buffers *t, vy__buffer_slot *s) {
  if (s->memory)
    t->ops->memory_free(t->impl, s->memory);
  s->memory = NULL;
  vy__count(t->context, VY__COUNT_LIVE_BUFFERS, -1);
}

void vy__buffers_destroy(vy__buffers *t) {
  for (uint32_t i = 0; i < t->used; i++) {
    vy__buffer_slot *s = slot_at(t, i);
    if (s->state & ALIVE)
      drop_memory(t, s);
  }
  for (uint32_t c = 0; c < VY__BUFFER_CHUNKS && t->chunks[c]; c++)
    vy__free_aligned(&t->context->alloc, t->chunks[c],
                     VY__BUFFER_CHUNK * sizeof(vy__buffer_slot));
  vy__mutex_destroy(&t->mutex);
}

// A slot that is nobody's, or NULL.
static vy__buffer_slot *take_slot(vy__buffers *t) {
  vy__buffer_slot *s = NULL;
  vy__mutex_lock(&t->mutex);
  uint32_t chunk = t->used / VY__BUFFER_CHUNK;
  if (t->free != VY__NONE) {
    s = slot_at(t, t->free);
    t->free = s->next_free;
  } else if (chunk < VY__BUFFER_CHUNKS) {
    if (!t->chunks[chunk])
      atomic_store_explicit(
          &t->chunks[chunk],
          vy__alloc_aligned(&t->context->alloc,
                            VY__BUFFER_CHUNK * sizeof(vy__buffer_slot)),
          memory_order_release);
    s = slot_at(t, t->used);
    if (s)
      s->index = t->used++;
  }
  vy__mutex_unlock(&t->mutex);
  return s;
}

// Put a dead slot back under its next generation, unless it has none left.
static void give_slot(vy__buffers *t, vy__buffer_slot *s, uint32_t generation) {
  vy__mutex_lock(&t->mutex);
  atomic_store_explicit(&s->state, (uint64_t)generation << 40,
                        memory_order_release);
  if (generation + 1 < GENERATIONS) {
    s->next_free = t->free;
    t->free = s->index;
  }
  vy__mutex_unlock(&t->mutex);
}

vy_status vy__buffers_create(vy__buffers *t, uint64_t size, vy_buffer *out,
                             vy_diags *diags) {
  vy__buffer_slot *s = take_slot(t);
  if (!s)
    return vy__fail_oom(diags, "the table of resident buffers");
  uint32_t generation = GENERATION(s->state);
  s->memory = NULL;
  if (size) {
    vy_status st = t->ops->memory_create(t->impl, size, &s->memory, diags);
    if (st != VY_OK) {
      give_slot(t, s, generation);
      return st;
    }
  }
  s->size = size;
  generation++;
  vy__count(t->context, VY__COUNT_LIVE_BUFFERS, 1);
  atomic_store_explicit(&s->state, (uint64_t)generation << 40 | ALIVE,
                        memory_order_release);
  out->id = id_of(t, s->index, generation);
  return VY_OK;
}

static void reclaim(vy__buffers *t, vy__buffer_slot *s, uint32_t generation) {
  drop_memory(t, s);
  give_slot(t, s, generation);
}

// The slot that `id` may name, whatever its generation; NULL if none.
static vy__buffer_slot *find(vy__buffers *t, uint64_t id) {
  return id >> 40 == t->owner ? slot_at(t, index_of(id)) : NULL;
}

static bool names(uint64_t id, uint64_t state) {
  return (state & ALIVE) && (id & (GENERATIONS - 1)) == GENERATION(state);
}

// ---- holds

// With the mutex held.
static void unlink_hold(vy__hold *h) {
  *(h->before ? &h->before->next : &h->slot->holds) = h->next;
  if (h->next)
    h->next->before = h->before;
  h->slot = NULL;
}

void vy__buffers_hold(vy__buffers *t, vy__hold *h, vy__buffer_slot *s,
                      _Atomic uint32_t *holder) {
  vy__mutex_lock(&t->mutex);
  *h = (vy__hold){s, holder, s->holds, NULL};
  if (h->next)
    h->next->before = h;
  s->holds = h;
  if (!(atomic_load(&s->state) & ALIVE)) // freed since it was marked
    atomic_store(holder, VY__HOLDER_ASKED);
  vy__mutex_unlock(&t->mutex);
}

void vy__buffers_let_go(vy__buffers *t, vy__hold *h) {
  vy__mutex_lock(&t->mutex);
  vy__buffer_slot *s = h->slot;
  if (s)
    unlink_hold(h);
  vy__mutex_unlock(&t->mutex);
  if (s)
    vy__buffers_unpin(t, s);
}

// With the mutex held: keep an idle holder out, for true, or ask one at work.
// That also stands where it was asked already, so that it sees that the buffer
// is dead.
static bool keep_out(_Atomic uint32_t *holder) {
  uint32_t state = atomic_load(holder), to;
  do {
    to = state == VY__HOLDER_IDLE ? VY__HOLDER_TAKEN_FROM : VY__HOLDER_ASKED;
  } while (!atomic_compare_exchange_weak(holder, &state, to));
  return to == VY__HOLDER_TAKEN_FROM;
}

// The buffer is dead: pins of idle holders go. Where the last pin has gone
// meanwhile, the slot may be another buffer's, and so are its holds.
static void take_from_idle(vy__buffers *t, vy__buffer_slot *s) {
  uint32_t taken = 0;
  vy__mutex_lock(&t->mutex);
  bool reused = (atomic_load(&s->state) & ALIVE) != 0;
  for (vy__hold *h = reused ? NULL : s->holds, *next; h; h = next) {
    _Atomic uint32_t *holder = h->holder;
    next = h->next;
    if (!keep_out(holder))
      continue;
    unlink_hold(h);
    taken++;
    atomic_store(holder, VY__HOLDER_IDLE);
  }
  vy__mutex_unlock(&t->mutex);
  while (taken--)
    vy__buffers_unpin(t, s);
}

bool vy__buffers_enter(vy__buffers *t, _Atomic uint32_t *holder) {
  for (;;) {
    uint32_t state = VY__HOLDER_IDLE;
    if (VY__LIKELY(atomic_compare_exchange_strong_explicit(
            holder, &state, VY__HOLDER_AT_WORK, memory_order_acquire,
            memory_order_relaxed)))
      return true;
    if (state != VY__HOLDER_TAKEN_FROM)
      return false;
    vy__mutex_lock(&t->mutex); // until that moment is over
    vy__mutex_unlock(&t->mutex);
  }
}

// ---- freeing and marking

vy_status vy__buffers_free(vy__buffers *t, vy_buffer b, vy_diags *diags) {
  vy__buffer_slot *s = find(t, b.id);
  uint64_t state = s ? atomic_load(&s->state) : 0;
  do {
    if (!s || !names(b.id, state))
      return vy__buffers_stale(t, b.id, "buffer", diags);
  } while (!atomic_compare_exchange_weak(&s->state, &state, state & ~ALIVE));
  if (PINS(state) == 0)
    reclaim(t, s, GENERATION(state));
  else
    take_from_idle(t, s);
  return VY_OK;
}

vy__buffer_slot *vy__buffers_pin(vy__buffers *t, uint64_t id) {
  vy__buffer_slot *s = find(t, id);
  uint64_t state =
      s ? atomic_load_explicit(&s->state, memory_order_relaxed) : 0;
  do {
    if (!s || !names(id, state))
      return NULL;
  } while (!atomic_compare_exchange_weak_explicit(&s->state, &state, state + 1,
                                                  memory_order_acquire,
                                                  memory_order_relaxed));
  return s;
}

void vy__buffers_unpin(vy__buffers *t, vy__buffer_slot *s) {
  uint64_t before =
      atomic_fetch_sub_explicit(&s->state, 1, memory_order_acq_rel);
  if (PINS(before) == 1 && !(before & ALIVE))
    reclaim(t, s, GENERATION(before));
}

vy__buffer_slot *vy__buffers_at(vy__buffers *t, vy_buffer b) {
  return slot_at(t, index_of(b.id));
}

vy_status vy__buffers_stale(const vy__buffers *t, uint64_t id, const char *what,
                            vy_diags *diags) {
  const char *why = id == 0                ? "names no buffer"
                    : id >> 40 != t->owner ? "was made by another device"
                                           : "was freed, or never made";
  return vy__fail(diags, NULL, VY__E_STALE_BUFFER, "%s: buffer 0x%016llx %s",
                  what, (unsigned long long)id, why);
}
