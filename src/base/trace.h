// The trace file of a context: opened at its creation, completed at its end.
#ifndef VY__TRACE_H
#define VY__TRACE_H

#include "base/context.h"
#include "base/diag.h"

// NULL out when it fails. The file is created or emptied.
vy_status vy__trace_open(const vy_allocator *a, const char *path,
                         struct vy__trace **out, vy_diags *diags);
void vy__trace_close(const vy_allocator *a, struct vy__trace *trace);

#endif
