// The context: its allocator counts, its log is serialised.
#include <stdarg.h>
#include <stdio.h>

#include "base/context.h"
#include "base/diag.h"
#include "base/trace.h"

static void *counting(void *user, void *p, size_t old_size, size_t new_size) {
  vy_context *c = user;
  void *q = c->user_alloc.fn(c->user_alloc.user, p, old_size, new_size);
  if (new_size)
    vy__count(c, VY__COUNT_ALLOCATIONS, 1);
  if (q || !new_size)
    vy__count(c, VY__COUNT_LIVE_BYTES,
              (int64_t)new_size - (int64_t)(p ? old_size : 0));
  return q;
}

static void destroy(vy_context *c) {
  vy_allocator a = c->user_alloc;
  vy__trace_close(c);
  vy__mutex_destroy(&c->log_mutex);
  vy__free(&a, c, sizeof *c);
}

vy_status vy_context_create(const vy_context_desc *desc, vy_context **out,
                            vy_diags *diags) {
  vy_context_desc d = VY_CONTEXT_DESC_INIT;
  if (!out)
    return vy__fail_argument(diags, "vy_context_create: out is NULL");
  *out = NULL;
  if (desc)
    VY_TRY(vy__take_struct(&d, sizeof d, desc, "vy_context_desc", diags));
  vy_allocator a = d.allocator.fn ? d.allocator : vy__default_allocator;
  vy_context *c = vy__calloc(&a, 1, sizeof *c);
  if (!c)
    return vy__fail_oom(diags, "a context");
  if (!vy__mutex_init(&c->log_mutex)) {
    vy__free(&a, c, sizeof *c);
    return vy__fail_oom(diags, "a context's lock");
  }
  vy__refs_init(&c->refs);
  c->user_alloc = a;
  c->alloc = (vy_allocator){c, counting};
  c->log = d.log;
  c->log_user = d.log_user;
  c->cache_entries = d.cache_entries ? d.cache_entries : 256;
  const char *path = d.trace_path ? d.trace_path : vy__env("VYRE_TRACE");
  vy_status status = path && *path ? vy__trace_open(c, path, diags) : VY_OK;
  if (status != VY_OK)
    destroy(c);
  else
    *out = c;
  return status;
}

vy_context *vy_context_retain(vy_context *context) {
  if (context)
    vy__refs_take(&context->refs);
  return context;
}

void vy_context_release(vy_context *context) {
  if (context && vy__refs_drop(&context->refs))
    destroy(context);
}

vy_status vy_counters_read(const vy_context *context, vy_counters *out) {
  if (!context || !out)
    return VY_ERROR_INVALID_ARGUMENT;
  uint64_t v[VY__COUNTERS + 1] = {0};
  _Static_assert(sizeof v == sizeof *out, "one counter a field");
  for (int i = 0; i < VY__COUNTERS; i++)
    v[i + 1] = atomic_load_explicit(&context->counters[i],
                                    memory_order_relaxed);
  return vy__give_struct(out, v, sizeof v);
}

void vy__log(vy_context *c, uint32_t level, const char *format, ...) {
  if (!c->log)
    return;
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  vy__mutex_lock(&c->log_mutex);
  c->log(c->log_user, level, vy_str_c(text));
  vy__mutex_unlock(&c->log_mutex);
}
