// Diagnostics: the one place that turns an error code into a record. Codes
// are rows of errors.def; a message may end with "\nFix: ..." to replace the
// row's general advice.
#ifndef VY__DIAG_H
#define VY__DIAG_H

#include "base/base.h"

// E(number, NAME, status, "summary", "general fix")
typedef enum vy__err {
#define E(number, name, status, summary, fix) VY__E_##name = number,
#include "base/errors.def"
#undef E
} vy__err;

// Where an error is. All of it optional: {0}.
typedef struct vy__where {
  vy_str file;
  vy_str source; // the line's text, without its newline
  uint32_t line, column;
} vy__where;

// Append an error (or, below, a warning or note) and return the status of its
// code. `d` and `where` may be NULL. Never allocates, never fails. Messages
// name what, limit and value.
vy_status vy__fail(vy_diags *d, const vy__where *where, vy__err code,
                   const char *format, ...) VY__PRINTF(4, 5);
void vy__report(vy_diags *d, const vy__where *where, uint32_t severity,
                vy__err code, const char *format, ...) VY__PRINTF(5, 6);
// The usual two.
vy_status vy__fail_oom(vy_diags *d, const char *what);
vy_status vy__fail_argument(vy_diags *d, const char *format, ...)
    VY__PRINTF(2, 3);
// Set the batch item of the records from `first` on.
void vy__diags_set_item(vy_diags *d, uint32_t first, uint32_t item);
// Attach a backend's log to the newest record, cut to fit.
void vy__diags_set_log(vy_diags *d, vy_str log);

// Take a struct from a caller built against an older header: copies
// min(struct_size, size) bytes over the zeroed *out. INVALID_ARGUMENT when
// struct_size is smaller than a size_t or larger than `size` with non-zero
// bytes beyond.
vy_status vy__take_struct(void *out, size_t size, const void *in,
                          const char *what, vy_diags *d);
// Give a struct to a caller: copies min(out's struct_size, size), keeps
// struct_size.
vy_status vy__give_struct(void *out, const void *in, size_t size);

#endif
