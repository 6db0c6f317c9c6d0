// Running launches: items in order, each by one call or in chunks. The
// arguments of a kernel are put together here, once for each item; a chunk
// adds what is its own: scratch, and a place for its fault.
#include "backend/cover.h"
#include "backend/cpu/cpu.h"
#include "backend/replay.h"
#include "semantics/semantics.h"

// Costs are in operations. A vector operation takes about a quarter of a
// nanosecond, memory in the cache included.
enum {
  VECTOR_OPS_EACH_US = 4000,
  SMALL_US = 20,   // an item that takes less stays on one thread
  CHUNK_US = 4,    // at least, of a chunk
  MEASURED_US = 3, // from here on a look at the clock is no loss
  CHUNKS_EACH = 8, // at most, for each thread
  MAX_WEIGHT = 4096,
  STACK_SCRATCH = 4096,
};

// Stands for a buffer without elements: one of them can be read.
static const uint8_t nothing[VY__MAX_ELEMENT_SIZE + 64]
    __attribute__((aligned(64)));

typedef struct run {
  vy__cpu *device;
  const vy__kernel *kernel;
  vy__kernel_args args;
  vy__fault *fault; // of the item
  uint64_t units, chunk;
  uint64_t stored; // bit p: parameter p needs no zeroes
  bool again;      // an item alike can be run with what is here
  vy__tables tables;
  _Atomic uint32_t lock; // of *fault, between chunks
  vy__kernel_buffer buffers[VY__MAX_PARAMS];
} run;

// ---- sizes

static uint64_t units_of(const vy__ir *ir, const vy__launch_item *item) {
  const uint64_t *n = ir->uses_groups ? item->groups : item->lanes;
  return n[0] * n[1] * n[2];
}

// Operations of a microsecond.
static uint64_t speed(const vy__kernel *k) {
  uint32_t width = k->info.width ? k->info.width : 1;
  return (uint64_t)VECTOR_OPS_EACH_US * width;
}

// As the emitter guessed; UINT64_MAX: more than can be said.
static uint64_t guess(const vy__kernel *k, uint64_t units) {
  uint64_t cost;
  if (__builtin_mul_overflow(units, (uint64_t)k->info.cost + 1, &cost))
    return UINT64_MAX;
  return cost;
}

static uint64_t cost_of(const struct vy__code *code, uint64_t units) {
  uint64_t cost = guess(&code->kernel, units), weight;
  weight = atomic_load_explicit(&code->weight, memory_order_relaxed);
  if (weight && __builtin_mul_overflow(cost, weight, &cost))
    return UINT64_MAX;
  return cost;
}

bool vy__cpu_is_small(const vy__launch *l) {
  if (l->recording)
    return false; // repeats have no set end
  const struct vy__code *c = l->code;
  uint64_t most = SMALL_US * speed(&c->kernel) / l->iterations, sum = 0;
  for (uint32_t i = 0; i < l->item_count && sum <= most; i++) {
    uint64_t cost = cost_of(c, units_of(&c->program->ir, &l->items[i]));
    if (cost > most)
      return false;
    sum += cost;
  }
  return sum <= most;
}

// Learn from a run of `ns` on `threads` threads.
static void weigh(struct vy__code *c, uint64_t units, uint64_t ns,
                  uint32_t threads) {
  uint64_t said = guess(&c->kernel, units) / speed(&c->kernel) * 1000;
  uint64_t weight = ns / (said ? said : 1) * threads;
  if (weight > MAX_WEIGHT)
    weight = MAX_WEIGHT;
  atomic_store_explicit(&c->weight, (uint32_t)weight, memory_order_relaxed);
}

// ---- faults

static void merge(vy__fault *into, const vy__fault *from) {
  if (from->kind != VY__FAULT_NONE &&
      (into->kind == VY__FAULT_NONE || from->lane < into->lane))
    *into = *from;
}

static void report(run *r, const vy__fault *f) {
  if (VY__LIKELY(f->kind == VY__FAULT_NONE))
    return;
  while (atomic_exchange_explicit(&r->lock, 1, memory_order_acquire))
    ;
  merge(r->fault, f);
  atomic_store_explicit(&r->lock, 0, memory_order_release);
}

// ---- calls

static void call_kernel(run *r, vy__kernel_args *args, uint8_t *scratch,
                        uint64_t begin, uint64_t end) {
  vy__fault fault = {.value = VY__NONE, .stmt = VY__NONE, .lane = UINT64_MAX};
  args->scratch = scratch;
  args->fault = &fault;
  r->kernel->run(args, begin, end);
  report(r, &fault);
}

static void call(run *r, uint8_t *scratch, uint64_t begin, uint64_t end) {
  if (r->args.alone) {
    call_kernel(r, &r->args, scratch, begin, end);
    return;
  }
  vy__kernel_args args = r->args;
  uint32_t set = 0;
  const vy__kernel_buffer *own = vy__tables_take(&r->tables, &set);
  if (own) {
    args.buffers = own;
    args.alone = 1;
  }
  call_kernel(r, &args, scratch, begin, end);
  if (own)
    vy__tables_give(&r->tables, set);
}

static void call_on_stack(run *r, uint64_t begin, uint64_t end) {
  _Alignas(64) uint8_t scratch[STACK_SCRATCH];
  call(r, scratch, begin, end);
}

static void call_with_block(run *r, uint64_t begin, uint64_t end) {
  vy__scratch *s = vy__scratch_take(&r->device->scratch);
  if (s && vy__host_scratch_fit(&s->kernel, r->kernel->info.scratch)) {
    call(r, s->kernel.data, begin, end);
  } else {
    vy__fault none = {VY__FAULT_MEMORY, VY__NONE, VY__NONE, 0, 0, 0, 0};
    report(r, &none);
  }
  if (s)
    vy__scratch_give(&r->device->scratch, s);
}

static void call_range(run *r, uint64_t begin, uint64_t end) {
  if (r->kernel->info.scratch <= STACK_SCRATCH)
    call_on_stack(r, begin, end);
  else
    call_with_block(r, begin, end);
}

// On any thread.
static void call_chunk(void *data, uint64_t index) {
  run *r = data;
  uint64_t begin = index * r->chunk;
  uint64_t left = r->units - begin;
  vy__fp_state fp;
  vy__fp_pin(&fp);
  call_range(r, begin, begin + (left < r->chunk ? left : r->chunk));
  vy__fp_restore(&fp);
}

// ---- items

static uint64_t round_up(uint64_t n, uint64_t grain) {
  return (n + grain - 1) / grain * grain;
}

// Units of a chunk; all of them when the item stays on one thread.
static uint64_t chunk_units(const vy__cpu *d, const struct vy__code *c,
                            uint64_t units) {
  uint64_t cost = cost_of(c, units), each = speed(&c->kernel);
  if (d->threads < 2 || cost < (SMALL_US + 1) * each)
    return units;
  uint64_t parts = cost / each / CHUNK_US;
  uint64_t most = (uint64_t)d->threads * CHUNKS_EACH;
  if (parts > most)
    parts = most;
  return round_up((units + parts - 1) / parts, c->kernel.info.grain);
}

static void run_chunks(run *r) {
  vy__cpu *d = r->device;
  if (r->args.alone) {
    call_range(r, 0, r->units);
    return;
  }
  uint64_t count = (r->units + r->chunk - 1) / r->chunk;
  if (d->parallel_for) {
    d->parallel_for(d->parallel_user, count, call_chunk, r);
  } else {
    vy__work w = {.body = call_chunk, .data = r, .count = count};
    vy__crew_run(&d->crew, &w);
  }
  vy__tables_close(&r->tables);
}

static void set_args(run *r, const vy__launch *l, const vy__launch_item *item,
                     uint8_t *const *work) {
  const vy__ir *ir = &l->code->program->ir;
  for (uint32_t p = 0; p < ir->param_count; p++) {
    uint64_t length = item->binds[p].length;
    uint8_t *data = length ? work[p] : NULL;
    r->buffers[p].data = data ? data : (uint8_t *)(uintptr_t)nothing;
    r->buffers[p].length = length;
  }
  r->args = (vy__kernel_args){
      .buffers = r->buffers,
      .scalars = item->scalars,
      .lanes = {item->lanes[0], item->lanes[1], item->lanes[2]},
      .groups = {item->groups[0], item->groups[1], item->groups[2]},
      .budget = l->budget ? l->budget : UINT64_MAX,
      .helpers = &vy__kernel_helpers_table,
  };
}

static void run_entered(run *r, vy__launch *l, vy__launch_item *item,
                        uint8_t *const *work) {
  vy__cpu *d = r->device;
  r->fault = &item->fault;
  r->units = units_of(&l->code->program->ir, item);
  if (!r->units)
    return;
  r->chunk = chunk_units(d, l->code, r->units);
  set_args(r, l, item, work);
  r->args.alone = r->chunk >= r->units;
  if (!r->args.alone)
    vy__tables_open(&r->tables, &r->kernel->info, &l->code->program->ir,
                    r->buffers, &d->scratch, d->threads,
                    guess(r->kernel, r->units));
  if (d->threads < 2 ||
      guess(r->kernel, r->units) < MEASURED_US * speed(r->kernel)) {
    for (uint32_t k = 0; k < l->iterations; k++)
      run_chunks(r);
    r->again = r->args.alone && !l->want_timing &&
               r->kernel->info.scratch <= STACK_SCRATCH;
    return;
  }
  uint64_t start = vy__now_ns();
  for (uint32_t k = 0; k < l->iterations; k++)
    run_chunks(r);
  weigh(l->code, r->units, (vy__now_ns() - start) / l->iterations,
        r->chunk < r->units ? d->threads : 1);
}

// An item like the one before it: only its ranges begin elsewhere.
static void run_again(run *r, vy__launch *l, vy__launch_item *item) {
  const vy__ir *ir = &l->code->program->ir;
  item->fault = (vy__fault){.value = VY__NONE, .stmt = VY__NONE};
  for (uint32_t p = 0; p < ir->param_count; p++) {
    const vy__bind *b = &item->binds[p];
    if (!b->memory || !b->length)
      continue;
    r->buffers[p].data = b->memory->data + b->offset;
    if (ir->params[p].access == VY_ACCESS_WRITE && !(r->stored >> p & 1))
      memset(r->buffers[p].data, 0, b->size);
  }
  r->args.scalars = item->scalars;
  r->fault = &item->fault;
  for (uint32_t k = 0; k < l->iterations; k++)
    run_chunks(r);
}

// A run that broke off has not stored all that it was trusted with.
static void clear(const vy__ir *ir, const vy__launch_item *item,
                  uint64_t stored, uint8_t *const *work) {
  for (uint32_t p = 0; p < ir->param_count; p++)
    if ((stored >> p & 1) && item->binds[p].size)
      memset(work[p], 0, item->binds[p].size);
}

static uint64_t covered(const vy__kernel_info *info, const vy__ir *ir,
                        const vy__launch_item *item) {
  return vy__covered(info->covers, info->cover_count, ir, item);
}

static void run_item(run *r, vy__launch *l, vy__launch_item *item) {
  vy__cpu *d = r->device;
  const vy__ir *ir = &l->code->program->ir;
  uint64_t aligned = l->code->kernel.info.aligned;
  uint8_t *work[VY__MAX_PARAMS];
  vy__scratch *s = NULL;
  item->fault = (vy__fault){.value = VY__NONE, .stmt = VY__NONE};
  vy__host_count(item, l->code->program);
  uint64_t start = l->want_timing ? vy__now_ns() : 0;
  uint64_t stored = covered(&l->code->kernel.info, ir, item);
  r->stored = stored;
  r->again = false;
  bool here = vy__host_enter_in_place(ir, item, aligned, stored, work);
  if (!here && (s = vy__scratch_take(&d->scratch)) != NULL)
    here = vy__host_enter(&s->host, ir, item, aligned, stored, work);
  if (!here) {
    item->fault.kind = VY__FAULT_MEMORY;
  } else {
    uint64_t entered = l->want_timing ? vy__now_ns() : 0;
    run_entered(r, l, item, work);
    uint64_t ran = l->want_timing ? vy__now_ns() : 0;
    if (item->fault.kind == VY__FAULT_MEMORY)
      clear(ir, item, stored, work);
    vy__host_leave(ir, item, work);
    if (l->want_timing) {
      l->upload_ns += entered - start;
      l->device_ns += ran - entered;
      l->readback_ns += vy__now_ns() - ran;
    }
  }
  if (s)
    vy__scratch_give(&d->scratch, s);
}

static void run_step(void *device, vy__launch *l) { vy__cpu_run(device, l); }

void vy__cpu_run(vy__cpu *d, vy__launch *l) {
  if (l->before)
    l->before(l);
  if (l->recording) {
    vy__host_replay(l, run_step, d);
    return;
  }
  if (l->want_timing) {
    l->upload_ns = l->device_ns = l->readback_ns = 0;
    l->timing_present =
        VY_TIMING_DEVICE | VY_TIMING_UPLOAD | VY_TIMING_READBACK;
  }
  vy__fp_state fp;
  vy__fp_pin(&fp);
  run r;
  r.device = d;
  r.kernel = &l->code->kernel;
  r.again = false;
  atomic_init(&r.lock, 0);
  for (uint32_t i = 0; i < l->item_count; i++)
    if (l->items[i].alike && r.again)
      run_again(&r, l, &l->items[i]);
    else
      run_item(&r, l, &l->items[i]);
  vy__fp_restore(&fp);
}
