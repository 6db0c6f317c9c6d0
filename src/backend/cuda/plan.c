// Which items of a launch one flight takes: as many as its memory should hold,
// none of which reads or writes host memory that another one of it writes.
#include "backend/cuda/way.h"

bool vy__cuda_ranges_fit(vy__cuda *d, vy__cuda_flight *f, size_t count) {
  const vy_allocator *a = &d->context->alloc;
  void *ranges = f->ranges, *order = f->order;
  bool ok = vy__grow(a, &ranges, &f->range_capacity, count, sizeof *f->ranges);
  f->ranges = ranges;
  ok = ok &&
       vy__grow(a, &order, &f->order_capacity, 2 * count, sizeof *f->order);
  f->order = order;
  return ok;
}

// ---- host memory of several items

typedef struct hull {
  uintptr_t lo, hi;
} hull;

static void stretch(hull *h, const void *at, uint64_t size) {
  uintptr_t lo = (uintptr_t)at;
  if (!size)
    return;
  if (!h->hi || lo < h->lo)
    h->lo = lo;
  if (lo + size > h->hi)
    h->hi = lo + size;
}

// True: certainly. Mostly all inputs lie in one place, all outputs in another.
static bool surely_apart(const vy__launch *l, uint32_t first, uint32_t end) {
  const vy__ir *ir = &l->code->program->ir;
  hull in = {0, 0}, out = {0, 0};
  bool ascending = true;
  for (uint32_t i = first; i < end; i++)
    for (uint32_t p = 0; p < ir->param_count && !l->items[i].alike; p++) {
      const vy__bind *b = &l->items[i].binds[p];
      if (!vy__cuda_is_buffer(ir, p))
        continue;
      if (b->in)
        stretch(&in, b->in, b->size);
      if (b->out && b->hi > b->lo) {
        ascending = ascending && (uintptr_t)b->out >= out.hi;
        stretch(&out, b->out, b->hi - b->lo);
      }
    }
  return !out.hi || (ascending && (in.lo >= out.hi || out.lo >= in.hi));
}

static void add(vy__cuda_flight *f, const void *at, uint64_t size,
                uint32_t item, bool writes) {
  uint64_t lo = (uint64_t)(uintptr_t)at;
  if (size)
    f->ranges[f->range_count++] =
        (vy__cuda_range){lo, lo + size, item, writes, 0};
}

static void first_group(void *user, uint32_t first, uint32_t end) {
  uint32_t *found = user;
  (void)first;
  if (!*found)
    *found = end;
}

// The end of the first run of items that do not meet.
static vy_status apart(vy__cuda *d, vy__cuda_flight *f, const vy__launch *l,
                       uint32_t first, uint32_t *end) {
  const vy__ir *ir = &l->code->program->ir;
  if (surely_apart(l, first, *end))
    return VY_OK;
  if (!vy__cuda_ranges_fit(d, f, (size_t)(*end - first) * 2 * ir->param_count))
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  f->range_count = 0;
  for (uint32_t i = first; i < *end; i++)
    for (uint32_t p = 0; p < ir->param_count; p++) {
      const vy__bind *b = &l->items[i].binds[p];
      if (!vy__cuda_is_buffer(ir, p))
        continue;
      if (b->in)
        add(f, b->in, b->size, i, false);
      if (b->out)
        add(f, b->out, b->hi - b->lo, i, true);
    }
  uint32_t found = 0;
  vy__cuda_split(f->ranges, f->range_count, f->order, first, *end, first_group,
                 &found);
  *end = found;
  return VY_OK;
}

vy_status vy__cuda_plan(vy__cuda *d, vy__cuda_flight *f, const vy__launch *l,
                        uint32_t first, uint32_t *count) {
  const vy__ir *ir = &l->code->program->ir;
  uint32_t end = first + 1;
  *count = 1;
  if (end == l->item_count || l->items[first].count)
    return VY_OK;
  uint64_t bytes = vy__cuda_host_bytes(ir, &l->items[first]);
  for (; end < l->item_count && !l->items[end].count; end++)
    if (!l->items[end].alike && // which has none
        (__builtin_add_overflow(bytes, vy__cuda_host_bytes(ir, &l->items[end]),
                                &bytes) ||
         bytes > d->tuning.part_bytes))
      break;
  VY_TRY(apart(d, f, l, first, &end));
  *count = end - first;
  return VY_OK;
}
