// Each block carries its size and a mark in front; a wrong size or a mark
// that is gone (freed before) is counted, never followed.
#include "support/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIVE = 0x51a7e, DEAD = 0xdead };

typedef struct head {
  _Alignas(16) size_t size;
  size_t mark;
} head;

static void *resize(void *user, void *ptr, size_t old_size, size_t new_size) {
  heap *h = user;
  head *old = ptr ? (head *)ptr - 1 : NULL;
  if ((old && (old->mark != LIVE || old->size != old_size)) ||
      (!old && old_size)) {
    h->wrong++;
    return NULL;
  }
  head *block = NULL;
  if (new_size) {
    uint64_t call = ++h->asked;
    if (h->fail_at &&
        (call == h->fail_at || (h->fail_from_then && call > h->fail_at)))
      return NULL;
    if (new_size > PTRDIFF_MAX / 2) // no machine has that much
      return NULL;
    // Always another address, so that stale pointers show.
    block = malloc(sizeof *block + new_size);
    if (!block)
      return NULL;
    *block = (head){.size = new_size, .mark = LIVE};
    memset(block + 1, 0xa5, new_size);
    h->blocks++;
    h->bytes += (int64_t)new_size;
  }
  if (old) {
    if (block)
      memcpy(block + 1, ptr, old_size < new_size ? old_size : new_size);
    old->mark = DEAD;
    h->blocks--;
    h->bytes -= (int64_t)old_size;
    free(old);
  }
  return block ? block + 1 : NULL;
}

vy_allocator heap_allocator(heap *h) { return (vy_allocator){h, resize}; }

int heap_is_clean(const heap *h) {
  return h->blocks == 0 && h->bytes == 0 && h->wrong == 0;
}

uint64_t heap_fail_each(vy_status (*run)(heap *h)) {
  for (uint64_t n = 1;; n++) {
    heap h = {.fail_at = n};
    vy_status status = run(&h);
    assert_true(heap_is_clean(&h));
    if (h.asked < n) {
      assert_int_equal(status, VY_OK);
      return n - 1;
    }
    assert_int_equal(status, VY_ERROR_OUT_OF_HOST_MEMORY);
  }
}
