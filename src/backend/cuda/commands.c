// What the steps of a recording do, as commands: copies, fills, kernels, and
// what the host does before and after.
#include "backend/cuda/sequence.h"
#include "backend/cuda/way.h"

enum { ALIGN = 256 };

typedef struct maker {
  vy__cuda *d;
  const vy__cuda_sequence *q;
  vy__cuda_commands *out;
  uint64_t *pinned, *block;
  bool in_repeat;
  bool failed;
} maker;

static uint64_t take(uint64_t *at, uint64_t size) {
  uint64_t from = *at;
  *at += (size + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
  return from;
}

static vy__cuda_command *put(maker *m, uint32_t kind) {
  const vy_allocator *a = &m->d->context->alloc;
  vy__cuda_commands *c = m->out;
  void *list = c->list;
  if (!vy__grow(a, &list, &c->capacity, c->count + 1, sizeof *c->list)) {
    m->failed = true;
    return NULL;
  }
  c->list = list;
  vy__cuda_command *x = &c->list[c->count++];
  *x = (vy__cuda_command){.kind = kind};
  return x;
}

static void put_copy(maker *m, vy__cu_address to, vy__cu_address from,
                     uint64_t size) {
  vy__cuda_command *x = put(m, VY__CUDA_COPY);
  if (!x)
    return;
  x->to = to;
  x->from = from;
  x->size = size;
}

static void put_fill(maker *m, vy__cu_address to, uint64_t size,
                     uint32_t value) {
  vy__cuda_command *x = put(m, VY__CUDA_FILL);
  if (!x)
    return;
  x->to = to;
  x->size = size;
  x->value = value;
}

static void put_host(maker *m, uint32_t kind, const void *host, uint64_t pinned,
                     uint64_t size) {
  vy__cuda_command *x = put(m, kind);
  if (!x)
    return;
  x->host = (void *)(uintptr_t)host;
  x->pinned = pinned;
  x->size = size;
}

// Room for a kernel's record; NULL: out of memory.
static uint8_t *put_record(maker *m, size_t size, size_t *offset) {
  vy__cuda_commands *c = m->out;
  void *records = c->records;
  if (!vy__grow(&m->d->context->alloc, &records, &c->record_capacity,
                c->record_bytes + size, 1)) {
    m->failed = true;
    return NULL;
  }
  c->records = records;
  *offset = c->record_bytes;
  c->record_bytes += size;
  return c->records + *offset;
}

// ---- launches

static vy__cu_address block_at(maker *m, uint64_t size) {
  vy__cu_address base = m->q->block ? m->q->block->at : 0;
  return base + take(m->block, size);
}

// Without `in` it is zeroed by the host, which is once in each replay.
static vy__cu_address enter_mapped(maker *m, const vy__cuda_way *w,
                                   uint32_t p) {
  const vy__bind *b = &w->item->binds[p];
  uint64_t at = take(m->pinned, b->size);
  if (b->in || vy__cuda_needs_zeroes(w, p))
    put_host(m, VY__CUDA_BRING, b->in, at, b->size);
  return m->q->pinned.at + at;
}

static vy__cu_address enter_block(maker *m, const vy__cuda_way *w, uint32_t p) {
  const vy__bind *b = &w->item->binds[p];
  vy__cu_address at = block_at(m, b->size);
  if (b->in) {
    uint64_t pinned = take(m->pinned, b->size);
    put_host(m, VY__CUDA_BRING, b->in, pinned, b->size);
    put_copy(m, at, m->q->pinned.at + pinned, b->size);
  } else if (vy__cuda_needs_zeroes(w, p)) {
    put_fill(m, at, b->size, 0);
  }
  return at;
}

static vy__cuda_arg enter(maker *m, vy__cuda_way *w, uint32_t p) {
  const vy__bind *b = &w->item->binds[p];
  vy__cu_address at = m->d->nothing->at;
  switch (vy__cuda_place_of(w, p)) {
  case VY__CUDA_SCALAR:
    return (vy__cuda_arg){w->item->scalars[p], 0};
  case VY__CUDA_NOTHING:
    break;
  case VY__CUDA_RESIDENT:
    at = b->memory->at + b->offset;
    if (vy__cuda_needs_zeroes(w, p))
      put_fill(m, at, b->size, 0);
    break;
  case VY__CUDA_MAPPED:
    at = enter_mapped(m, w, p);
    break;
  case VY__CUDA_BLOCK:
    at = enter_block(m, w, p);
    break;
  }
  return (vy__cuda_arg){at, b->length};
}

static void go_home(maker *m, vy__cuda_way *w, uint32_t p, vy__cu_address at) {
  const vy__bind *b = &w->item->binds[p];
  vy__cuda_place place = vy__cuda_place_of(w, p);
  if (place < VY__CUDA_RESIDENT || !vy__cuda_returns(b))
    return;
  uint64_t size = b->hi - b->lo, pinned;
  if (place == VY__CUDA_MAPPED) {
    pinned = at + b->lo - m->q->pinned.at;
  } else {
    pinned = take(m->pinned, size);
    put_copy(m, m->q->pinned.at + pinned, at + b->lo, size);
  }
  put_host(m, VY__CUDA_TAKE, b->out, pinned, size);
}

// The record goes to the device's memory, anew each time it runs, `counted`:
// gets its count there, and the kernel takes it from there.
static void put_entry(maker *m, vy__launch *l, const vy__cuda_item *head,
                      size_t record, size_t size, bool counted) {
  uint64_t pinned = take(m->pinned, size);
  uint64_t seen = take(m->pinned, sizeof(uint32_t));
  uint64_t blocks = vy__cuda_blocks(head);
  vy__cu_address at = block_at(m, size);
  put_host(m, VY__CUDA_RECORD, NULL, pinned, size);
  if (!m->failed)
    m->out->list[m->out->count - 1].record = record;
  put_copy(m, at, m->q->pinned.at + pinned, size);
  vy__cuda_command *x = counted ? put(m, VY__CUDA_COUNT) : NULL;
  if (x) {
    x->counting = vy__cuda_count_of(l->code, &l->items[0]);
    x->counting.record = at;
    x->counting.seen = m->q->pinned.at + seen;
  }
  for (uint32_t k = 0; blocks && k < l->iterations && !m->failed; k++) {
    if ((x = put(m, VY__CUDA_ENTRY)) == NULL)
      return;
    x->code = l->code;
    x->to = at;
    x->grid = vy__cuda_grid_many(m->d, blocks, 1);
  }
  if (counted)
    put_host(m, VY__CUDA_LEARN, l, seen, sizeof(uint32_t));
}

static void put_kernel(maker *m, const vy__launch *l, const vy__cuda_item *head,
                       size_t record, size_t size) {
  for (uint32_t k = 0; k < l->iterations; k++) {
    vy__cuda_command *x = put(m, VY__CUDA_KERNEL);
    if (!x)
      return;
    x->code = l->code;
    x->record = record;
    x->size = size;
    x->grid = vy__cuda_grid_one(head);
  }
}

static void put_launch(maker *m, vy__launch *l, const vy__cuda_item *head,
                       const vy__cuda_arg *args) {
  vy__cuda_entry entry = vy__cuda_entry_of(m->d, &l->items[0], head);
  size_t size = vy__cuda_record_size(l->code->info.params), offset = 0;
  if (entry == VY__CUDA_NO_ENTRY)
    return;
  uint8_t *record = put_record(m, size, &offset);
  if (!record)
    return;
  memcpy(record, head, sizeof *head);
  memcpy(record + sizeof *head, args, size - sizeof *head);
  if (entry == VY__CUDA_ONE_ENTRY)
    put_kernel(m, l, head, offset, size);
  else
    put_entry(m, l, head, offset, size, entry == VY__CUDA_COUNTED_ENTRY);
}

static void describe_launch(maker *m, vy__launch *l) {
  vy__cuda_arg args[VY__MAX_PARAMS];
  vy__cuda_item head;
  vy__launch_item *item = &l->items[0];
  const vy__ir *ir = &l->code->program->ir;
  vy__cuda_count_bound(item, l->code);
  vy__cuda_way w = vy__cuda_way_of(m->d, l, item, vy__cuda_stored(l, item));
  w.repeated = m->in_repeat;
  vy__cuda_record_head(l->code, l, item, !item->count, &head);
  for (uint32_t p = 0; p < ir->param_count; p++)
    args[p] = enter(m, &w, p);
  put_launch(m, l, &head, args);
  for (uint32_t p = 0; p < ir->param_count; p++)
    go_home(m, &w, p, args[p].value);
}

// ---- steps

// Those that stand in no other begin with the graph.
static void begin_repeat(maker *m, uint64_t state) {
  if (!m->q->device || !m->in_repeat)
    return;
  vy__cuda_command *x = put(m, VY__CUDA_BEGIN);
  if (x)
    x->to = m->q->pinned.at + state;
}

static void end_pass(maker *m, const vy__recording *r, uint32_t end) {
  uint32_t partner = r->steps[end].partner;
  const vy__step *repeat = &r->steps[partner];
  vy__cu_address element = repeat->memory->at + repeat->offset;
  if (!m->q->device) { // for the host to look at
    uint64_t at = take(m->pinned, sizeof(uint32_t));
    put_copy(m, m->q->pinned.at + at, element, sizeof(uint32_t));
    return;
  }
  vy__cuda_command *x = put(m, VY__CUDA_AGAIN);
  if (!x)
    return;
  x->from = element;
  x->to = m->q->pinned.at + m->q->steps[partner].pinned;
  x->value = repeat->max;
}

bool vy__cuda_describe(vy__cuda *d, const vy__cuda_sequence *q,
                       const vy__recording *r, uint32_t step, uint64_t *pinned,
                       uint64_t *block, vy__cuda_commands *out) {
  const vy__step *s = &r->steps[step];
  maker m = {.d = d, .q = q, .out = out, .pinned = pinned, .block = block};
  m.in_repeat = q->steps[step].in_repeat != 0;
  switch ((vy__step_kind)s->kind) {
  case VY__STEP_LAUNCH:
    describe_launch(&m, s->launch);
    break;
  case VY__STEP_COPY:
    if (s->size)
      put_copy(&m, s->memory->at + s->offset, s->from->at + s->from_offset,
               s->size);
    break;
  case VY__STEP_FILL:
    if (s->size)
      put_fill(&m, s->memory->at + s->offset, s->size, s->value);
    break;
  case VY__STEP_REPEAT:
    begin_repeat(&m, take(pinned, sizeof(vy__cuda_repeat)));
    break;
  case VY__STEP_END:
    end_pass(&m, r, step);
    break;
  }
  return !m.failed;
}

static bool is_launch_current(const vy__cuda_sequence *q,
                              const vy__cuda_step *s, const vy__launch *l) {
  const vy__launch_item *item = &l->items[0];
  uint32_t params = l->code->program->ir.param_count;
  const vy__cuda_arg *args = NULL;
  for (size_t i = s->first; i < s->first + s->count; i++) {
    const vy__cuda_command *x = &q->commands.list[i];
    if (x->kind == VY__CUDA_COUNT &&
        x->counting.count != item->count->at + item->count_offset)
      return false;
    if (x->kind == VY__CUDA_KERNEL || x->kind == VY__CUDA_RECORD)
      args =
          (const vy__cuda_arg *)(const void *)(q->commands.records + x->record +
                                               sizeof(vy__cuda_item));
  }
  for (uint32_t p = 0; args && p < params; p++) {
    const vy__bind *b = &item->binds[p];
    if (b->memory && b->size && args[p].value != b->memory->at + b->offset)
      return false;
  }
  // Without a kernel there may still be fills.
  return args || s->count == 0;
}

bool vy__cuda_is_current(const vy__cuda_sequence *q, const vy__recording *r,
                         uint32_t step) {
  const vy__step *s = &r->steps[step];
  const vy__cuda_step *c = &q->steps[step];
  const vy__cuda_command *x = &q->commands.list[c->first];
  switch ((vy__step_kind)s->kind) {
  case VY__STEP_LAUNCH:
    return is_launch_current(q, c, s->launch);
  case VY__STEP_COPY:
    return !s->size || (x->to == s->memory->at + s->offset &&
                        x->from == s->from->at + s->from_offset);
  case VY__STEP_FILL:
    return !s->size || x->to == s->memory->at + s->offset;
  case VY__STEP_REPEAT:
    return true;
  case VY__STEP_END:
    return x->from ==
           r->steps[s->partner].memory->at + r->steps[s->partner].offset;
  }
  return false;
}

void vy__cuda_commands_free(const vy_allocator *a, vy__cuda_commands *c) {
  vy__free(a, c->list, c->capacity * sizeof *c->list);
  vy__free(a, c->records, c->record_capacity);
  *c = (vy__cuda_commands){0};
}
