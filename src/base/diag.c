// Diagnostics into the caller's storage: formatted once on the stack, copied
// as far as there is room, counted when there is none. Nothing is allocated.
#include <stdarg.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/errors.h"

enum { MESSAGE_SIZE = 2048 };

// Copy text into the caller's storage; what does not fit is cut, never in the
// middle of a UTF-8 sequence.
static vy_str keep(vy_diags *d, vy_str s) {
  size_t room = d->text ? d->text_capacity - d->text_size : 0;
  size_t size = s.size < room ? s.size : room;
  while (size < s.size && size && ((unsigned char)s.data[size] & 0xc0) == 0x80)
    size--;
  if (!size)
    return (vy_str){NULL, 0};
  char *to = d->text + d->text_size;
  memcpy(to, s.data, size);
  d->text_size += size;
  return (vy_str){to, size};
}

static void record(vy_diags *d, const vy__where *where, uint32_t severity,
                   const vy_error_info *row, const char *text) {
  if (severity == VY_SEVERITY_ERROR)
    d->errors++;
  if (!d->records || d->count >= d->capacity) {
    d->dropped++;
    return;
  }
  const char *mark = strstr(text, "\nFix: ");
  vy_str message = vy_str_c(text), fix = vy_str_c(row->fix);
  if (mark) {
    message.size = (size_t)(mark - text);
    fix = vy_str_c(mark + strlen("\nFix: "));
  }
  vy_diag *r = &d->records[d->count++];
  *r = (vy_diag){.code = row->code, .status = row->status,
                 .severity = severity, .item = UINT32_MAX};
  r->message = keep(d, message);
  r->fix = keep(d, fix);
  if (where) {
    r->line = where->line;
    r->column = where->column;
    r->file = keep(d, where->file);
    r->source = keep(d, where->source);
  }
}

vy_status vy__fail(vy_diags *d, const vy__where *where, vy__err code,
                   const char *format, ...) {
  const vy_error_info *row = vy__error_row(code);
  if (d) {
    char text[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    record(d, where, VY_SEVERITY_ERROR, row, text);
  }
  return (vy_status)row->status;
}

void vy__report(vy_diags *d, const vy__where *where, uint32_t severity,
                vy__err code, const char *format, ...) {
  if (!d)
    return;
  char text[MESSAGE_SIZE];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  record(d, where, severity, vy__error_row(code), text);
}

vy_status vy__fail_oom(vy_diags *d, const char *what) {
  return vy__fail(d, NULL, VY__E_OUT_OF_HOST_MEMORY,
                  "out of host memory for %s", what);
}

vy_status vy__fail_argument(vy_diags *d, const char *format, ...) {
  if (d) {
    char text[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    record(d, NULL, VY_SEVERITY_ERROR, vy__error_row(VY__E_BAD_ARGUMENT),
           text);
  }
  return VY_ERROR_INVALID_ARGUMENT;
}

void vy__diags_set_item(vy_diags *d, uint32_t first, uint32_t item) {
  for (uint32_t i = first; d && d->records && i < d->count; i++)
    d->records[i].item = item;
}

void vy__diags_set_log(vy_diags *d, vy_str log) {
  if (d && d->records && d->count)
    d->records[d->count - 1].log = keep(d, log);
}

vy_status vy__take_struct(void *out, size_t size, const void *in,
                          const char *what, vy_diags *d) {
  size_t given;
  memcpy(&given, in, sizeof given);
  bool ok = given >= sizeof given;
  for (size_t i = size; ok && i < given && i < size + 4096; i++)
    ok = ((const unsigned char *)in)[i] == 0;
  if (!ok || given > size + 4096)
    return vy__fail(d, NULL, VY__E_BAD_STRUCT,
                    "%s: struct_size is %zu, this library knows %zu", what,
                    given, size);
  memset(out, 0, size);
  memcpy(out, in, given < size ? given : size);
  memcpy(out, &size, sizeof size);
  return VY_OK;
}

vy_status vy__give_struct(void *out, const void *in, size_t size) {
  size_t given;
  memcpy(&given, out, sizeof given);
  if (given < sizeof given)
    return VY_ERROR_INVALID_ARGUMENT;
  if (given < size)
    size = given;
  memcpy((char *)out + sizeof given, (const char *)in + sizeof given,
         size - sizeof given);
  return VY_OK;
}

// ---- as text

typedef struct text_out {
  char *data;
  size_t room, need; // room without the terminator
} text_out;

static void put(text_out *t, const char *s, size_t size) {
  for (size_t i = 0; i < size; i++, t->need++)
    if (t->need < t->room)
      t->data[t->need] = s[i];
}

static void VY__PRINTF(2, 3) putf(text_out *t, const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n > 0)
    put(t, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static void put_source(text_out *t, const vy_diag *d) {
  if (!d->source.size)
    return;
  putf(t, "\n%6u | ", d->line);
  put(t, d->source.data, d->source.size);
  put(t, "\n       | ", 10);
  for (size_t i = 0; i + 1 < d->column && i < d->source.size; i++)
    put(t, d->source.data[i] == '\t' ? "\t" : " ", 1);
  put(t, "^", 1);
}

size_t vy_diag_format(const vy_diag *diag, char *buffer, size_t capacity) {
  static const char *const severities[] = {"error", "warning", "note"};
  text_out t = {buffer, buffer && capacity ? capacity - 1 : 0, 0};
  if (diag->line) {
    put(&t, diag->file.data, diag->file.size);
    putf(&t, ":%u:%u: ", diag->line, diag->column);
  }
  putf(&t, "%s VY%04u: ", severities[diag->severity <= 2 ? diag->severity : 0],
       diag->code);
  if (diag->item != UINT32_MAX)
    putf(&t, "item %u: ", diag->item);
  put(&t, diag->message.data, diag->message.size);
  put_source(&t, diag);
  if (diag->fix.size) {
    put(&t, "\n  Fix: ", 8);
    put(&t, diag->fix.data, diag->fix.size);
  }
  if (diag->log.size) {
    put(&t, "\n  Log: ", 8);
    put(&t, diag->log.data, diag->log.size);
  }
  if (buffer && capacity)
    buffer[t.need < t.room ? t.need : t.room] = 0;
  return t.need;
}
