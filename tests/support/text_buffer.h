// Text that grows, for tests that write programs.
#ifndef TESTS_SUPPORT_TEXT_BUFFER_H
#define TESTS_SUPPORT_TEXT_BUFFER_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct text_buffer {
  char *data;
  size_t size, room;
} text_buffer;

static inline void put(text_buffer *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void put(text_buffer *t, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  int n = vsnprintf(NULL, 0, format, ap);
  va_end(ap);
  if (t->size + (size_t)n + 1 > t->room) {
    t->room = 2 * (t->size + (size_t)n + 1);
    t->data = realloc(t->data, t->room);
    if (!t->data)
      abort();
  }
  va_start(ap, format);
  vsnprintf(t->data + t->size, (size_t)n + 1, format, ap);
  va_end(ap);
  t->size += (size_t)n;
}

#endif
