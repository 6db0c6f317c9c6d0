// Diagnostics as people read them.
#include <stdio.h>

#include "base/base.h"

// Text cut to `capacity`; `size` counts all of it.
typedef struct text {
  char *data;
  size_t capacity, size;
} text;

static void put(text *t, const char *data, size_t size) {
  for (size_t i = 0; i < size; i++, t->size++)
    if (t->size + 1 < t->capacity)
      t->data[t->size] = data[i];
}

static void put_c(text *t, const char *s) { put(t, s, strlen(s)); }

static void put_number(text *t, const char *format, uint32_t number) {
  char digits[32];
  int size = snprintf(digits, sizeof digits, format, number);
  put(t, digits, size > 0 ? (size_t)size : 0);
}

// The source line and below it a caret; tabs stay tabs, so that both lines
// indent alike, and bytes inside a UTF-8 sequence take no column.
static void put_source(text *t, const vy_diag *d) {
  put_c(t, "\n    ");
  put(t, d->source.data, d->source.size);
  if (!d->column || d->column > d->source.size + 1)
    return;
  put_c(t, "\n    ");
  for (uint32_t i = 0; i + 1 < d->column; i++) {
    unsigned char c = (unsigned char)d->source.data[i];
    if (c == '\t')
      put_c(t, "\t");
    else if ((c & 0xc0) != 0x80)
      put_c(t, " ");
  }
  put_c(t, "^");
}

static void put_position(text *t, const vy_diag *d) {
  put(t, d->file.data, d->file.size);
  if (d->line) {
    put_number(t, d->file.size ? ":%u" : "line %u", d->line);
    if (d->column)
      put_number(t, ":%u", d->column);
  }
  if (d->file.size || d->line)
    put_c(t, ": ");
}

size_t vy_diag_format(const vy_diag *diag, char *buffer, size_t capacity) {
  static const char *const words[] = {"error", "warning", "note"};
  text t = {buffer, buffer ? capacity : 0, 0};
  if (diag) {
    put_position(&t, diag);
    put_c(&t, diag->severity < VY__COUNT(words) ? words[diag->severity]
                                                : "diagnostic");
    put_number(&t, " VY%04u: ", diag->code);
    if (diag->item != UINT32_MAX)
      put_number(&t, "item %u: ", diag->item);
    put(&t, diag->message.data, diag->message.size);
    if (diag->source.size)
      put_source(&t, diag);
    if (diag->fix.size) {
      put_c(&t, "\nFix: ");
      put(&t, diag->fix.data, diag->fix.size);
    }
    if (diag->log.size) {
      put_c(&t, "\nLog: ");
      put(&t, diag->log.data, diag->log.size);
    }
  }
  if (t.capacity)
    buffer[t.size < t.capacity ? t.size : t.capacity - 1] = 0;
  return t.size;
}
