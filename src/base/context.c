// The context. Its allocator counts calls and live bytes, then asks the
// caller's; everything that hangs off a context allocates through it, the
// context itself and its trace included.
#include "base/context.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cache_place.h"
#include "base/diag.h"
#include "base/trace.h"

enum { DEFAULT_CACHE_ENTRIES = 256, LOG_SIZE = 2048 };

static void *counting_resize(void *user, void *ptr, size_t old_size,
                             size_t new_size) {
  vy_context *c = user;
  void *p = c->user_alloc.fn(c->user_alloc.user, ptr, old_size, new_size);
  if (new_size)
    vy__count(c, VY__COUNT_ALLOCATIONS, 1);
  if (p || !new_size)
    vy__count(c, VY__COUNT_LIVE_BYTES, (int64_t)new_size - (int64_t)old_size);
  return p;
}

static bool make_locks(vy_context *c) {
  if (!vy__mutex_init(&c->log_mutex))
    return false;
  if (vy__mutex_init(&c->tally_mutex))
    return true;
  vy__mutex_destroy(&c->log_mutex);
  return false;
}

static vy_status create(const vy_context_desc *desc, vy_context **out,
                        vy_diags *diags) {
  vy_allocator user =
      desc->allocator.fn ? desc->allocator : vy__default_allocator;
  vy_context *c = vy__alloc_aligned(&user, sizeof *c);
  if (!c)
    return vy__fail_oom(diags, "the context");
  vy__refs_init(&c->refs);
  c->user_alloc = user;
  c->alloc = (vy_allocator){c, counting_resize};
  c->log = desc->log;
  c->log_user = desc->log_user;
  c->cache_entries =
      desc->cache_entries ? desc->cache_entries : DEFAULT_CACHE_ENTRIES;
  vy__count(c, VY__COUNT_ALLOCATIONS, 1);
  vy__count(c, VY__COUNT_LIVE_BYTES, sizeof *c + VY__ALIGNMENT);
  if (!make_locks(c)) {
    vy__free_aligned(&user, c, sizeof *c);
    return vy__fail_oom(diags, "the context's locks");
  }
  if (!vy__cache_place(&c->alloc, desc->cache_path, &c->cache_path,
                       &c->cache_off)) {
    vy_context_release(c);
    return vy__fail_oom(diags, "the path of the disk cache");
  }
  c->cache_bytes = vy__cache_size(desc->cache_bytes);
  const char *path = desc->trace_path;
  if (!path)
    path = vy__env("VYRE_TRACE");
  if (path && path[0]) {
    vy_status s = vy__trace_open(&c->alloc, path, &c->trace, diags);
    if (s != VY_OK) {
      vy_context_release(c);
      return s;
    }
  }
  *out = c;
  return VY_OK;
}

vy_status vy_context_create(const vy_context_desc *desc, vy_context **out,
                            vy_diags *diags) {
  vy_context_desc d = VY_CONTEXT_DESC_INIT;
  if (!out)
    return vy__fail_argument(diags, "vy_context_create: out is NULL");
  *out = NULL;
  if (desc)
    VY_TRY(vy__take_struct(&d, sizeof d, desc, "vy_context_desc", diags));
  if (d.reserved)
    return vy__fail_argument(
        diags, "vy_context_desc.reserved is %u; it must be 0", d.reserved);
  return create(&d, out, diags);
}

vy_context *vy_context_retain(vy_context *context) {
  if (context)
    vy__refs_take(&context->refs);
  return context;
}

void vy_context_release(vy_context *context) {
  if (!context || !vy__refs_drop(&context->refs))
    return;
  vy__trace_close(&context->alloc, context->trace);
  if (context->cache_path)
    vy__free(&context->alloc, context->cache_path,
             strlen(context->cache_path) + 1);
  vy__mutex_destroy(&context->tally_mutex);
  vy__mutex_destroy(&context->log_mutex);
  vy_allocator user = context->user_alloc;
  vy__free_aligned(&user, context, sizeof *context);
}

// ---- counting

void vy__tally_open(vy_context *c, vy__tally *t) {
  t->context = c;
  vy__mutex_lock(&c->tally_mutex);
  t->next = c->tallies;
  if (t->next)
    t->next->before = t;
  c->tallies = t;
  vy__mutex_unlock(&c->tally_mutex);
}

void vy__tally_close(vy__tally *t) {
  vy_context *c = t->context;
  if (!c)
    return;
  vy__mutex_lock(&c->tally_mutex);
  for (uint32_t i = 0; i < VY__COUNTS; i++)
    vy__count(c, i, (int64_t)t->n[i]);
  *(t->before ? &t->before->next : &c->tallies) = t->next;
  if (t->next)
    t->next->before = t->before;
  vy__mutex_unlock(&c->tally_mutex);
}

static void add_all(uint64_t *sums, const _Atomic uint64_t *n) {
  for (uint32_t i = 0; i < VY__COUNTS; i++)
    sums[i] += atomic_load_explicit(&n[i], memory_order_relaxed);
}

vy_status vy_counters_read(const vy_context *context, vy_counters *out) {
  vy_counters v = VY_COUNTERS_INIT;
  if (!context)
    return VY_ERROR_INVALID_ARGUMENT;
  _Static_assert(sizeof v ==
                     sizeof v.struct_size + VY__COUNTERS * sizeof(uint64_t),
                 "one field for each counter");
  uint64_t sums[VY__COUNTS] = {0};
  vy__mutex *mutex = (vy__mutex *)&context->tally_mutex;
  vy__mutex_lock(mutex);
  for (uint32_t k = 0; k < VY__THREAD_SLOTS; k++)
    add_all(sums, context->counters[k].n);
  for (const vy__tally *t = context->tallies; t; t = t->next)
    add_all(sums, t->n);
  vy__mutex_unlock(mutex);
  sums[VY__COUNT_DISPATCHES] += sums[VY__COUNT_SINGLES];
  sums[VY__COUNT_SUBMISSIONS] += sums[VY__COUNT_SINGLES];
  memcpy(&v.compiles, sums, VY__COUNTERS * sizeof sums[0]);
  return vy__give_struct(out, &v, sizeof v);
}

void vy__log(vy_context *c, uint32_t level, const char *format, ...) {
  if (!c->log)
    return;
  char text[LOG_SIZE];
  va_list args;
  va_start(args, format);
  int size = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (size < 0)
    return;
  vy_str message = {text, (size_t)size < sizeof text ? (size_t)size
                                                     : sizeof text - 1};
  vy__mutex_lock(&c->log_mutex);
  c->log(c->log_user, level, message);
  vy__mutex_unlock(&c->log_mutex);
}
