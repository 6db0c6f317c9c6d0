// The entries of the memory cache, found by key; those that no pipeline uses
// stand in a list beside, most recently used first, so that neither looking up
// nor dropping what is too much depends on how many there are. All under the
// cache's mutex.
#include "pipeline/pipeline.h"

static uint32_t bucket_of(const vy__cache *c, const vy_hash *key) {
  return vy__get_u32(key->bytes) & (c->bucket_count - 1);
}

vy__compiled *vy__cache_find(const vy__cache *c, const vy_hash *key) {
  if (!c->bucket_count)
    return NULL;
  vy__compiled *e = c->buckets[bucket_of(c, key)];
  while (e && memcmp(e->key.bytes, key->bytes, sizeof key->bytes))
    e = e->next;
  return e;
}

static void chain(vy__cache *c, vy__compiled *e) {
  vy__compiled **at = &c->buckets[bucket_of(c, &e->key)];
  e->next = *at;
  *at = e;
}

static bool grow(vy__cache *c, const vy_allocator *a) {
  enum { FIRST = 64 };
  uint32_t old_count = c->bucket_count;
  uint32_t count = old_count ? old_count * 2 : FIRST;
  vy__compiled **old = c->buckets;
  vy__compiled **buckets = vy__calloc(a, count, sizeof(vy__compiled *));
  if (!buckets)
    return old_count > 0; // longer chains do as well
  c->buckets = buckets;
  c->bucket_count = count;
  for (uint32_t i = 0; i < old_count; i++)
    while (old[i]) {
      vy__compiled *e = old[i];
      old[i] = e->next;
      chain(c, e);
    }
  vy__free(a, old, old_count * sizeof(vy__compiled *));
  return true;
}

bool vy__cache_insert(vy__cache *c, const vy_allocator *a, vy__compiled *e) {
  if (c->count >= c->bucket_count && c->bucket_count < 1u << 24 && !grow(c, a))
    return false;
  chain(c, e);
  c->count++;
  return true;
}

void vy__cache_remove(vy__cache *c, vy__compiled *e) {
  vy__compiled **at = &c->buckets[bucket_of(c, &e->key)];
  while (*at != e)
    at = &(*at)->next;
  *at = e->next;
  c->count--;
}

static void unlink_idle(vy__cache *c, vy__compiled *e) {
  *(e->newer ? &e->newer->older : &c->newest) = e->older;
  *(e->older ? &e->older->newer : &c->oldest) = e->newer;
  e->newer = e->older = NULL;
}

void vy__cache_use(vy__cache *c, vy__compiled *e) {
  if (e->users++ == 0 && e->idle) {
    unlink_idle(c, e);
    e->idle = false;
  }
}

void vy__cache_unuse(vy__cache *c, vy__compiled *e) {
  if (--e->users)
    return;
  e->idle = true;
  e->older = c->newest;
  *(c->newest ? &c->newest->newer : &c->oldest) = e;
  c->newest = e;
}

vy__compiled *vy__cache_evict(vy__cache *c, uint32_t most) {
  vy__compiled *out = NULL, *newer;
  for (vy__compiled *e = c->oldest; e && c->count > most; e = newer) {
    newer = e->newer;
    if (atomic_load(&e->flights))
      continue;
    unlink_idle(c, e);
    vy__cache_remove(c, e);
    e->next = out;
    out = e;
  }
  return out;
}

vy__compiled *vy__cache_take_all(vy__cache *c, const vy_allocator *a) {
  vy__compiled *out = NULL;
  for (uint32_t i = 0; i < c->bucket_count; i++)
    while (c->buckets[i]) {
      vy__compiled *e = c->buckets[i];
      c->buckets[i] = e->next;
      e->next = out;
      out = e;
    }
  vy__free(a, c->buckets, c->bucket_count * sizeof(vy__compiled *));
  c->buckets = NULL;
  c->bucket_count = c->count = 0;
  c->newest = c->oldest = NULL;
  return out;
}
