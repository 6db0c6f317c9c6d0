// Memory: the caller's allocator behind a few checked helpers. The only file
// of the library that names the C library's allocator.
#include <stdlib.h>

#include "base/base.h"

static void *c_library(void *user, void *p, size_t old_size, size_t new_size) {
  (void)user;
  (void)old_size;
  if (!new_size) {
    free(p);
    return NULL;
  }
  return realloc(p, new_size);
}

const vy_allocator vy__default_allocator = {NULL, c_library};

// No block has size zero, so that NULL always means out of memory.
static size_t at_least_one(size_t size) { return size ? size : 1; }

void *vy__alloc(const vy_allocator *a, size_t size) {
  return a->fn(a->user, NULL, 0, at_least_one(size));
}

void *vy__calloc(const vy_allocator *a, size_t count, size_t size) {
  size_t total;
  if (!vy__mul_size(count, size, &total))
    return NULL;
  void *p = vy__alloc(a, total);
  if (p)
    memset(p, 0, at_least_one(total));
  return p;
}

void *vy__realloc(const vy_allocator *a, void *p, size_t old_size,
                  size_t new_size) {
  return a->fn(a->user, p, p ? at_least_one(old_size) : 0,
               at_least_one(new_size));
}

void vy__free(const vy_allocator *a, void *p, size_t size) {
  if (p)
    a->fn(a->user, p, at_least_one(size), 0);
}

// An aligned block is a plain one with room to move its start; the byte
// before the start says by how much.

void *vy__alloc_aligned(const vy_allocator *a, size_t size) {
  size_t total;
  if (!vy__add_size(size, VY__ALIGNMENT, &total))
    return NULL;
  uint8_t *base = vy__alloc(a, total);
  if (!base)
    return NULL;
  size_t shift = VY__ALIGNMENT - ((uintptr_t)base & (VY__ALIGNMENT - 1));
  memset(base, 0, total);
  base[shift - 1] = (uint8_t)shift;
  return base + shift;
}

void vy__free_aligned(const vy_allocator *a, void *p, size_t size) {
  if (!p)
    return;
  uint8_t *start = p;
  vy__free(a, start - start[-1], size + VY__ALIGNMENT);
}

bool vy__grow(const vy_allocator *a, void **data, size_t *capacity, size_t need,
              size_t size) {
  if (need <= *capacity && *data)
    return true;
  size_t count = *capacity < SIZE_MAX / 2 ? *capacity * 2 : need, bytes;
  if (count < need)
    count = need;
  if (count < 8)
    count = 8;
  if (!vy__mul_size(count, size, &bytes))
    return false;
  void *p = vy__realloc(a, *data, *capacity * size, bytes);
  if (!p)
    return false;
  *data = p;
  *capacity = count;
  return true;
}
