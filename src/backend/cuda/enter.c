// The first part of a flight's way: memory for its items, and what they read
// brought to the device.
#include "backend/cuda/job.h"

typedef vy__cuda_job job;

enum { ALIGN = 256 };

static uint64_t align(uint64_t n) {
  return n > UINT64_MAX - ALIGN ? UINT64_MAX
                                : (n + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
}

static uint64_t add(uint64_t a, uint64_t b) {
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

// ---- memory

typedef struct needs {
  uint64_t pinned, block;
  size_t backs;
} needs;

static void need_item(const job *j, const vy__launch_item *item, needs *n) {
  vy__cuda_way w = vy__cuda_way_of(j->d, j->l, item, 0);
  uint64_t staged = j->d->tuning.staged_most;
  for (uint32_t p = 0; p < j->ir->param_count; p++) {
    const vy__bind *b = &item->binds[p];
    vy__cuda_place place = vy__cuda_place_of(&w, p);
    if (place == VY__CUDA_SCALAR || place == VY__CUDA_NOTHING)
      continue;
    n->backs += vy__cuda_returns(b);
    if (place == VY__CUDA_MAPPED) {
      n->pinned = add(n->pinned, align(b->size));
      continue;
    }
    if (place == VY__CUDA_BLOCK) {
      n->block = add(n->block, align(b->size));
      if (b->in && b->size <= staged)
        n->pinned = add(n->pinned, align(b->size));
    }
    if (vy__cuda_returns(b) && !vy__cuda_is_late(j->d, b))
      n->pinned = add(n->pinned, align(b->hi - b->lo));
  }
}

static vy_status make_room(job *j) {
  vy__cuda_flight *f = j->f;
  needs n = {0};
  for (uint32_t i = 0; i < f->count; i++)
    if (i == 0 || !j->l->items[f->first + i].alike)
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

// ---- an item

vy_status vy__cuda_zero(const job *j, vy__cu_address at, uint64_t size) {
  return vy__cu_status(size % 4
                           ? j->d->cu->fill(at, 0, size, j->stream)
                           : j->d->cu->fill_words(at, 0, size / 4, j->stream));
}

// Where the result of a bind that is worked on at `at`, on the device, comes
// home.
static void add_back(job *j, const vy__bind *b, vy__cu_address at) {
  uint64_t size = b->hi - b->lo;
  const uint8_t *from = NULL;
  if (vy__cuda_is_late(j->d, b))
    j->f->late = true;
  else
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

static vy__cu_address enter_mapped(job *j, const vy__cuda_way *w, uint32_t p) {
  const vy__bind *b = &w->item->binds[p];
  uint64_t offset = take_pinned(j, b->size);
  uint8_t *host = j->f->pinned.data + offset;
  if (b->in)
    memcpy(host, b->in, b->size);
  else if (vy__cuda_needs_zeroes(w, p))
    memset(host, 0, b->size);
  if (vy__cuda_returns(b))
    j->f->backs[j->f->back_count++] =
        (vy__cuda_back){b->out, host + b->lo, 0, b->hi - b->lo};
  return j->f->pinned.at + offset;
}

static vy_status enter_block(job *j, const vy__cuda_way *w, uint32_t p,
                             vy__cu_address *at) {
  const vy__bind *b = &w->item->binds[p];
  *at = j->f->block->at + take_block(j, b->size);
  if (b->in)
    VY_TRY(upload(j, b, *at));
  else if (vy__cuda_needs_zeroes(w, p))
    VY_TRY(vy__cuda_zero(j, *at, b->size));
  if (vy__cuda_returns(b))
    add_back(j, b, *at);
  return VY_OK;
}

static vy_status enter_param(job *j, vy__cuda_way *w, uint32_t p,
                             vy__cuda_arg *arg) {
  const vy__bind *b = &w->item->binds[p];
  vy__cu_address at = j->d->nothing->at;
  switch (vy__cuda_place_of(w, p)) {
  case VY__CUDA_SCALAR:
    *arg = (vy__cuda_arg){w->item->scalars[p], 0};
    return VY_OK;
  case VY__CUDA_NOTHING:
    break;
  case VY__CUDA_RESIDENT:
    at = b->memory->at + b->offset;
    vy__cuda_job_stretch(j, p, at, at + b->size);
    if (vy__cuda_needs_zeroes(w, p))
      j->zeroes |= UINT64_C(1) << p;
    if (vy__cuda_returns(b))
      add_back(j, b, at);
    break;
  case VY__CUDA_MAPPED:
    at = enter_mapped(j, w, p);
    break;
  case VY__CUDA_BLOCK:
    VY_TRY(enter_block(j, w, p, &at));
    break;
  }
  *arg = (vy__cuda_arg){at, b->length};
  return VY_OK;
}

// One like those before it down to one that has a record, `j->like`: that, but
// for addresses.
static void enter_alike(job *j, uint32_t i) {
  vy__cuda_flight *f = j->f;
  const vy__bind *binds = j->l->items[i].binds;
  uint8_t *record = j->records + (i - f->first) * j->record_size;
  for (uint64_t k = 0; k < j->record_size; k += 16) // short: no call
    memcpy(record + k, j->like + k, 16);
  vy__cuda_item *head = (vy__cuda_item *)(void *)record;
  vy__cuda_arg *args = (vy__cuda_arg *)(void *)(head + 1);
  if (j->l->code->info.faults)
    head->fault = f->fault_at + (i - f->first) * sizeof(vy__cuda_fault);
  for (uint32_t p = 0; p < j->ir->param_count; p++) {
    if (!binds[p].memory || !binds[p].size)
      continue;
    uint64_t at = binds[p].memory->at + binds[p].offset;
    vy__cuda_job_stretch(j, p, at, at + binds[p].size);
    args[p].value = at;
  }
}

static vy_status enter_item(job *j, uint32_t i) {
  vy__cuda_flight *f = j->f;
  vy__launch_item *item = &j->l->items[i];
  item->fault = (vy__fault){.value = VY__NONE, .stmt = VY__NONE};
  if (item->alike && i > f->first) {
    enter_alike(j, i);
    return VY_OK;
  }
  vy__cuda_item *head = (vy__cuda_item *)(void *)vy__cuda_job_record(j, i);
  vy__cuda_arg *args = (vy__cuda_arg *)(void *)(head + 1);
  j->like = (const uint8_t *)head;
  j->stored = vy__cuda_job_stored(j, i);
  vy__cuda_way w = vy__cuda_way_of(j->d, j->l, item, j->stored);
  vy__cuda_record_head(j->l->code, j->l, item, !j->records, head);
  uint64_t blocks = vy__cuda_blocks(head);
  if (blocks > j->blocks)
    j->blocks = blocks;
  if (j->l->code->info.faults)
    head->fault = f->fault_at + (i - f->first) * sizeof(vy__cuda_fault);
  for (uint32_t p = 0; p < j->ir->param_count; p++)
    VY_TRY(enter_param(j, &w, p, &args[p]));
  return VY_OK;
}

// ---- the whole

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

vy_status vy__cuda_mark(const job *j, uint32_t which) {
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

vy_status vy__cuda_enter_items(job *j) {
  vy__cuda_flight *f = j->f;
  VY_TRY(make_room(j));
  VY_TRY(vy__cuda_mark(j, 0));
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
  return vy__cuda_mark(j, 1);
}
