// Growing byte strings and arenas.
#include <stdarg.h>
#include <stdio.h>

#include "base/base.h"

void vy__buf_init(vy__buf *b, const vy_allocator *a) {
  *b = (vy__buf){.alloc = a};
}

void vy__buf_free(vy__buf *b) {
  vy__free(b->alloc, b->data, b->capacity);
  b->data = NULL;
  b->size = b->capacity = 0;
}

static bool room(vy__buf *b, size_t more) {
  size_t need;
  void *data = b->data;
  if (b->failed || !vy__add_size(b->size, more, &need) ||
      !vy__grow(b->alloc, &data, &b->capacity, need, 1)) {
    b->failed = true;
    return false;
  }
  b->data = data;
  return true;
}

void vy__buf_put(vy__buf *b, const void *data, size_t size) {
  if (!size || !room(b, size))
    return;
  memcpy(b->data + b->size, data, size);
  b->size += size;
}

void vy__buf_str(vy__buf *b, const char *s) { vy__buf_put(b, s, strlen(s)); }

void vy__buf_printf(vy__buf *b, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  if (n < 0) {
    b->failed = true;
  } else if (room(b, (size_t)n + 1)) {
    vsnprintf(b->data + b->size, (size_t)n + 1, format, again);
    b->size += (size_t)n;
  }
  va_end(again);
  va_end(args);
}

void vy__buf_u8(vy__buf *b, uint8_t v) { vy__buf_put(b, &v, sizeof v); }
void vy__buf_u32(vy__buf *b, uint32_t v) { vy__buf_put(b, &v, sizeof v); }
void vy__buf_u64(vy__buf *b, uint64_t v) { vy__buf_put(b, &v, sizeof v); }

// ---- arenas

typedef struct vy__arena_block {
  struct vy__arena_block *next;
  size_t size, used; // of data
  _Alignas(16) char data[];
} block;

enum { BLOCK_SIZE = 16384 };

void vy__arena_init(vy__arena *a, const vy_allocator *alloc) {
  a->alloc = alloc;
  a->block = NULL;
}

static block *new_block(vy__arena *a, size_t size) {
  size_t total;
  if (size < BLOCK_SIZE)
    size = BLOCK_SIZE;
  block *b =
      vy__add_size(size, sizeof *b, &total) ? vy__alloc(a->alloc, total) : NULL;
  if (b) {
    *b = (block){.next = a->block, .size = size};
    a->block = b;
  }
  return b;
}

void *vy__arena_alloc(vy__arena *a, size_t size) {
  if (size > SIZE_MAX - 16)
    return NULL;
  size = (size + 15) & ~(size_t)15;
  block *b = a->block;
  if (!b || b->size - b->used < size)
    b = new_block(a, size);
  if (!b)
    return NULL;
  void *p = b->data + b->used;
  b->used += size;
  memset(p, 0, size);
  return p;
}

char *vy__arena_str(vy__arena *a, const char *data, size_t size) {
  char *p = size < SIZE_MAX ? vy__arena_alloc(a, size + 1) : NULL;
  if (p && size)
    memcpy(p, data, size);
  return p;
}

void vy__arena_free(vy__arena *a) {
  while (a->block) {
    block *b = a->block;
    a->block = b->next;
    vy__free(a->alloc, b, sizeof *b + b->size);
  }
}
