// Memory with pages around it that nobody may touch: a byte read or written
// outside ends the test.
#ifndef TESTS_SUPPORT_GUARDED_H
#define TESTS_SUPPORT_GUARDED_H

#include <stdbool.h>
#include <stddef.h>

typedef struct guarded {
  unsigned char *data;
  size_t size;
  void *map;
  size_t map_size;
} guarded;

// `size` bytes, copied from `data` unless it is NULL, directly before the page
// that follows (at_end; then at any alignment) or directly after the page
// before.
guarded guarded_make(const void *data, size_t size, bool at_end);
// From now on it can only be read.
void guarded_protect(const guarded *g);
void guarded_free(guarded *g); // fine on a zeroed one

#endif
