// Idle blocks. In the list the last used is first. A block that is too small
// is replaced by a larger one, so a pool settles at the sizes in use; before
// anything is allocated the other threads' front blocks are looked at, so that
// it does not matter which thread gave a block back.
#include "pipeline/pool.h"

enum { MAX_IDLE = 256 };

bool vy__pool_init(vy__pool *p, const vy_allocator *alloc) {
  p->alloc = alloc;
  p->idle = NULL;
  p->idle_count = 0;
  for (uint32_t i = 0; i < VY__THREAD_SLOTS; i++)
    atomic_init(&p->front[i].idle, NULL);
  return vy__mutex_init(&p->mutex);
}

static vy__block *take_front(vy__pool *p, uint32_t i) {
  if (!atomic_load_explicit(&p->front[i].idle, memory_order_relaxed))
    return NULL;
  return atomic_exchange_explicit(&p->front[i].idle, NULL,
                                  memory_order_acquire);
}

void vy__pool_destroy(vy__pool *p) {
  for (uint32_t i = 0; i < VY__THREAD_SLOTS; i++) {
    vy__block *b = take_front(p, i);
    if (b)
      vy__free_aligned(p->alloc, b, b->size);
  }
  while (p->idle) {
    vy__block *b = p->idle;
    p->idle = b->next;
    vy__free_aligned(p->alloc, b, b->size);
  }
  vy__mutex_destroy(&p->mutex);
}

static void push(vy__pool *p, vy__block *b) {
  vy__mutex_lock(&p->mutex);
  bool keep = p->idle_count < MAX_IDLE;
  if (keep) {
    b->next = p->idle;
    p->idle = b;
    p->idle_count++;
  }
  vy__mutex_unlock(&p->mutex);
  if (!keep)
    vy__free_aligned(p->alloc, b, b->size);
}

// The first in the list with room, else any, else NULL.
static vy__block *pop(vy__pool *p, size_t size) {
  vy__mutex_lock(&p->mutex);
  vy__block **at = &p->idle;
  while (*at && (*at)->size < size)
    at = &(*at)->next;
  if (!*at)
    at = &p->idle;
  vy__block *b = *at;
  if (b) {
    *at = b->next;
    p->idle_count--;
  }
  vy__mutex_unlock(&p->mutex);
  return b;
}

// One with room, or one too small, or NULL.
static vy__block *find(vy__pool *p, size_t size, uint32_t slot) {
  vy__block *b = pop(p, size);
  for (uint32_t i = 0; (!b || b->size < size) && i < VY__THREAD_SLOTS; i++) {
    vy__block *other = take_front(p, (slot + i) % VY__THREAD_SLOTS);
    if (other && b)
      push(p, b);
    if (other)
      b = other;
  }
  return b;
}

void *vy__pool_take(vy__pool *p, size_t size) {
  uint32_t slot = vy__thread_slot();
  vy__block *b = take_front(p, slot);
  if (VY__LIKELY(b && b->size >= size))
    return b;
  if (b)
    push(p, b);
  b = find(p, size, slot);
  if (b && b->size >= size)
    return b;
  if (b)
    vy__free_aligned(p->alloc, b, b->size);
  b = vy__alloc_aligned(p->alloc, size);
  if (b)
    b->size = size;
  return b;
}

void vy__pool_give(vy__pool *p, void *block) {
  vy__block *b = atomic_exchange_explicit(&p->front[vy__thread_slot()].idle,
                                          block, memory_order_acq_rel);
  if (b)
    push(p, b);
}
