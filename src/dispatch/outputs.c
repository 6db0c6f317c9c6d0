// Output slots: modes, capacity, statistics. See outputs.h.
#include "dispatch/outputs.h"

#include "base/diag.h"

enum { MAX_SLOTS = 4096, ROUND = 64 };

static size_t bytes_of(uint32_t count) {
  return sizeof(vy_outputs) + count * sizeof(vy__slot);
}

vy_status vy_outputs_create(vy_context *context, uint32_t count,
                            vy_outputs **out, vy_diags *diags) {
  if (!context || !out)
    return vy__fail_argument(diags, "vy_outputs_create: %s is NULL",
                             context ? "out" : "context");
  if (count > MAX_SLOTS)
    return vy__fail_argument(diags, "vy_outputs_create: %u slots, at most %d",
                             count, MAX_SLOTS);
  vy_outputs *o = vy__alloc_aligned(&context->alloc, bytes_of(count));
  if (!o)
    return vy__fail_oom(diags, "an outputs object");
  vy__refs_init(&o->refs);
  o->context = vy_context_retain(context);
  o->count = count;
  *out = o;
  return VY_OK;
}

vy_outputs *vy_outputs_retain(vy_outputs *o) {
  if (o)
    vy__refs_take(&o->refs);
  return o;
}

static void drop_own(vy_outputs *o, vy__slot *s) {
  if (s->mode != VY_SLOT_MEMORY && s->data)
    vy__free_aligned(&o->context->alloc, s->data, s->capacity);
  s->data = NULL;
  s->capacity = 0;
}

void vy_outputs_release(vy_outputs *o) {
  if (!o || !vy__refs_drop(&o->refs))
    return;
  vy_context *c = o->context;
  for (uint32_t i = 0; i < o->count; i++)
    drop_own(o, &o->slots[i]);
  vy__free_aligned(&c->alloc, o, bytes_of(o->count));
  vy_context_release(c);
}

// ---- claims

bool vy__outputs_claim(vy_outputs *o, uint32_t from, uint32_t to) {
  return atomic_compare_exchange_strong(&o->state, &from, to);
}

void vy__outputs_set_state(vy_outputs *o, uint32_t state) {
  atomic_store_explicit(&o->state, state, memory_order_release);
}

static bool readable(const vy_outputs *o) {
  uint32_t s = atomic_load_explicit(&o->state, memory_order_acquire);
  return s == VY__OUTPUTS_FREE || s == VY__OUTPUTS_PREPARED;
}

// ---- settings

vy_status vy_outputs_set(vy_outputs *o, uint32_t index, uint32_t mode,
                         void *memory, uint64_t capacity) {
  if (!o || index >= o->count || mode > VY_SLOT_SKIP)
    return VY_ERROR_INVALID_ARGUMENT;
  bool given = mode == VY_SLOT_MEMORY;
  if (given ? !memory && capacity : memory || capacity)
    return VY_ERROR_INVALID_ARGUMENT;
  if (!vy__outputs_claim(o, VY__OUTPUTS_FREE, VY__OUTPUTS_RUNNING))
    return VY_ERROR_BUSY;
  vy__slot *s = &o->slots[index];
  if (given || s->mode == VY_SLOT_MEMORY)
    drop_own(o, s);
  if (given) {
    s->data = memory;
    s->capacity = capacity;
  }
  s->mode = mode;
  s->size = 0;
  s->returned = false;
  vy__outputs_set_state(o, VY__OUTPUTS_FREE);
  return VY_OK;
}

bool vy__slot_grow(vy_outputs *o, vy__slot *s, uint64_t need) {
  if (need > SIZE_MAX / 2)
    return false;
  uint64_t capacity = (need + ROUND - 1) / ROUND * ROUND;
  s->grown = vy__alloc_aligned(&o->context->alloc, capacity);
  s->grown_capacity = capacity;
  return s->grown != NULL;
}

void vy__slot_commit(vy_outputs *o, vy__slot *s) {
  if (!s->grown)
    return;
  drop_own(o, s);
  s->data = s->grown;
  s->capacity = s->grown_capacity;
  s->grown = NULL;
}

void vy__slot_drop(vy_outputs *o, vy__slot *s) {
  if (s->grown)
    vy__free_aligned(&o->context->alloc, s->grown, s->grown_capacity);
  s->grown = NULL;
}

// ---- reading

const void *vy_outputs_data(const vy_outputs *o, uint32_t index) {
  if (!o || index >= o->count || !readable(o) || !o->slots[index].returned)
    return NULL;
  return o->slots[index].data;
}

uint64_t vy_outputs_size(const vy_outputs *o, uint32_t index) {
  if (!o || index >= o->count || !readable(o) || !o->slots[index].returned)
    return 0;
  return o->slots[index].size;
}

uint64_t vy_outputs_capacity(const vy_outputs *o, uint32_t index) {
  return o && index < o->count && readable(o) ? o->slots[index].capacity : 0;
}

uint32_t vy_outputs_count(const vy_outputs *o) { return o ? o->count : 0; }

vy_status vy_outputs_describe(const vy_outputs *o, vy_outputs_stats *out) {
  if (!o || !out)
    return VY_ERROR_INVALID_ARGUMENT;
  if (!readable(o))
    return VY_ERROR_BUSY;
  vy_outputs_stats s = {sizeof s, o->reused, o->grown, o->bytes};
  return vy__give_struct(out, &s, sizeof s);
}
