// Tables of calls' own, for buffers into which a launch only combines: each
// call counts in memory that nobody else touches, without locks, and what the
// sets hold is combined at the end. Any order gives the same bits.
#include "backend/cpu/cpu.h"
#include "semantics/semantics.h"

enum { FREE, FILLED, TAKEN }; // states of a set

enum {
  WORK_EACH = 8,         // operations that an element must be worth
  MOST_BYTES = 16 << 20, // of a set
};

static size_t align64(size_t n) { return (n + 63) & ~(size_t)63; }

static vy_type type_of(const vy__tables *t, uint32_t p) {
  return (vy_type)t->ir->fields[t->ir->params[p].first_field].type;
}

static size_t bytes_of(const vy__tables *t, uint32_t p) {
  return (size_t)t->buffers[p].length * vy__type_bytes(type_of(t, p));
}

void vy__tables_open(vy__tables *t, const vy__kernel_info *info,
                     const vy__ir *ir, const vy__kernel_buffer *buffers,
                     vy__scratches *scratches, uint32_t threads,
                     uint64_t cost) {
  uint64_t elements = 0, size = align64(ir->param_count * sizeof *buffers);
  t->count = 0;
  if (threads < 2)
    return;
  t->info = info;
  t->ir = ir;
  t->buffers = buffers;
  t->scratches = scratches;
  for (uint32_t p = 0; p < ir->param_count; p++) {
    if (!info->folds[p])
      continue;
    if (buffers[p].length > MOST_BYTES)
      return;
    elements += buffers[p].length;
    size += align64(bytes_of(t, p));
  }
  if (!elements || size > MOST_BYTES || elements * threads > cost / WORK_EACH)
    return;
  t->size = (size_t)size;
  t->count = threads < VY__MAX_TABLE_SETS ? threads : VY__MAX_TABLE_SETS;
  for (uint32_t i = 0; i < t->count; i++)
    atomic_init(&t->sets[i].state, FREE);
}

// ---- a set

static void fill(uint8_t *at, size_t bytes, uint64_t value, vy_type type) {
  if (vy__type_bits(type) == 64) {
    uint64_t *to = (uint64_t *)at;
    for (size_t i = 0; i < bytes / 8; i++)
      to[i] = value;
  } else {
    uint32_t *to = (uint32_t *)at;
    for (size_t i = 0; i < bytes / 4; i++)
      to[i] = (uint32_t)value;
  }
}

// The call's buffers at the start of its set: tables where buffers fold.
static void fill_set(const vy__tables *t, uint8_t *data) {
  vy__kernel_buffer *own = (vy__kernel_buffer *)data;
  size_t at = align64(t->ir->param_count * sizeof *own);
  for (uint32_t p = 0; p < t->ir->param_count; p++) {
    vy__kernel_fold fold = (vy__kernel_fold)t->info->folds[p];
    own[p] = t->buffers[p];
    if (!fold || !own[p].length)
      continue;
    own[p].data = data + at;
    fill(data + at, bytes_of(t, p),
         vy__identity(vy__kernel_fold_op(fold), type_of(t, p)), type_of(t, p));
    at += align64(bytes_of(t, p));
  }
}

static bool claim(vy__tables *t, uint32_t i, uint32_t from) {
  return atomic_load_explicit(&t->sets[i].state, memory_order_relaxed) ==
             from &&
         atomic_compare_exchange_strong_explicit(&t->sets[i].state, &from,
                                                 TAKEN, memory_order_acquire,
                                                 memory_order_relaxed);
}

static bool make(vy__tables *t, uint32_t i) {
  vy__scratch *s = vy__scratch_take(t->scratches);
  if (s && vy__host_scratch_fit(&s->tables, t->size)) {
    fill_set(t, s->tables.data);
    t->sets[i].memory = s;
    return true;
  }
  if (s)
    vy__scratch_give(t->scratches, s);
  atomic_store_explicit(&t->sets[i].state, FREE, memory_order_relaxed);
  return false;
}

const vy__kernel_buffer *vy__tables_take(vy__tables *t, uint32_t *set) {
  for (uint32_t pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < t->count; i++) {
      if (!claim(t, i, pass == 0 ? FILLED : FREE))
        continue;
      if (pass == 1 && !make(t, i))
        return NULL;
      *set = i;
      return (const vy__kernel_buffer *)t->sets[i].memory->tables.data;
    }
  return NULL;
}

void vy__tables_give(vy__tables *t, uint32_t set) {
  atomic_store_explicit(&t->sets[set].state, FILLED, memory_order_release);
}

// ---- combining

#define COMBINE(name, ctype)                                                   \
  static void name(vy__kernel_fold fold, ctype *to, const ctype *from,         \
                   size_t n) {                                                 \
    switch (fold) {                                                            \
    case VY__FOLD_ADD:                                                         \
      for (size_t i = 0; i < n; i++)                                           \
        to[i] += from[i];                                                      \
      break;                                                                   \
    case VY__FOLD_AND:                                                         \
      for (size_t i = 0; i < n; i++)                                           \
        to[i] &= from[i];                                                      \
      break;                                                                   \
    case VY__FOLD_OR:                                                          \
      for (size_t i = 0; i < n; i++)                                           \
        to[i] |= from[i];                                                      \
      break;                                                                   \
    case VY__FOLD_XOR:                                                         \
      for (size_t i = 0; i < n; i++)                                           \
        to[i] ^= from[i];                                                      \
      break;                                                                   \
    default:                                                                   \
      break;                                                                   \
    }                                                                          \
  }
#define EXTREMES(name, ctype)                                                  \
  static void name(vy__kernel_fold fold, ctype *to, const ctype *from,         \
                   size_t n) {                                                 \
    for (size_t i = 0; i < n; i++)                                             \
      if (fold == VY__FOLD_MIN ? from[i] < to[i] : from[i] > to[i])            \
        to[i] = from[i];                                                       \
  }
COMBINE(combine_32, uint32_t)
COMBINE(combine_64, uint64_t)
EXTREMES(extremes_u32, uint32_t)
EXTREMES(extremes_i32, int32_t)
EXTREMES(extremes_u64, uint64_t)
EXTREMES(extremes_i64, int64_t)

static void combine(vy__kernel_fold fold, vy_type type, void *to,
                    const void *from, size_t n) {
  bool wide = vy__type_bits(type) == 64;
  if (fold < VY__FOLD_MIN && wide)
    combine_64(fold, to, from, n);
  else if (fold < VY__FOLD_MIN)
    combine_32(fold, to, from, n);
  else if (vy__is_signed(type) && wide)
    extremes_i64(fold, to, from, n);
  else if (vy__is_signed(type))
    extremes_i32(fold, to, from, n);
  else if (wide)
    extremes_u64(fold, to, from, n);
  else
    extremes_u32(fold, to, from, n);
}

void vy__tables_close(vy__tables *t) {
  for (uint32_t i = 0; i < t->count; i++) {
    if (atomic_load_explicit(&t->sets[i].state, memory_order_acquire) != FILLED)
      continue;
    const vy__kernel_buffer *own =
        (const vy__kernel_buffer *)t->sets[i].memory->tables.data;
    for (uint32_t p = 0; p < t->ir->param_count; p++)
      if (t->info->folds[p])
        combine((vy__kernel_fold)t->info->folds[p], type_of(t, p),
                t->buffers[p].data, own[p].data, (size_t)own[p].length);
    vy__scratch_give(t->scratches, t->sets[i].memory);
    atomic_store_explicit(&t->sets[i].state, FREE, memory_order_relaxed);
  }
}
