// A flight's way: memory for its items, what they read brought to the device,
// launches, what returns fetched. All is enqueued at once; the host waits
// only where results are too large for the flight's own pinned memory.
#include "backend/cuda/cuda.h"

enum { ALIGN = 256, MOST_GRID = 65535 };

typedef struct job {
  vy__cuda *d;
  vy__cuda_flight *f;
  vy__launch *l;
  vy__cu_stream stream;
  const vy__ir *ir;
  uint64_t pinned, block; // bytes used so far
  uint8_t *records;       // of items that run by a table; NULL: only one does
  uint64_t record_size;
  uint64_t stored;  // of the only one
  bool table;       // there are records
  bool table_block; // which the device has in its own memory
  bool writes;      // some parameter is a `write` one
  bool counted;     // the only item takes its count from the device
  vy_status status;
  union {
    vy__cuda_item head;
    uint8_t
        bytes[sizeof(vy__cuda_item) + VY__MAX_PARAMS * sizeof(vy__cuda_arg)];
  } one;
} job;

static uint64_t align(uint64_t n) {
  return n > UINT64_MAX - ALIGN ? UINT64_MAX
                                : (n + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
}

static uint64_t add(uint64_t a, uint64_t b) {
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static bool returns(const vy__bind *b) { return b->out && b->hi > b->lo; }

static bool is_buffer(const vy__ir *ir, uint32_t p) {
  return ir->params[p].access != VY_ACCESS_NONE;
}

// ---- memory

typedef struct needs {
  uint64_t pinned, block;
  size_t backs;
} needs;

static void need_item(const job *j, const vy__launch_item *item, needs *n) {
  int mapped = -1; // looked at when it matters
  uint64_t staged = j->d->tuning.staged_most;
  for (uint32_t p = 0; p < j->ir->param_count; p++) {
    const vy__bind *b = &item->binds[p];
    if (!is_buffer(j->ir, p) || !b->size)
      continue;
    n->backs += returns(b);
    if (!b->memory && mapped < 0)
      mapped = vy__cuda_is_mapped(j->d, j->l, item);
    if (mapped > 0 && !b->memory) {
      n->pinned = add(n->pinned, align(b->size));
      continue;
    }
    if (!b->memory)
      n->block = add(n->block, align(b->size));
    if (b->in && b->size <= staged)
      n->pinned = add(n->pinned, align(b->size));
    if (returns(b) && b->hi - b->lo <= staged)
      n->pinned = add(n->pinned, align(b->hi - b->lo));
  }
}

static vy_status make_room(job *j) {
  vy__cuda_flight *f = j->f;
  needs n = {0};
  for (uint32_t i = 0; i < f->count; i++)
    need_item(j, &j->l->items[f->first + i], &n);
  if (j->table) {
    uint64_t size = align(f->count * j->record_size);
    n.pinned = add(n.pinned, add(size, ALIGN));
    n.block = add(n.block, j->table_block ? size : 0);
  }
  if (j->l->code->info.faults) {
    uint64_t bytes = align((uint64_t)f->count * sizeof(vy__cuda_fault));
    n.pinned = add(n.pinned, bytes);
    n.block = add(n.block, bytes);
  }
  n.pinned = add(n.pinned, ALIGN); // the last word is vy__cuda_stream_wait's
  void *backs = f->backs;
  bool ok = vy__grow(&j->d->context->alloc, &backs, &f->back_capacity, n.backs,
                     sizeof *f->backs);
  f->backs = backs;
  if (!ok)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  VY_TRY(vy__cuda_pinned_fit(j->d->cu, &f->pinned, n.pinned));
  return n.block ? vy__cuda_pool_take(&j->d->pool, n.block, &f->block, NULL)
                 : VY_OK;
}

static uint64_t take_pinned(job *j, uint64_t size) {
  uint64_t at = j->pinned;
  j->pinned += align(size);
  return at;
}

static uint64_t take_block(job *j, uint64_t size) {
  uint64_t at = j->block;
  j->block += align(size);
  return at;
}

// ---- bringing items in

static vy_status zero(job *j, vy__cu_address at, uint64_t size) {
  return vy__cu_status(size % 4
                           ? j->d->cu->fill(at, 0, size, j->stream)
                           : j->d->cu->fill_words(at, 0, size / 4, j->stream));
}

// Where the result of a bind that is worked on at `at` comes home.
static void add_back(job *j, const vy__bind *b, vy__cu_address at) {
  uint64_t size = b->hi - b->lo;
  const uint8_t *from = NULL;
  if (size <= j->d->tuning.staged_most)
    from = j->f->pinned.data + take_pinned(j, size);
  j->f->backs[j->f->back_count++] =
      (vy__cuda_back){b->out, from, at + b->lo, size};
}

static vy_status upload(job *j, const vy__bind *b, vy__cu_address at) {
  if (b->size > j->d->tuning.staged_most)
    return vy__cuda_to_device(j->d, j->f->lane, j->stream, at, b->in, b->size);
  uint8_t *pinned = j->f->pinned.data + take_pinned(j, b->size);
  memcpy(pinned, b->in, b->size);
  return vy__cu_status(
      j->d->cu->copy_to_device(at, pinned, b->size, j->stream));
}

static vy__cu_address enter_mapped(job *j, const vy__bind *b, bool zeroed) {
  uint64_t offset = take_pinned(j, b->size);
  uint8_t *host = j->f->pinned.data + offset;
  if (b->in)
    memcpy(host, b->in, b->size);
  else if (zeroed)
    memset(host, 0, b->size);
  if (returns(b))
    j->f->backs[j->f->back_count++] =
        (vy__cuda_back){b->out, host + b->lo, 0, b->hi - b->lo};
  return j->f->pinned.at + offset;
}

static vy_status enter_block(job *j, const vy__bind *b, bool zeroed,
                             vy__cu_address *at) {
  *at = j->f->block->at + take_block(j, b->size);
  if (b->in)
    VY_TRY(upload(j, b, *at));
  else if (zeroed)
    VY_TRY(zero(j, *at, b->size));
  if (returns(b))
    add_back(j, b, *at);
  return VY_OK;
}

// Fill in args[p] for all parameters. Bit p of `stored`: no zeroes needed.
static vy_status enter(job *j, const vy__launch_item *item, uint64_t stored,
                       vy__cuda_arg *args) {
  int mapped = -1;
  for (uint32_t p = 0; p < j->ir->param_count; p++) {
    const vy__bind *b = &item->binds[p];
    bool zeroed = !(stored >> p & 1);
    vy__cu_address at = j->d->nothing->at;
    if (!is_buffer(j->ir, p)) {
      args[p] = (vy__cuda_arg){item->scalars[p], 0};
      continue;
    }
    if (b->size && !b->memory && mapped < 0)
      mapped = vy__cuda_is_mapped(j->d, j->l, item);
    if (b->size && b->memory) {
      at = b->memory->at + b->offset;
      if (returns(b))
        add_back(j, b, at);
    } else if (b->size && mapped > 0) {
      at = enter_mapped(j, b, zeroed);
    } else if (b->size) {
      VY_TRY(enter_block(j, b, zeroed, &at));
    }
    args[p] = (vy__cuda_arg){at, b->length};
  }
  return VY_OK;
}

static uint64_t stored_by(const job *j, const vy__launch_item *item) {
  const vy__cuda_info *info = &j->l->code->info;
  if (item->count) // how much it stores is not known
    return 0;
  return vy__covered(info->covers, info->cover_count, j->ir, item);
}

static vy_status enter_item(job *j, uint32_t i) {
  vy__cuda_flight *f = j->f;
  vy__launch_item *item = &j->l->items[i];
  uint8_t *record =
      j->records ? j->records + (i - f->first) * j->record_size : j->one.bytes;
  vy__cuda_item *head = (vy__cuda_item *)(void *)record;
  j->stored = j->writes ? stored_by(j, item) : 0;
  vy__cuda_record_head(j->l->code, j->l, item, !j->records, head);
  if (j->l->code->info.faults)
    head->fault = f->fault_at + (i - f->first) * sizeof(vy__cuda_fault);
  return enter(j, item, j->stored, (vy__cuda_arg *)(void *)(head + 1));
}

// Empty fault records, on the device.
static vy_status enter_faults(job *j) {
  vy__cuda_flight *f = j->f;
  uint64_t size = (uint64_t)f->count * sizeof(vy__cuda_fault);
  f->faults = take_pinned(j, size);
  f->fault_at = f->block->at + take_block(j, size);
  vy__cuda_fault *all = (vy__cuda_fault *)(void *)(f->pinned.data + f->faults);
  for (uint32_t i = 0; i < f->count; i++)
    all[i] = (vy__cuda_fault){
        0, 0, {.value = VY__NONE, .stmt = VY__NONE, .lane = UINT64_MAX}};
  return vy__cu_status(
      j->d->cu->copy_to_device(f->fault_at, all, size, j->stream));
}

// ---- launching

static vy_status launch_one(job *j, const uint8_t *record) {
  const vy__cuda_item *head = (const vy__cuda_item *)(const void *)record;
  const struct vy__code *c = j->l->code;
  vy__cuda_grid g;
  if (!vy__cuda_blocks(head))
    return VY_OK;
  for (uint32_t d = 0; d < 3; d++)
    g.n[d] = (uint32_t)head->blocks[d];
  if (j->d->tuning.graph && j->l->iterations == 1)
    return vy__cuda_launch_graph(j->d, j->f->lane, j->l->code, record, &g);
  void *params[] = {(void *)(uintptr_t)record};
  for (uint32_t k = 0; k < j->l->iterations; k++)
    VY_TRY(vy__cu_status(j->d->cu->launch(
        c->one, g.n[0], g.n[1], g.n[2], c->info.block[0], c->info.block[1],
        c->info.block[2], 0, j->stream, params, NULL)));
  return VY_OK;
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

static vy_status launch_many(job *j, uint32_t first, uint32_t end) {
  const struct vy__code *c = j->l->code;
  uint64_t offset = (first - j->f->first) * j->record_size, most = 0;
  for (uint32_t i = 0; i < end - first; i++) {
    const uint8_t *record = j->records + offset + i * j->record_size;
    uint64_t blocks =
        vy__cuda_blocks((const vy__cuda_item *)(const void *)record);
    most = blocks > most ? blocks : most;
  }
  if (!most)
    return VY_OK;
  uint64_t at = j->f->records + offset;
  uint32_t count = end - first;
  void *params[] = {&at, &count};
  for (uint32_t k = 0; k < j->l->iterations; k++)
    VY_TRY(vy__cu_status(j->d->cu->launch(
        c->many, (uint32_t)least(most, j->d->grid[0]),
        (uint32_t)least(count, MOST_GRID), 1, c->info.block[0],
        c->info.block[1], c->info.block[2], 0, j->stream, params, NULL)));
  return VY_OK;
}

// The item's count goes to its record, then it runs from there.
static vy_status launch_counted(job *j) {
  vy__cuda_flight *f = j->f;
  vy__cu_function function;
  vy__cuda_counting c = vy__cuda_count_of(j->l->code, &j->l->items[f->first]);
  VY_TRY(vy__cuda_count_function(j->d, &function));
  c.record = f->records;
  c.seen = f->pinned.at + f->seen;
  void *params[] = {&c.record, &c.count, &c.seen, &c.most, &c.lanes, &c.block};
  VY_TRY(vy__cu_status(j->d->cu->launch(function, 1, 1, 1, 1, 1, 1, 0,
                                        j->stream, params, NULL)));
  return launch_many(j, f->first, f->first + 1);
}

// Zeroes for resident `write` parameters of items, for neighbours at once.
static vy_status zero_resident(job *j, uint32_t p, uint32_t first,
                               uint32_t end) {
  uint64_t at = 0, size = 0;
  for (uint32_t i = first; i < end; i++) {
    const vy__launch_item *item = &j->l->items[i];
    const vy__bind *b = &item->binds[p];
    uint64_t stored = j->records ? stored_by(j, item) : j->stored;
    if (!b->memory || !b->size || (stored >> p & 1))
      continue;
    uint64_t lo = b->memory->at + b->offset;
    if (size && lo != at + size)
      VY_TRY(zero(j, at, size));
    if (size == 0 || lo != at + size) {
      at = lo;
      size = 0;
    }
    size += b->size;
  }
  return size ? zero(j, at, size) : VY_OK;
}

static vy_status run_group(job *j, uint32_t first, uint32_t end) {
  for (uint32_t p = 0; j->writes && p < j->ir->param_count; p++)
    if (j->ir->params[p].access == VY_ACCESS_WRITE)
      VY_TRY(zero_resident(j, p, first, end));
  if (j->counted)
    return launch_counted(j);
  if (!j->records)
    return launch_one(j, j->one.bytes);
  const uint8_t *record = j->records + (first - j->f->first) * j->record_size;
  if (end - first == 1 &&
      vy__cuda_is_grid(j->d, (const vy__cuda_item *)(const void *)record))
    return launch_one(j, record);
  return launch_many(j, first, end);
}

static void group(void *user, uint32_t first, uint32_t end) {
  job *j = user;
  if (j->status == VY_OK)
    j->status = run_group(j, first, end);
}

// ---- the whole

static vy_status mark(job *j, uint32_t which) {
  vy__cuda_flight *f = j->f;
  int r = VY__CU_OK;
  if (!f->timed)
    return VY_OK;
  if (!f->times[which])
    r = j->d->cu->event_create(&f->times[which], 0);
  if (r == VY__CU_OK)
    r = j->d->cu->event_record(f->times[which], j->stream);
  return vy__cu_status(r);
}

// Records of a table, here and for the device, and room for a count.
static void place_table(job *j) {
  vy__cuda_flight *f = j->f;
  uint64_t size = f->count * j->record_size;
  uint64_t at = take_pinned(j, size);
  j->records = f->pinned.data + at;
  f->records = f->pinned.at + at;
  if (j->table_block)
    f->records = f->block->at + take_block(j, size);
  f->seen = take_pinned(j, sizeof(uint32_t));
}

static vy_status bring_in(job *j) {
  vy__cuda_flight *f = j->f;
  VY_TRY(make_room(j));
  VY_TRY(mark(j, 0));
  uint64_t begin = f->timed ? vy__now_ns() : 0;
  if (j->table)
    place_table(j);
  if (j->l->code->info.faults)
    VY_TRY(enter_faults(j));
  for (uint32_t i = 0; i < f->count; i++)
    VY_TRY(enter_item(j, f->first + i));
  if (j->table_block)
    VY_TRY(vy__cu_status(j->d->cu->copy_to_device(
        f->records, j->records, f->count * j->record_size, j->stream)));
  f->upload_ns = f->timed ? vy__now_ns() - begin : 0;
  return mark(j, 1);
}

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
  return mark(j, 3);
}

// True: no item of the flight touches resident memory that another one writes,
// as is seen at once where each parameter's ranges lie in the order of the
// items, and away from those of other parameters.
static bool surely_apart(const job *j) {
  struct {
    uint64_t lo, hi;
  } hull[VY__MAX_PARAMS];
  const vy__cuda_flight *f = j->f;
  for (uint32_t p = 0; p < j->ir->param_count; p++) {
    bool writes = j->ir->params[p].access >= VY_ACCESS_WRITE;
    hull[p].lo = UINT64_MAX;
    hull[p].hi = 0;
    for (uint32_t i = 0; is_buffer(j->ir, p) && i < f->count; i++) {
      const vy__bind *b = &j->l->items[f->first + i].binds[p];
      if (!b->memory || !b->size)
        continue;
      uint64_t lo = b->memory->at + b->offset, hi = lo + b->size;
      if (writes && lo < hull[p].hi)
        return false;
      hull[p].lo = lo < hull[p].lo ? lo : hull[p].lo;
      hull[p].hi = hi > hull[p].hi ? hi : hull[p].hi;
    }
    for (uint32_t k = 0; k < p; k++)
      if ((writes || j->ir->params[k].access >= VY_ACCESS_WRITE) &&
          hull[k].lo < hull[p].hi && hull[p].lo < hull[k].hi)
        return false;
  }
  return true;
}

static void add_ranges(job *j, uint32_t i, const vy__launch_item *item) {
  for (uint32_t p = 0; p < j->ir->param_count; p++) {
    const vy__bind *b = &item->binds[p];
    if (!is_buffer(j->ir, p) || !b->memory || !b->size)
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
  VY_TRY(bring_in(j));
  VY_TRY(run_groups(j));
  VY_TRY(mark(j, 2));
  return fetch(j);
}

// Are its blocks a grid for sure? There are no more blocks than lanes.
static bool is_grid(const job *j, const vy__launch_item *item) {
  vy__cuda_item head;
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
  for (uint32_t p = 0; p < j.ir->param_count; p++)
    j.writes = j.writes || j.ir->params[p].access == VY_ACCESS_WRITE;
  j.counted = l->items[first].count != NULL;
  j.table = count > 1 || j.counted || !is_grid(&j, &l->items[first]);
  j.table_block = j.counted || (j.table && d->tuning.device_table);
  vy__cuda_count_bound(&l->items[first], l->code);
  f->launch = l;
  f->first = first;
  f->count = count;
  f->back_count = f->range_count = 0;
  f->timed = l->want_timing;
  for (uint32_t i = first; i < first + count; i++)
    l->items[i].fault = (vy__fault){.value = VY__NONE, .stmt = VY__NONE};
  vy_status s = enqueue(&j);
  if (s != VY_OK)
    vy__cuda_settle(d, j.stream);
  return s;
}
