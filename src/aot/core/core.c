// The runtime inside every ahead-of-time object: binds arguments, works out
// sizes and the domain, checks what a dispatch checks, chooses the kernel for
// this processor and runs it. It is built as one piece of code without
// relocations and without a C library (core.ld); it has no state.
#include <stdatomic.h>

#include "aot/aot.h"
#include "backend/cover.h"
#include "semantics/semantics.h"

enum {
  SMALL_COST = 100000, // operations that are not worth sharing
  CHUNK_COST = 20000,
  CHUNKS_EACH = 8,
  STACK_SCRATCH = 4096,
};

// Stands for a buffer without elements: one of them can be read.
static const uint8_t nothing[VY__MAX_ELEMENT_SIZE + 64]
    __attribute__((aligned(64))) = {0};

// The entries: fixed places at the start (VY__AOT_CORE_*).
__asm__(".section .text.entry,\"ax\",@progbits\n"
        ".globl core_entry\n"
        "core_entry:\n"
        "jmp core_run\n"
        ".balign 16, 0xcc\n"
        "jmp core_count\n"
        ".balign 16, 0xcc\n"
        ".text\n");

// What the compiler may ask for.
__attribute__((used)) void *memset(void *to, int byte, size_t size) {
  void *at = to;
  __asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(byte) : "memory");
  return to;
}
__attribute__((used)) void *memcpy(void *to, const void *from, size_t size) {
  void *at = to;
  __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
  return to;
}

// For elements of outputs, which only readback ranges name.
vy_type vy__value_type(vy_type t) { return t; }

typedef struct launch {
  const vy__aot_program *p;
  const vy__param *params;
  const vy__aot_imports *imports;
  vy__aot_run *run;
  const vy__kernel_info *kernel;
  vy__kernel_fn call;
  vy__kernel_args args;
  vy__fault fault;
  _Atomic uint32_t lock; // of the fault, between chunks
  uint64_t units, chunk;
  uint64_t scalars[VY__MAX_PARAMS], lengths[VY__MAX_PARAMS];
  vy__kernel_buffer buffers[VY__MAX_PARAMS];
} launch;

static const void *at(const vy__aot_program *p, uint32_t offset) {
  return (const char *)p + offset;
}

static int fail(launch *l, vy_status status, uint32_t parameter, uint64_t have,
                uint64_t want) {
  vy__aot_fault *f = &l->run->fault;
  f->status = status;
  f->parameter = parameter;
  f->index = have;
  f->length = want;
  return status;
}

// ---- arguments

static uint64_t scalar(vy_type type, const char *from) {
  uint32_t word;
  uint64_t wide;
  switch (type) {
  case VY_TYPE_BOOL:
    return *(const uint8_t *)from != 0;
  case VY_TYPE_I64:
  case VY_TYPE_U64:
  case VY_TYPE_F64:
    __builtin_memcpy(&wide, from, sizeof wide);
    return wide;
  default:
    __builtin_memcpy(&word, from, sizeof word);
    return word;
  }
}

static void load_args(launch *l, const char *args) {
  const vy__aot_param *slots = at(l->p, l->p->slots);
  for (uint32_t i = 0; i < l->p->param_count; i++) {
    const char *from = args + slots[i].value;
    l->scalars[i] = l->lengths[i] = 0;
    l->buffers[i] = (vy__kernel_buffer){0};
    if (l->params[i].access == VY_ACCESS_NONE) {
      l->scalars[i] = scalar((vy_type)l->params[i].type, from);
      continue;
    }
    __builtin_memcpy(&l->buffers[i].data, from, sizeof l->buffers[i].data);
    __builtin_memcpy(&l->lengths[i], args + slots[i].count, sizeof(uint64_t));
  }
}

static bool evaluate(const launch *l, uint32_t node, uint64_t *out) {
  const vy__size *sizes = at(l->p, l->p->sizes);
  vy__ir ir;
  ir.sizes = (vy__size *)(uintptr_t)sizes;
  ir.params = (vy__param *)(uintptr_t)l->params;
  vy__size_env env = {l->scalars, l->lengths, NULL, NULL, NULL};
  return vy__size_eval(&ir, node, &env, out) == VY__SIZE_OK;
}

static bool fits(const launch *l, uint32_t i, uint64_t count) {
  uint64_t bytes;
  return !__builtin_mul_overflow(count, (uint64_t)l->params[i].element_size,
                                 &bytes) &&
         bytes <= INT64_MAX;
}

// Lengths that the program gives; `room` keeps what the caller gave.
static int size_writes(launch *l, uint64_t *room) {
  for (uint32_t k = 0; k < l->p->size_count; k++) {
    uint32_t i = l->p->size_order[k];
    room[i] = l->lengths[i];
    if (!evaluate(l, l->params[i].length, &l->lengths[i]) ||
        !fits(l, i, l->lengths[i]))
      return fail(l, VY_ERROR_INVALID_ARGUMENT, i, room[i], UINT64_MAX);
  }
  return VY_OK;
}

static int check_room(launch *l, const uint64_t *room) {
  for (uint32_t k = 0; k < l->p->size_count; k++) {
    uint32_t i = l->p->size_order[k];
    if (room[i] < l->lengths[i])
      return fail(l, VY_ERROR_OUTPUT_TOO_SMALL, i, room[i], l->lengths[i]);
  }
  return VY_OK;
}

static int check_buffer(launch *l, uint32_t i) {
  const vy__param *param = &l->params[i];
  vy__kernel_buffer *b = &l->buffers[i];
  uint64_t want = l->lengths[i];
  b->length = l->lengths[i];
  if ((!b->data && b->length) || !fits(l, i, b->length) ||
      ((l->p->uses_len >> i & 1) && b->length > UINT32_MAX) ||
      ((l->kernel->aligned >> i & 1) && (uintptr_t)b->data % 8) ||
      (param->length != VY__NONE &&
       (!evaluate(l, param->length, &want) || want != b->length)))
    return fail(l, VY_ERROR_INVALID_ARGUMENT, i, b->length, want);
  if (!b->length)
    b->data = (uint8_t *)(uintptr_t)nothing;
  return VY_OK;
}

// Memory that is written is nobody else's.
static int check_overlaps(launch *l) {
  for (uint32_t i = 0; i < l->p->param_count; i++)
    for (uint32_t j = 0; j < i && l->lengths[i]; j++) {
      const vy__kernel_buffer *a = &l->buffers[i], *b = &l->buffers[j];
      if (!l->lengths[j] || (l->params[i].access <= VY_ACCESS_READ &&
                             l->params[j].access <= VY_ACCESS_READ))
        continue;
      uintptr_t from = (uintptr_t)a->data, other = (uintptr_t)b->data;
      if (from < other + b->length * l->params[j].element_size &&
          other < from + a->length * l->params[i].element_size)
        return fail(l, VY_ERROR_INVALID_ARGUMENT, i, j, 0);
    }
  return VY_OK;
}

static int bind_buffers(launch *l) {
  for (uint32_t i = 0; i < l->p->param_count; i++) {
    int s = l->params[i].access ? check_buffer(l, i) : VY_OK;
    if (s != VY_OK)
      return s;
  }
  return check_overlaps(l);
}

static uint64_t bytes_of(const launch *l, uint32_t i) {
  return l->lengths[i] * l->params[i].element_size;
}

// Bit p: the run stores all of parameter p, whatever is there before.
static uint64_t covered(const launch *l) {
  vy__bind binds[VY__MAX_PARAMS];
  vy__launch_item item;
  vy__ir ir;
  if (!l->kernel->cover_count)
    return 0;
  ir.params = (vy__param *)(uintptr_t)l->params;
  ir.param_count = l->p->param_count;
  item.binds = binds;
  item.scalars = l->scalars;
  for (uint32_t d = 0; d < 3; d++)
    item.lanes[d] = l->args.lanes[d];
  for (uint32_t i = 0; i < ir.param_count; i++) {
    binds[i].length = l->lengths[i];
    binds[i].size = bytes_of(l, i);
  }
  return vy__covered(l->kernel->covers, l->kernel->cover_count, &ir, &item);
}

// Those of the `write` buffers in `which`, by parameter.
static void zero_writes(const launch *l, uint64_t which) {
  for (uint32_t i = 0; i < l->p->param_count; i++)
    if (l->params[i].access == VY_ACCESS_WRITE && l->lengths[i] &&
        (which >> i & 1))
      memset(l->buffers[i].data, 0, bytes_of(l, i));
}

// ---- the domain

static bool count_domain(const launch *l, uint64_t *n) {
  const vy__aot_program *p = l->p;
  const uint64_t *given = l->run->domain;
  for (uint32_t d = 0; d < 3; d++) {
    n[d] = 1;
    if (given[0]) {
      if (d >= p->dimensions ? given[d] > 1 : !given[d])
        return false;
      n[d] = d < p->dimensions ? given[d] : 1;
    } else if (d < p->dimensions && !evaluate(l, p->domain[d], &n[d])) {
      return false;
    }
  }
  return true;
}

static int bind_domain(launch *l) {
  const vy__aot_program *p = l->p;
  uint64_t n[3], total = 1;
  l->units = 1;
  if (!count_domain(l, n))
    return fail(l, VY_ERROR_INVALID_ARGUMENT, VY__NONE, 0, 0);
  for (uint32_t d = 0; d < 3; d++) {
    uint64_t size = p->group_size[d] ? p->group_size[d] : 1;
    uint64_t each = p->uses_groups ? size : 1;
    if (n[d] > UINT32_MAX / each)
      return fail(l, VY_ERROR_INVALID_ARGUMENT, VY__NONE, n[d],
                  UINT32_MAX / each);
    l->args.lanes[d] = n[d] * each;
    l->args.groups[d] = p->uses_groups ? n[d] : (n[d] + size - 1) / size;
    if (__builtin_mul_overflow(total, l->args.lanes[d], &total) ||
        total > INT64_MAX)
      return fail(l, VY_ERROR_INVALID_ARGUMENT, VY__NONE, total, INT64_MAX);
    l->units *= n[d];
  }
  return VY_OK;
}

// ---- running

static void report(launch *l, const vy__fault *f) {
  if (f->kind == VY__FAULT_NONE)
    return;
  while (atomic_exchange_explicit(&l->lock, 1, memory_order_acquire))
    ;
  if (l->fault.kind == VY__FAULT_NONE || f->lane < l->fault.lane)
    l->fault = *f;
  atomic_store_explicit(&l->lock, 0, memory_order_release);
}

static void call(launch *l, uint8_t *scratch, uint64_t begin, uint64_t end) {
  vy__fault fault = {.value = VY__NONE, .stmt = VY__NONE, .lane = UINT64_MAX};
  vy__kernel_args args = l->args;
  args.scratch = scratch;
  args.fault = &fault;
  vy__fp_state fp;
  vy__fp_pin(&fp);
  l->call(&args, begin, end);
  vy__fp_restore(&fp);
  report(l, &fault);
}

static void call_on_stack(launch *l, uint64_t begin, uint64_t end) {
  _Alignas(64) uint8_t scratch[STACK_SCRATCH];
  call(l, scratch, begin, end);
}

static void call_range(launch *l, uint64_t begin, uint64_t end) {
  if (l->kernel->scratch <= STACK_SCRATCH) {
    call_on_stack(l, begin, end);
    return;
  }
  char *block = l->imports->allocate((size_t)l->kernel->scratch + 64);
  if (block) {
    uintptr_t aligned = ((uintptr_t)block + 63) & ~(uintptr_t)63;
    call(l, (uint8_t *)aligned, begin, end);
    l->imports->release(block);
  } else {
    vy__fault none = {VY__FAULT_MEMORY, VY__NONE, VY__NONE, 0, 0, 0, 0};
    report(l, &none);
  }
}

static void call_chunk(void *data, uint64_t index) {
  launch *l = data;
  uint64_t begin = index * l->chunk, left = l->units - begin;
  call_range(l, begin, begin + (left < l->chunk ? left : l->chunk));
}

static void run_units(launch *l) {
  const vy__aot_run *r = l->run;
  uint64_t cost, parts = 1, grain = l->kernel->grain;
  if (__builtin_mul_overflow(l->units, (uint64_t)l->kernel->cost + 1, &cost))
    cost = UINT64_MAX;
  if (r->parallel_for && r->threads > 1 && cost > SMALL_COST) {
    uint64_t most = (uint64_t)r->threads * CHUNKS_EACH;
    parts = cost / CHUNK_COST < most ? cost / CHUNK_COST : most;
  }
  l->chunk = ((l->units + parts - 1) / parts + grain - 1) / grain * grain;
  uint64_t count = (l->units + l->chunk - 1) / l->chunk;
  l->args.alone = count == 1;
  if (count == 1)
    call_range(l, 0, l->units);
  else
    r->parallel_for(r->parallel_user, count, call_chunk, l);
}

// ---- what came of it

static const char *text_at(const vy__aot_program *p, uint32_t offset) {
  return offset ? at(p, offset) : NULL;
}

static int conclude(launch *l) {
  static const uint8_t statuses[] = {
      [VY__FAULT_NONE] = VY_OK,
      [VY__FAULT_BOUNDS] = VY_ERROR_BOUNDS,
      [VY__FAULT_BUDGET] = VY_ERROR_BUDGET,
      [VY__FAULT_MEMORY] = VY_ERROR_OUT_OF_HOST_MEMORY,
  };
  const vy__fault *f = &l->fault;
  vy__aot_fault *out = &l->run->fault;
  if (f->kind == VY__FAULT_NONE)
    return VY_OK;
  out->status = statuses[f->kind];
  out->lane = f->lane;
  out->index = f->index;
  out->length = f->length;
  const vy__aot_place *places = at(l->p, l->p->places);
  uint32_t id = f->kind == VY__FAULT_BUDGET ? f->stmt : f->value;
  for (uint32_t i = 0; i < l->p->place_count; i++)
    if (places[i].kind == f->kind && places[i].id == id) {
      out->file = text_at(l->p, places[i].file);
      out->memory = text_at(l->p, places[i].memory);
      out->parameter = places[i].parameter;
      out->line = places[i].line;
      out->column = places[i].column;
    }
  return out->status;
}

static bool choose(launch *l, _Atomic uint32_t *known) {
  uint32_t level = atomic_load_explicit(known, memory_order_relaxed);
  if (!level) { // VY__ISA_NONE is asked for again each time
    level = vy__kernel_host_isa();
    atomic_store_explicit(known, level, memory_order_relaxed);
  }
  while (level && !l->p->kernels[level])
    level--;
  if (!level)
    return false;
  l->kernel = at(l->p, l->p->kernels[level]);
  l->call = (vy__kernel_fn)((uintptr_t)l->kernel + l->kernel->entry);
  return true;
}

static int run_all(launch *l, const char *args, _Atomic uint32_t *known) {
  uint64_t room[VY__MAX_PARAMS];
  if (!choose(l, known))
    return fail(l, VY_ERROR_UNSUPPORTED, VY__NONE, 0, 0);
  load_args(l, args);
  int s = size_writes(l, room);
  if (s == VY_OK)
    s = check_room(l, room);
  if (s == VY_OK)
    s = bind_buffers(l);
  if (s == VY_OK)
    s = bind_domain(l);
  if (s != VY_OK)
    return s;
  uint64_t budget = l->run->budget ? l->run->budget : l->p->budget;
  l->args.buffers = l->buffers;
  l->args.scalars = l->scalars;
  l->args.budget = budget ? budget : UINT64_MAX;
  l->args.helpers = l->imports->helpers;
  uint64_t stored = covered(l);
  zero_writes(l, ~stored);
  if (l->units)
    run_units(l);
  if (l->fault.kind == VY__FAULT_MEMORY) // not all that it was trusted with
    zero_writes(l, stored);
  return conclude(l);
}

static void begin(launch *l, const vy__aot_program *p, vy__aot_run *run) {
  l->p = p;
  l->params = at(p, p->params);
  l->run = run;
  l->fault.kind = VY__FAULT_NONE;
  atomic_init(&l->lock, 0);
  run->fault = (vy__aot_fault){.parameter = VY__NONE};
}

__attribute__((used)) int core_run(const void *args, vy__aot_run *run,
                                   const vy__aot_program *p,
                                   const vy__aot_imports *imports,
                                   _Atomic uint32_t *known);
int core_run(const void *args, vy__aot_run *run, const vy__aot_program *p,
             const vy__aot_imports *imports, _Atomic uint32_t *known) {
  vy__aot_run plain;
  launch l;
  if (!run) {
    plain.domain[0] = plain.budget = 0;
    plain.parallel_for = NULL;
    plain.reserved = 0;
    run = &plain;
  }
  begin(&l, p, run);
  l.imports = imports;
  if (!args || run->reserved)
    return fail(&l, VY_ERROR_INVALID_ARGUMENT, VY__NONE, 0, 0);
  return run_all(&l, args, known);
}

// Elements of parameter `index`, which the program sizes; UINT64_MAX when the
// expression has no value.
__attribute__((used)) uint64_t core_count(const void *args, uint32_t index,
                                          const vy__aot_program *p);
uint64_t core_count(const void *args, uint32_t index,
                    const vy__aot_program *p) {
  uint64_t room[VY__MAX_PARAMS];
  vy__aot_run run = {0};
  launch l;
  begin(&l, p, &run);
  if (!args)
    return UINT64_MAX;
  load_args(&l, args);
  return size_writes(&l, room) == VY_OK ? l.lengths[index] : UINT64_MAX;
}
