// A flight's way: what its items read is brought in (enter.c), launches, what
// returns fetched. All is enqueued at once; the host waits only where results
// are too large for the flight's own pinned memory.
#include "backend/cuda/job.h"

typedef vy__cuda_job job;

// ---- launching

static const vy__cuda_item *head_of(job *j, uint32_t i) {
  return (const vy__cuda_item *)(const void *)vy__cuda_job_record(j, i);
}

static vy_status launch(job *j, const vy__cuda_call *c) {
  for (uint32_t k = 0; k < j->l->iterations; k++)
    VY_TRY(vy__cuda_call_launch(j->d, c, j->stream));
  return VY_OK;
}

static vy_status launch_one(job *j, uint32_t i) {
  const uint8_t *record = vy__cuda_job_record(j, i);
  vy__cuda_grid g = vy__cuda_grid_one(head_of(j, i));
  vy__cuda_call c;
  if (j->d->tuning.graph && j->l->iterations == 1)
    return vy__cuda_launch_graph(j->d, j->f->lane, j->l->code, record, &g);
  vy__cuda_call_one(&c, j->l->code, &g, record);
  return launch(j, &c);
}

static vy_status launch_many(job *j, uint32_t first, uint32_t end) {
  vy__cu_address at = j->f->records + (first - j->f->first) * j->record_size;
  uint64_t most = end - first == j->f->count ? j->blocks : 0;
  vy__cuda_call c;
  for (uint32_t i = first; i < end && most < j->blocks; i++) {
    uint64_t blocks = vy__cuda_blocks(head_of(j, i));
    most = blocks > most ? blocks : most;
  }
  if (!most)
    return VY_OK;
  vy__cuda_grid g = vy__cuda_grid_many(j->d, most, end - first);
  vy__cuda_call_many(&c, j->l->code, &g, &at, end - first);
  return launch(j, &c);
}

// The item's count goes to its record, then it runs from there.
static vy_status launch_counted(job *j, uint32_t i) {
  vy__cuda_flight *f = j->f;
  vy__cu_function function;
  vy__cuda_call c;
  vy__cuda_counting k = vy__cuda_count_of(j->l->code, &j->l->items[i]);
  VY_TRY(vy__cuda_count_function(j->d, &function));
  k.record = f->records;
  k.seen = f->pinned.at + f->seen;
  vy__cuda_call_count(&c, function, &k);
  VY_TRY(vy__cuda_call_launch(j->d, &c, j->stream));
  return launch_many(j, i, i + 1);
}

static vy_status launch_items(job *j, uint32_t first, uint32_t end) {
  if (end - first > 1)
    return launch_many(j, first, end);
  switch (vy__cuda_entry_of(j->d, &j->l->items[first], head_of(j, first))) {
  case VY__CUDA_NO_ENTRY:
    return VY_OK;
  case VY__CUDA_ONE_ENTRY:
    return launch_one(j, first);
  case VY__CUDA_MANY_ENTRY:
    return launch_many(j, first, end);
  case VY__CUDA_COUNTED_ENTRY:
    return launch_counted(j, first);
  }
  return VY_OK;
}

// Zeroes for resident `write` parameters of items, for neighbours at once.
static vy_status zero_resident(job *j, uint32_t p, uint32_t first,
                               uint32_t end) {
  uint64_t at = 0, size = 0, stored = j->stored;
  for (uint32_t i = first; i < end; i++) {
    const vy__launch_item *item = &j->l->items[i];
    const vy__bind *b = &item->binds[p];
    if (j->f->count > 1 && (i == first || !item->alike))
      stored = vy__cuda_job_stored(j, i);
    vy__cuda_way w = vy__cuda_way_of(j->d, j->l, item, stored);
    if (!b->memory || !vy__cuda_needs_zeroes(&w, p))
      continue;
    uint64_t lo = b->memory->at + b->offset;
    if (size && lo != at + size)
      VY_TRY(vy__cuda_zero(j, at, size));
    if (size == 0 || lo != at + size) {
      at = lo;
      size = 0;
    }
    size += b->size;
  }
  return size ? vy__cuda_zero(j, at, size) : VY_OK;
}

static vy_status run_group(job *j, uint32_t first, uint32_t end) {
  for (uint64_t m = j->zeroes; m; m &= m - 1)
    VY_TRY(zero_resident(j, (uint32_t)__builtin_ctzll(m), first, end));
  return launch_items(j, first, end);
}

static void group(void *user, uint32_t first, uint32_t end) {
  job *j = user;
  if (j->status == VY_OK)
    j->status = run_group(j, first, end);
}

// ---- the whole

static vy_status fetch(job *j) {
  const vy__cu *cu = j->d->cu;
  vy__cuda_flight *f = j->f;
  for (size_t i = 0; i < f->back_count; i++) {
    const vy__cuda_back *b = &f->backs[i];
    if (b->at && b->from)
      VY_TRY(vy__cu_status(cu->copy_to_host((void *)(uintptr_t)b->from, b->at,
                                            b->size, j->stream)));
  }
  if (j->l->code->info.faults)
    VY_TRY(vy__cu_status(cu->copy_to_host(
        f->pinned.data + f->faults, f->fault_at,
        (uint64_t)f->count * sizeof(vy__cuda_fault), j->stream)));
  return vy__cuda_mark(j, 3);
}

// True: no item of the flight touches resident memory that another one writes,
// as is seen at once where each parameter's ranges lie in the order of the
// items, and away from those of other parameters.
static bool surely_apart(const job *j) {
  for (uint32_t p = 0; p < j->ir->param_count; p++) {
    bool writes = j->ir->params[p].access >= VY_ACCESS_WRITE;
    for (uint32_t k = 0; k < p; k++)
      if ((writes || j->ir->params[k].access >= VY_ACCESS_WRITE) &&
          j->hull[k].lo < j->hull[p].hi && j->hull[p].lo < j->hull[k].hi)
        return false;
  }
  return j->ascending;
}

static void add_ranges(job *j, uint32_t i, const vy__launch_item *item) {
  for (uint32_t p = 0; p < j->ir->param_count; p++) {
    const vy__bind *b = &item->binds[p];
    if (!vy__cuda_is_buffer(j->ir, p) || !b->memory || !b->size)
      continue;
    uint64_t lo = b->memory->at + b->offset;
    j->f->ranges[j->f->range_count++] = (vy__cuda_range){
        lo, lo + b->size, i, j->ir->params[p].access != VY_ACCESS_READ, 0};
  }
}

// As few groups of items, in order, as do not meet in resident memory.
static vy_status run_groups(job *j) {
  vy__cuda_flight *f = j->f;
  if (f->count == 1 || surely_apart(j)) {
    group(j, f->first, f->first + f->count);
    return j->status;
  }
  if (!vy__cuda_ranges_fit(j->d, f, (size_t)f->count * j->ir->param_count))
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  for (uint32_t i = f->first; i < f->first + f->count; i++)
    add_ranges(j, i, &j->l->items[i]);
  vy__cuda_split(f->ranges, f->range_count, f->order, f->first,
                 f->first + f->count, group, j);
  return j->status;
}

static vy_status enqueue(job *j) {
  VY_TRY(vy__cuda_enter_items(j));
  VY_TRY(run_groups(j));
  VY_TRY(vy__cuda_mark(j, 2));
  return fetch(j);
}

// Are its blocks a grid for sure? There are no more blocks than lanes.
static bool is_grid(const job *j, const vy__launch_item *item) {
  vy__cuda_item head;
  if (vy__cuda_is_large(j->ir, item))
    return false;
  if (item->lanes[0] <= j->d->grid[0] && item->lanes[1] <= j->d->grid[1] &&
      item->lanes[2] <= j->d->grid[2])
    return true;
  vy__cuda_record_head(j->l->code, j->l, item, false, &head);
  return vy__cuda_is_grid(j->d, &head);
}

vy_status vy__cuda_start(vy__cuda *d, vy__cuda_flight *f, vy__launch *l,
                         uint32_t first, uint32_t count) {
  job j;
  j.d = d;
  j.f = f;
  j.l = l;
  j.stream = f->lane->stream;
  j.ir = &l->code->program->ir;
  j.pinned = j.block = 0;
  j.records = NULL;
  j.record_size = vy__cuda_record_size(j.ir->param_count);
  j.status = VY_OK;
  j.writes = false;
  j.zeroes = j.blocks = 0;
  j.ascending = true;
  for (uint32_t p = 0; p < j.ir->param_count; p++) {
    j.writes = j.writes || j.ir->params[p].access == VY_ACCESS_WRITE;
    j.hull[p].lo = UINT64_MAX;
    j.hull[p].hi = 0;
  }
  bool counted = l->items[first].count != NULL;
  j.table = count > 1 || counted || !is_grid(&j, &l->items[first]);
  j.table_block = counted || (j.table && d->tuning.device_table);
  vy__cuda_count_bound(&l->items[first], l->code);
  f->launch = l;
  f->first = first;
  f->count = count;
  f->back_count = f->range_count = 0;
  f->timed = l->want_timing;
  f->late = false;
  vy_status s = enqueue(&j);
  if (s != VY_OK)
    vy__cuda_settle(d, j.stream);
  return s;
}
