// Collectives: the memory they share, and those that only move values.
#include "backend/cuda/emit/collective.h"

enum { SHARED_BYTES = 48 << 10, ALIGN = 16 };

// ---- memory

static uint32_t size_of(const vy__ptx *p, const vy__value *v) {
  return vy__type_bytes((vy_type)p->ir->values[v->a[0]].type);
}

// Bytes of a half that `v` needs.
static uint32_t need(const vy__ptx *p, const vy__value *v) {
  uint32_t size = size_of(p, v), warps = vy__ptx_warps(p);
  switch (v->op) {
  case VY__OP_GROUP_SHUFFLE:
  case VY__OP_GROUP_BROADCAST:
    return p->group_size * size;
  case VY__OP_GROUP_SCAN_EXCL_ADD:
    return 2 * ((warps * size + ALIGN - 1) / ALIGN * ALIGN);
  case VY__OP_GROUP_ANY:
  case VY__OP_GROUP_ALL:
  case VY__OP_GROUP_BALLOT:
  case VY__OP_GROUP_RANK:
    return 0;
  default:
    return warps * size;
  }
}

static void find_room(vy__ptx *p) {
  vy__ptx_room *r = &p->room;
  uint32_t arrays = 0;
  r->known = true;
  if (p->group_size <= 32)
    return;
  for (uint32_t i = 0; i < p->ir->value_count; i++) {
    const vy__value *v = &p->ir->values[i];
    if (vy__op_row(v->op)->effect != VY__EFFECT_COLLECTIVE)
      continue;
    uint32_t bytes = (need(p, v) + ALIGN - 1) / ALIGN * ALIGN;
    r->half = bytes > r->half ? bytes : r->half;
    uint32_t row = v->op == VY__OP_GROUP_RANK ? 2u << v->imm : 0;
    r->rank_row = row > r->rank_row ? row : r->rank_row;
  }
  for (uint32_t i = 0; i < p->ir->group_count; i++)
    arrays += vy__ptx_group_bytes(p, i);
  r->single = arrays + 2 * r->half > SHARED_BYTES;
  uint32_t halves = r->single ? r->half : 2 * r->half;
  uint32_t ranks = vy__ptx_warps(p) * r->rank_row;
  r->rank_over = arrays + halves + ranks > SHARED_BYTES;
  r->rank_at = r->rank_over ? 0 : halves;
  p->scratch = r->rank_at + ranks > halves ? r->rank_at + ranks : halves;
}

vy__reg vy__ptx_next_half(vy__ptx *p) {
  vy__reg d = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "mov.u32 %s, scratch", d.s);
  if (p->room.single) {
    vy__ptx_meet(p);
    return d;
  }
  vy__ptx_line(p, "xor.b32 flip, flip, %u", p->room.half);
  vy__ptx_line(p, "add.u32 %s, %s, flip", d.s, d.s);
  return d;
}

// ---- what they are made of

vy__reg vy__ptx_members(const vy__ptx *p) {
  uint32_t tail = p->group_size % 32;
  if (tail && p->group_size > 32)
    return vy__ptx_name("wmask");
  return vy__ptx_name("0x%x", tail ? (1u << tail) - 1 : 0xffffffffu);
}

void vy__ptx_meet(vy__ptx *p) { vy__ptx_barrier(p); }

const char *vy__ptx_bits(vy_type type) {
  return vy__type_bits(type) == 64 ? "b64" : "b32";
}

vy__reg vy__ptx_given(vy__ptx *p, uint32_t v, uint64_t missing) {
  vy_type type = (vy_type)p->ir->values[v].type;
  vy__reg x = vy__ptx_use(p, v), d;
  uint64_t bits;
  bool constant = vy__ptx_constant(p, v, &bits);
  if (!constant && !p->survives)
    return x;
  d = vy__ptx_temp(p, vy__ptx_class_of(type));
  if (p->survives)
    vy__ptx_line(p, "selp.%s %s, %s, 0x%llx, alive", vy__ptx_bits(type), d.s,
                 x.s, (unsigned long long)missing);
  else
    vy__ptx_line(p, "mov.%s %s, %s", vy__ptx_bits(type), d.s, x.s);
  return d;
}

void vy__ptx_shfl(vy__ptx *p, const char *how, vy_type type, const char *d,
                  const char *a, const char *b, uint32_t c) {
  vy__reg members = vy__ptx_members(p);
  if (vy__type_bits(type) != 64) {
    vy__ptx_line(p, "shfl.sync.%s.b32 %s, %s, %s, %u, %s", how, d, a, b, c,
                 members.s);
    return;
  }
  vy__reg x = vy__ptx_temp(p, VY__PTX_R), y = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "mov.b64 {%s, %s}, %s", x.s, y.s, a);
  vy__ptx_line(p, "shfl.sync.%s.b32 %s, %s, %s, %u, %s", how, x.s, x.s, b, c,
               members.s);
  vy__ptx_line(p, "shfl.sync.%s.b32 %s, %s, %s, %u, %s", how, y.s, y.s, b, c,
               members.s);
  vy__ptx_line(p, "mov.b64 %s, {%s, %s}", d, x.s, y.s);
}

// ---- votes

static vy__reg vote_of(vy__ptx *p, const vy__value *v) {
  vy__reg x = vy__ptx_use(p, v->a[0]), d;
  if (!p->survives)
    return x;
  d = vy__ptx_temp(p, VY__PTX_P);
  if (v->op == VY__OP_GROUP_ALL) {
    vy__ptx_line(p, "not.pred %s, alive", d.s);
    vy__ptx_line(p, "or.pred %s, %s, %s", d.s, d.s, x.s);
  } else {
    vy__ptx_line(p, "and.pred %s, %s, alive", d.s, x.s);
  }
  return d;
}

static void vote(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy__reg x = vote_of(p, v), d = vy__ptx_use(p, value);
  bool any = v->op == VY__OP_GROUP_ANY;
  if (v->op == VY__OP_GROUP_BALLOT)
    vy__ptx_line(p, "vote.sync.ballot.b32 %s, %s, %s", d.s, x.s,
                 vy__ptx_members(p).s);
  else if (p->group_size <= 32)
    vy__ptx_line(p, "vote.sync.%s.pred %s, %s, %s", any ? "any" : "all", d.s,
                 x.s, vy__ptx_members(p).s);
  else
    vy__ptx_line(p, "barrier.red.%s.pred %s, 0, %s", any ? "or" : "and", d.s,
                 x.s);
}

// ---- values of other lanes

// Is the index a lane's number? `index`: it as a b32.
static vy__reg is_lane(vy__ptx *p, uint32_t v, vy__reg *index) {
  vy__reg ok = vy__ptx_temp(p, VY__PTX_P);
  bool wide = vy__type_bits((vy_type)p->ir->values[v].type) == 64;
  *index = vy__ptx_temp(p, VY__PTX_R);
  if (wide) {
    vy__reg i = vy__ptx_index64(p, v);
    vy__ptx_line(p, "setp.lt.u64 %s, %s, %u", ok.s, i.s, p->group_size);
    vy__ptx_line(p, "cvt.u32.u64 %s, %s", index->s, i.s);
  } else {
    vy__ptx_line(p, "mov.b32 %s, %s", index->s, vy__ptx_use(p, v).s);
    vy__ptx_line(p, "setp.lt.u32 %s, %s, %u", ok.s, index->s, p->group_size);
  }
  return ok;
}

// All lanes want the same one, which alone writes. One that has ended may not
// even know: then all write.
static vy__reg place_of(vy__ptx *p, const vy__value *v, vy__reg base,
                        vy__reg index, vy__reg ok, vy__reg *writes) {
  vy__reg to = vy__ptx_temp(p, VY__PTX_R);
  *writes = vy__ptx_name("%s", "");
  vy__ptx_line(p, "mad.lo.u32 %s, ltid, %u, %s", to.s, size_of(p, v), base.s);
  if (v->op == VY__OP_GROUP_BROADCAST && !p->survives) {
    vy__reg is = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "setp.eq.and.u32 %s, ltid, %s, %s", is.s, index.s, ok.s);
    *writes = vy__ptx_name("@%s ", is.s);
  }
  return to;
}

static void shuffle(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy_type type = (vy_type)v->type;
  const char *bits = vy__ptx_bits(type);
  vy__reg x = vy__ptx_given(p, v->a[0], 0), d = vy__ptx_use(p, value), index;
  vy__reg ok = is_lane(p, v->a[1], &index);
  if (p->group_size <= 32) {
    vy__reg t = vy__ptx_temp(p, vy__ptx_class_of(type));
    vy__ptx_shfl(p, "idx", type, t.s, x.s, index.s, 31);
    vy__ptx_line(p, "selp.%s %s, %s, 0, %s", bits, d.s, t.s, ok.s);
    return;
  }
  vy__reg base = vy__ptx_next_half(p), writes;
  vy__reg from = vy__ptx_temp(p, VY__PTX_R);
  vy__reg to = place_of(p, v, base, index, ok, &writes);
  vy__ptx_line(p, "%sst.shared.%s [%s], %s", writes.s, bits, to.s, x.s);
  vy__ptx_meet(p);
  vy__ptx_line(p, "mad.lo.u32 %s, %s, %u, %s", from.s, index.s, size_of(p, v),
               base.s);
  vy__ptx_line(p, "mov.%s %s, 0", bits, d.s);
  vy__ptx_line(p, "@%s ld.shared.%s %s, [%s]", ok.s, bits, d.s, from.s);
}

// ---- all of them

void vy__ptx_collective(vy__ptx *p, uint32_t value) {
  static void (*const ways[VY__OP_LIMIT])(vy__ptx *, uint32_t) = {
      [VY__OP_GROUP_REDUCE_ADD] = vy__ptx_reduce,
      [VY__OP_GROUP_REDUCE_MIN] = vy__ptx_reduce,
      [VY__OP_GROUP_REDUCE_MAX] = vy__ptx_reduce,
      [VY__OP_GROUP_REDUCE_AND] = vy__ptx_reduce,
      [VY__OP_GROUP_REDUCE_OR] = vy__ptx_reduce,
      [VY__OP_GROUP_REDUCE_XOR] = vy__ptx_reduce,
      [VY__OP_GROUP_SCAN_INCL_ADD] = vy__ptx_scan,
      [VY__OP_GROUP_SCAN_EXCL_ADD] = vy__ptx_scan,
      [VY__OP_GROUP_BROADCAST] = shuffle,
      [VY__OP_GROUP_SHUFFLE] = shuffle,
      [VY__OP_GROUP_ANY] = vote,
      [VY__OP_GROUP_ALL] = vote,
      [VY__OP_GROUP_BALLOT] = vote,
      [VY__OP_GROUP_RANK] = vy__ptx_rank,
  };
  if (!p->room.known)
    find_room(p);
  ways[p->ir->values[value].op](p, value);
}
