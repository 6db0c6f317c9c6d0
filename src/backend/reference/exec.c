// The interpreter's loop: one lane, from where it stands to its end or to the
// next barrier or collective. Memory is read and written bytewise, since host
// spans may have any alignment; every access is checked against its view, so
// that nothing a program does can leave its memory.
#include "backend/reference/shadow.h"

static inline uint64_t get_bytes(const uint8_t *at, uint32_t bytes) {
  switch (bytes) {
  case 1:
    return *at;
  case 2:
    return vy__get_u16(at);
  case 4:
    return vy__get_u32(at);
  default:
    return vy__get_u64(at);
  }
}

static inline void put_bytes(uint8_t *at, uint32_t bytes, uint64_t value) {
  switch (bytes) {
  case 1:
    *at = (uint8_t)value;
    break;
  case 2:
    memcpy(at, &(uint16_t){(uint16_t)value}, 2);
    break;
  case 4:
    memcpy(at, &(uint32_t){(uint32_t)value}, 4);
    break;
  default:
    memcpy(at, &value, 8);
  }
}

// An index as 64 bits; a negative one is larger than any length.
static inline uint64_t widen(const vy__site *s, uint64_t index) {
  return s->narrow ? (uint64_t)(int64_t)(int32_t)(uint32_t)index : index;
}

// Where the scalar is; NULL when outside.
static inline uint8_t *locate(vy__runner *r, const vy__lane *lane,
                              const vy__site *s, uint64_t index,
                              vy__touch touch) {
  const vy__view *v = &r->views[s->view];
  index = widen(s, index);
  if (VY__UNLIKELY(index >= v->length)) {
    vy__out_of_bounds(r, lane, s, index, v->length);
    return NULL;
  }
  uint64_t byte = index * s->stride + s->offset;
  if (VY__UNLIKELY(r->shadow != NULL) && s->watched)
    vy__shadow_touch(r->shadow, r, lane, s, byte, s->bytes, touch);
  return v->data + byte;
}

static inline uint64_t get(const vy__site *s, const uint8_t *at) {
  uint64_t bits = get_bytes(at, s->bytes);
  return s->convert ? vy__load_convert((vy_type)s->type, bits) : bits;
}

static inline void put(const vy__site *s, uint8_t *at, uint64_t value) {
  if (s->convert)
    value = vy__store_convert((vy_type)s->type, value);
  put_bytes(at, s->bytes, value);
}

static inline uint64_t load(vy__runner *r, const vy__lane *lane,
                            const vy__site *s, uint64_t index,
                            vy__touch touch) {
  const uint8_t *at = locate(r, lane, s, index, touch);
  return at ? get(s, at) : 0;
}

static inline void store(vy__runner *r, const vy__lane *lane, const vy__site *s,
                         uint64_t index, uint64_t value, vy__touch touch) {
  uint8_t *at = locate(r, lane, s, index, touch);
  if (at)
    put(s, at, value);
}

// Byte `k` of an access at `offset`; false when it is outside. Offsets are
// unbounded integers: byte 1 of an access at -1 is byte 0.
static bool byte_inside(const vy__site *s, uint64_t offset, uint32_t k,
                        uint64_t length, uint64_t *at) {
  *at = offset + k;
  return *at < length && (s->is_signed || *at >= offset);
}

static uint64_t bytes_load(vy__runner *r, const vy__lane *lane,
                           const vy__site *s, uint64_t offset, uint32_t count) {
  const vy__view *v = &r->views[s->view];
  uint64_t bits = 0, at;
  bool whole = true;
  offset = widen(s, offset);
  for (uint32_t k = 0; k < count; k++) {
    if (!byte_inside(s, offset, k, v->length, &at)) {
      whole = false;
      continue;
    }
    if (VY__UNLIKELY(r->shadow != NULL) && s->watched)
      vy__shadow_touch(r->shadow, r, lane, s, at, 1, VY__TOUCH_READ);
    bits |= (uint64_t)v->data[at] << (8 * k);
  }
  if (VY__UNLIKELY(!whole))
    vy__out_of_bounds(r, lane, s, offset, v->length);
  return bits;
}

static void bytes_store(vy__runner *r, const vy__lane *lane, const vy__site *s,
                        uint64_t offset, uint64_t value, uint32_t count) {
  const vy__view *v = &r->views[s->view];
  uint64_t at;
  bool whole = true;
  offset = widen(s, offset);
  for (uint32_t k = 0; k < count; k++) {
    if (!byte_inside(s, offset, k, v->length, &at)) {
      whole = false;
      continue;
    }
    if (VY__UNLIKELY(r->shadow != NULL) && s->watched)
      vy__shadow_touch(r->shadow, r, lane, s, at, 1, VY__TOUCH_WRITE);
    v->data[at] = (uint8_t)(value >> (8 * k));
  }
  if (VY__UNLIKELY(!whole))
    vy__out_of_bounds(r, lane, s, offset, v->length);
}

static uint64_t atomic_apply(vy__runner *r, const vy__lane *lane,
                             const vy__site *s, const vy__ins *i) {
  const uint64_t *reg = lane->regs;
  uint8_t *at = locate(r, lane, s, reg[i->a], VY__TOUCH_ATOMIC);
  if (!at)
    return 0;
  uint64_t old = get(s, at);
  put(s, at, i->fn(old, reg[i->b], 0));
  return old;
}

static uint64_t atomic_swap(vy__runner *r, const vy__lane *lane,
                            const vy__site *s, const vy__ins *i) {
  const uint64_t *reg = lane->regs;
  uint8_t *at = locate(r, lane, s, reg[i->a], VY__TOUCH_ATOMIC);
  if (!at)
    return 0;
  uint64_t old = get(s, at);
  if (old == reg[i->b])
    put(s, at, reg[i->c]);
  return old;
}

// ceil((hi - lo) / step) over unbounded integers: below 2^64 for any step.
static uint64_t trip_count(vy_type type, uint64_t lo, uint64_t hi,
                           uint64_t step) {
  if (vy__is_signed(type)) {
    bool narrow = type == VY_TYPE_I32;
    int64_t l = narrow ? (int32_t)(uint32_t)lo : (int64_t)lo;
    int64_t h = narrow ? (int32_t)(uint32_t)hi : (int64_t)hi;
    int64_t s = narrow ? (int32_t)(uint32_t)step : (int64_t)step;
    if (s <= 0 || l >= h)
      return 0;
    return ((uint64_t)h - (uint64_t)l - 1) / (uint64_t)s + 1;
  }
  return step == 0 || lo >= hi ? 0 : (hi - lo - 1) / step + 1;
}

static uint64_t wrap(vy_type type, uint64_t value) {
  bool narrow = type == VY_TYPE_I32 || type == VY_TYPE_U32;
  return narrow ? (uint32_t)value : value;
}

// Each instruction ends in a jump of its own to the next, so that the host
// predicts it from the instruction just done.
#define GO_ON goto *labels[i->kind]
#define NEXT_INS                                                               \
  i++;                                                                         \
  GO_ON

void vy__lane_run(vy__runner *r, vy__lane *lane) {
  const vy__ins *code = r->code->ins, *i = code + lane->pc;
  const vy__site *sites = r->code->sites;
  uint64_t *reg = lane->regs;
  static const void *const labels[] = {
      [VY__INS_UNARY] = &&do_unary,
      [VY__INS_BINARY] = &&do_binary,
      [VY__INS_TERNARY] = &&do_ternary,
      [VY__INS_SHIFT] = &&do_shift,
      [VY__INS_MOVE] = &&do_move,
      [VY__INS_LOAD] = &&do_load,
      [VY__INS_STORE] = &&do_store,
      [VY__INS_BYTES_LOAD] = &&do_bytes_load,
      [VY__INS_BYTES_STORE] = &&do_bytes_store,
      [VY__INS_ATOMIC_LOAD] = &&do_atomic_load,
      [VY__INS_ATOMIC_STORE] = &&do_atomic_store,
      [VY__INS_ATOMIC_APPLY] = &&do_atomic_apply,
      [VY__INS_ATOMIC_SWAP] = &&do_atomic_swap,
      [VY__INS_ZERO] = &&do_zero,
      [VY__INS_JUMP] = &&do_jump,
      [VY__INS_JUMP_UNLESS] = &&do_jump_unless,
      [VY__INS_FOR] = &&do_for,
      [VY__INS_NEXT] = &&do_next,
      [VY__INS_TICK] = &&do_tick,
      [VY__INS_MEET] = &&do_meet,
      [VY__INS_EXIT] = &&do_exit,
  };
  GO_ON;
do_unary:
  reg[i->dst] = i->fn(reg[i->a], 0, 0);
  NEXT_INS;
do_binary:
  reg[i->dst] = i->fn(reg[i->a], reg[i->b], 0);
  NEXT_INS;
do_ternary:
  reg[i->dst] = i->fn(reg[i->a], reg[i->b], reg[i->c]);
  NEXT_INS;
do_shift:
  reg[i->dst] = i->fn(reg[i->a], reg[i->b] & i->c, 0);
  NEXT_INS;
do_move:
  reg[i->dst] = reg[i->a];
  NEXT_INS;
do_load:
  reg[i->dst] = load(r, lane, &sites[i->target], reg[i->a], VY__TOUCH_READ);
  NEXT_INS;
do_store:
  store(r, lane, &sites[i->target], reg[i->a], reg[i->b], VY__TOUCH_WRITE);
  NEXT_INS;
do_bytes_load:
  reg[i->dst] = bytes_load(r, lane, &sites[i->target], reg[i->a], i->c);
  NEXT_INS;
do_bytes_store:
  bytes_store(r, lane, &sites[i->target], reg[i->a], reg[i->b], i->c);
  NEXT_INS;
do_atomic_load:
  reg[i->dst] =
      load(r, lane, &sites[i->target], reg[i->a], VY__TOUCH_ATOMIC_READ);
  NEXT_INS;
do_atomic_store:
  store(r, lane, &sites[i->target], reg[i->a], reg[i->b], VY__TOUCH_ATOMIC);
  NEXT_INS;
do_atomic_apply:
  reg[i->dst] = atomic_apply(r, lane, &sites[i->target], i);
  NEXT_INS;
do_atomic_swap:
  reg[i->dst] = atomic_swap(r, lane, &sites[i->target], i);
  NEXT_INS;
do_zero:
  memset(r->views[i->a].data, 0, r->views[i->a].length * i->b);
  NEXT_INS;
do_jump:
  i = code + i->target - 1;
  NEXT_INS;
do_jump_unless:
  if (!reg[i->a])
    i = code + i->target - 1;
  NEXT_INS;
do_for:
  reg[i->c] = trip_count((vy_type)i->type, reg[i->a], reg[i->b], reg[i->extra]);
  reg[i->dst] = reg[i->a];
  if (!reg[i->c])
    i = code + i->target - 1;
  NEXT_INS;
do_next:
  if (--reg[i->c]) {
    reg[i->dst] = wrap((vy_type)i->type, reg[i->dst] + reg[i->a]);
    i = code + i->target - 1;
  }
  NEXT_INS;
do_tick:
  if (++lane->ticks[i->c] > r->budget) {
    vy__out_of_budget(r, lane, i->id);
    lane->state = VY__LANE_ENDED;
    return;
  }
  NEXT_INS;
do_meet:
  lane->pc = (uint32_t)(i - code);
  lane->state = VY__LANE_MEETS;
  return;
do_exit:
  lane->state = VY__LANE_ENDED;
  return;
}
