// Diagnostics: records in the caller's storage, and structs that cross
// versions. Nothing here allocates; what does not fit is cut or counted.
#include "base/diag.h"
#include "base/errors.h"

#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE_SIZE = 2048 };

// Cut to what fits, never in the middle of a UTF-8 sequence.
static vy_str keep(vy_diags *d, const char *data, size_t size) {
  size_t room = d->text && d->text_size < d->text_capacity
                    ? d->text_capacity - d->text_size
                    : 0;
  if (size > room)
    for (size = room; size && ((unsigned char)data[size] & 0xc0) == 0x80;)
      size--;
  if (!size)
    return (vy_str){NULL, 0};
  vy_str view = {d->text + d->text_size, size};
  memcpy(d->text + d->text_size, data, size);
  d->text_size += size;
  return view;
}

// Errors of one file share one copy of its name.
static vy_str keep_file(vy_diags *d, vy_str file) {
  if (d->count && vy__str_eq(d->records[d->count - 1].file, file))
    return d->records[d->count - 1].file;
  return keep(d, file.data, file.size);
}

static void append(vy_diags *d, const vy__where *where, uint32_t severity,
                   const vy_error_info *row, const char *text) {
  if (severity == VY_SEVERITY_ERROR)
    d->errors++;
  if (!d->records || d->count >= d->capacity) {
    d->dropped++;
    return;
  }
  static const char mark[] = "\nFix: ";
  const char *own = strstr(text, mark);
  const char *fix = own ? own + sizeof mark - 1 : row->fix;
  vy_diag r = {
      .code = row->code,
      .status = row->status,
      .severity = severity,
      .item = UINT32_MAX,
  };
  r.message = keep(d, text, own ? (size_t)(own - text) : strlen(text));
  r.fix = keep(d, fix, strlen(fix));
  if (where) {
    r.line = where->line;
    r.column = where->column;
    r.file = keep_file(d, where->file);
    r.source = keep(d, where->source.data, where->source.size);
  }
  d->records[d->count++] = r;
}

static vy_status report(vy_diags *d, const vy__where *where, uint32_t severity,
                        vy__err code, const char *format, va_list args) {
  const vy_error_info *row = vy__error_row(code);
  if (d) {
    char text[MESSAGE_SIZE];
    if (vsnprintf(text, sizeof text, format, args) < 0)
      text[0] = 0;
    append(d, where, severity, row, text);
  }
  return (vy_status)row->status;
}

vy_status vy__fail(vy_diags *d, const vy__where *where, vy__err code,
                   const char *format, ...) {
  va_list args;
  va_start(args, format);
  vy_status s = report(d, where, VY_SEVERITY_ERROR, code, format, args);
  va_end(args);
  return s;
}

void vy__report(vy_diags *d, const vy__where *where, uint32_t severity,
                vy__err code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  (void)report(d, where, severity, code, format, args);
  va_end(args);
}

vy_status vy__fail_oom(vy_diags *d, const char *what) {
  return vy__fail(d, NULL, VY__E_OUT_OF_HOST_MEMORY, "no memory for %s", what);
}

vy_status vy__fail_argument(vy_diags *d, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vy_status s =
      report(d, NULL, VY_SEVERITY_ERROR, VY__E_BAD_ARGUMENT, format, args);
  va_end(args);
  return s;
}

void vy__diags_set_item(vy_diags *d, uint32_t first, uint32_t item) {
  for (uint32_t i = first; d && i < d->count; i++)
    d->records[i].item = item;
}

void vy__diags_set_log(vy_diags *d, vy_str log) {
  if (d && d->count)
    d->records[d->count - 1].log = keep(d, log.data, log.size);
}

vy_status vy__take_struct(void *out, size_t size, const void *in,
                          const char *what, vy_diags *d) {
  if (!in)
    return vy__fail_argument(d, "%s is NULL", what);
  size_t given;
  memcpy(&given, in, sizeof given);
  bool known = given >= sizeof given;
  for (size_t i = size; known && i < given; i++)
    known = ((const char *)in)[i] == 0;
  if (!known)
    return vy__fail(d, NULL, VY__E_BAD_STRUCT,
                    "%s has struct_size %zu; this library knows %zu bytes of "
                    "it",
                    what, given, size);
  memset(out, 0, size);
  memcpy(out, in, given < size ? given : size);
  return VY_OK;
}

vy_status vy__give_struct(void *out, const void *in, size_t size) {
  size_t room;
  if (!out)
    return VY_ERROR_INVALID_ARGUMENT;
  memcpy(&room, out, sizeof room);
  if (room < sizeof room)
    return VY_ERROR_INVALID_ARGUMENT;
  memcpy(out, in, room < size ? room : size);
  memcpy(out, &room, sizeof room);
  return VY_OK;
}
