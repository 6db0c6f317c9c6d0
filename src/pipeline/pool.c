// Idle blocks stand in one list, the last used first. A block that is too
// small is replaced by a larger one, so a pool settles at the sizes in use.
#include "pipeline/pool.h"

enum { MAX_IDLE = 256 };

bool vy__pool_init(vy__pool *p, const vy_allocator *alloc) {
  p->alloc = alloc;
  p->idle = NULL;
  p->idle_count = 0;
  return vy__mutex_init(&p->mutex);
}

void vy__pool_destroy(vy__pool *p) {
  while (p->idle) {
    vy__block *b = p->idle;
    p->idle = b->next;
    vy__free(p->alloc, b, b->size);
  }
  vy__mutex_destroy(&p->mutex);
}

// The first idle block with room, else any, else NULL.
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

void *vy__pool_take(vy__pool *p, size_t size) {
  vy__block *b = pop(p, size);
  if (b && b->size >= size)
    return b;
  if (b)
    vy__free(p->alloc, b, b->size);
  b = vy__alloc(p->alloc, size);
  if (b)
    b->size = size;
  return b;
}

void vy__pool_give(vy__pool *p, void *block) {
  vy__block *b = block;
  vy__mutex_lock(&p->mutex);
  bool keep = p->idle_count < MAX_IDLE;
  if (keep) {
    b->next = p->idle;
    p->idle = b;
    p->idle_count++;
  }
  vy__mutex_unlock(&p->mutex);
  if (!keep)
    vy__free(p->alloc, b, b->size);
}
