// The trace file's life; spans are in context.h.
#ifndef VY__TRACE_H
#define VY__TRACE_H

#include "base/context.h"

// Sets c->trace. IO when the file cannot be written.
vy_status vy__trace_open(vy_context *c, const char *path, vy_diags *diags);
// Completes the file; fine without a trace.
void vy__trace_close(vy_context *c);

#endif
