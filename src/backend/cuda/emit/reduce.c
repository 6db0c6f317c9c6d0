// Reductions and scans. Inside a warp by shuffles, level by level as the
// language defines them; the levels over warps are trees over what each warp
// left in memory, which every lane computes for itself.
#include "backend/collective.h"
#include "backend/cuda/emit/collective.h"

static vy__reg temp(vy__ptx *p, vy_type type) {
  return vy__ptx_temp(p, vy__ptx_class_of(type));
}

// ---- trees over what warps left

// x[0..n) = the elements from [at + offset] on; at most 16 bytes a load.
static void load_run(vy__ptx *p, vy_type type, const char *at, uint32_t offset,
                     uint32_t n, vy__reg *x) {
  uint32_t size = vy__type_bytes(type);
  const char *bits = vy__ptx_bits(type);
  for (uint32_t i = 0; i < n; i++)
    x[i] = temp(p, type);
  for (uint32_t i = 0; i < n;) {
    uint32_t at_once = 16 / size;
    while (at_once > n - i)
      at_once /= 2;
    uint32_t from = offset + i * size;
    if (at_once == 4)
      vy__ptx_line(p, "ld.shared.v4.%s {%s, %s, %s, %s}, [%s+%u]", bits, x[i].s,
                   x[i + 1].s, x[i + 2].s, x[i + 3].s, at, from);
    else if (at_once == 2)
      vy__ptx_line(p, "ld.shared.v2.%s {%s, %s}, [%s+%u]", bits, x[i].s,
                   x[i + 1].s, at, from);
    else
      vy__ptx_line(p, "ld.shared.%s %s, [%s+%u]", bits, x[i].s, at, from);
    i += at_once;
  }
}

static vy__reg tree(vy__ptx *p, vy__op op, vy_type type, const char *at,
                    uint32_t n) {
  vy__reg x[32];
  load_run(p, type, at, 0, n, x);
  for (uint32_t d = 1; d < n; d *= 2)
    for (uint32_t i = 0; i + d < n; i += 2 * d) {
      vy__reg y = temp(p, type);
      vy__ptx_op(p, op, type, y.s, x[i].s, x[i + d].s);
      x[i] = y;
    }
  return x[0];
}

// The address of the warp's own element.
static vy__reg own(vy__ptx *p, vy_type type, vy__reg base) {
  vy__reg at = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "mad.lo.u32 %s, wid, %u, %s", at.s, vy__type_bytes(type),
               base.s);
  return at;
}

// ---- lanes counted

// Does it count lanes, 0 or 1 each? The bool.
static uint32_t counted(const vy__ptx *p, const vy__value *v) {
  const vy__value *x = &p->ir->values[v->a[0]];
  bool is = x->op == VY__OP_CONVERT && vy__type_bits((vy_type)v->type) == 32 &&
            p->ir->values[x->a[0]].type == VY_TYPE_BOOL && !p->survives;
  return is && !vy__is_float((vy_type)v->type) ? x->a[0] : VY__NONE;
}

// Lanes of the warp that have `x`: all, or by `which` those up to this one or
// before it.
static vy__reg count_lanes(vy__ptx *p, uint32_t x, const char *which) {
  vy__reg all = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_line(p, "vote.sync.ballot.b32 %s, %s, %s", all.s, vy__ptx_use(p, x).s,
               vy__ptx_members(p).s);
  if (which) {
    vy__reg lower = vy__ptx_temp(p, VY__PTX_R);
    vy__ptx_line(p, "mov.u32 %s, %%lanemask_%s", lower.s, which);
    vy__ptx_line(p, "and.b32 %s, %s, %s", all.s, all.s, lower.s);
  }
  vy__ptx_line(p, "popc.b32 %s, %s", all.s, all.s);
  return all;
}

// ---- reductions

// One instruction for all lanes of the warp, where there is one.
static bool redux(vy__ptx *p, vy__op op, vy_type type, vy__reg x,
                  const char *d) {
  bool bits = vy__op_row(op)->types == VY__TYPES_INTB; // works bit by bit
  if (p->job->sm < 80 || vy__is_float(type) || vy__type_bits(type) != 32)
    return false;
  vy__ptx_line(p, "redux.sync.%s.%s %s, %s, %s", vy__op_row(op)->name,
               bits                  ? "b32"
               : vy__is_signed(type) ? "s32"
                                     : "u32",
               d, x.s, vy__ptx_members(p).s);
  return true;
}

// The warp's result in its lane 0. Other lanes may hold anything, but those
// that the tree needs have it from lanes that exist.
static vy__reg reduce_warp(vy__ptx *p, vy__op op, vy_type type, vy__reg x) {
  uint32_t size = p->group_size;
  bool whole = size % 32 == 0 || (size < 32 && (size & (size - 1)) == 0);
  for (uint32_t d = 1; d < 32 && d < size; d *= 2) {
    vy__reg y = temp(p, type), z = temp(p, type);
    vy__ptx_shfl(p, "down", type, y.s, x.s, vy__ptx_name("%u", d).s, 31);
    vy__ptx_op(p, op, type, z.s, x.s, y.s);
    if (!whole) {
      vy__reg is = vy__ptx_temp(p, VY__PTX_P);
      vy__ptx_line(p, "setp.lt.u32 %s, ltid, %u", is.s, size - d);
      vy__ptx_line(p, "selp.%s %s, %s, %s, %s", vy__ptx_bits(type), z.s, z.s,
                   x.s, is.s);
    }
    x = z;
  }
  return x;
}

void vy__ptx_reduce(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy_type type = (vy_type)v->type;
  vy__op op = vy__op_applies(v->op);
  const char *bits = vy__ptx_bits(type);
  bool one = p->group_size <= 32;
  uint32_t of = op == VY__OP_ADD ? counted(p, v) : VY__NONE;
  vy__reg x = vy__ptx_given(p, v->a[0], vy__identity(op, type));
  vy__reg d = vy__ptx_use(p, value), y = one ? d : temp(p, type);
  if (of != VY__NONE) {
    y = count_lanes(p, of, NULL);
    if (one)
      vy__ptx_line(p, "mov.b32 %s, %s", d.s, y.s);
  } else if (!redux(p, op, type, x, y.s)) {
    y = reduce_warp(p, op, type, x);
    if (one)
      vy__ptx_shfl(p, "idx", type, d.s, y.s, "0", 31);
  }
  if (one)
    return;
  vy__reg base = vy__ptx_next_half(p), at = own(p, type, base);
  vy__reg first = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_line(p, "setp.eq.u32 %s, lid, 0", first.s);
  vy__ptx_line(p, "@%s st.shared.%s [%s], %s", first.s, bits, at.s, y.s);
  vy__ptx_meet(p);
  y = tree(p, op, type, base.s, vy__ptx_warps(p));
  vy__ptx_line(p, "mov.%s %s, %s", bits, d.s, y.s);
}

// ---- scans

static vy__reg scan_warp(vy__ptx *p, vy_type type, vy__reg x) {
  for (uint32_t d = 1; d < 32 && d < p->group_size; d *= 2) {
    vy__reg y = temp(p, type), z = temp(p, type), t = temp(p, type);
    vy__reg bit = vy__ptx_temp(p, VY__PTX_R), is = vy__ptx_temp(p, VY__PTX_P);
    // From lane d - 1 of the segment of 2 * d lanes.
    uint32_t segment = (31 & ~(2 * d - 1)) << 8 | 31;
    vy__ptx_shfl(p, "idx", type, y.s, x.s, vy__ptx_name("%u", d - 1).s,
                 segment);
    vy__ptx_op(p, VY__OP_ADD, type, z.s, y.s, x.s);
    vy__ptx_line(p, "and.b32 %s, lid, %u", bit.s, d);
    vy__ptx_line(p, "setp.ne.u32 %s, %s, 0", is.s, bit.s);
    vy__ptx_line(p, "selp.%s %s, %s, %s, %s", vy__ptx_bits(type), t.s, z.s, x.s,
                 is.s);
    x = t;
  }
  return x;
}

// x += what the warps before have, as the levels from 32 on do it: at level d
// of warps, all that are in the upper half of a segment of 2 * d add what the
// last of the lower half has by then, a tree over the lower half.
static void add_warps(vy__ptx *p, vy_type type, vy__reg base, vy__reg x) {
  for (uint32_t d = 1; d < vy__ptx_warps(p); d *= 2) {
    vy__reg bit = vy__ptx_temp(p, VY__PTX_R), at = vy__ptx_temp(p, VY__PTX_R);
    vy__reg low = vy__ptx_temp(p, VY__PTX_P);
    uint32_t past = vy__ptx_label(p);
    vy__ptx_line(p, "and.b32 %s, wid, %u", bit.s, d);
    vy__ptx_line(p, "setp.eq.u32 %s, %s, 0", low.s, bit.s);
    vy__ptx_line(p, "@%s bra L%u", low.s, past);
    vy__ptx_line(p, "and.b32 %s, wid, 0x%x", at.s, 31 & ~(2 * d - 1));
    vy__ptx_line(p, "mad.lo.u32 %s, %s, %u, %s", at.s, at.s,
                 vy__type_bytes(type), base.s);
    vy__reg sum = tree(p, VY__OP_ADD, type, at.s, d);
    vy__ptx_op(p, VY__OP_ADD, type, x.s, sum.s, x.s);
    vy__ptx_place(p, past);
  }
}

// The inclusive scan `x` moved up by one lane; what the last lane of a warp
// has passes to the next warp at `at` and before it.
static void move_up(vy__ptx *p, vy_type type, const char *d, vy__reg x,
                    vy__reg last, const char *at) {
  const char *bits = vy__ptx_bits(type);
  vy__reg y = temp(p, type), z = temp(p, type);
  vy__reg first = vy__ptx_temp(p, VY__PTX_P);
  vy__ptx_shfl(p, "up", type, y.s, x.s, "1", 0);
  vy__ptx_line(p, "setp.eq.u32 %s, lid, 0", first.s);
  vy__ptx_line(p, "mov.%s %s, 0", bits, z.s);
  if (at) {
    vy__reg follows = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "@%s st.shared.%s [%s], %s", last.s, bits, at, x.s);
    vy__ptx_meet(p);
    vy__ptx_line(p, "setp.ne.and.u32 %s, wid, 0, %s", follows.s, first.s);
    vy__ptx_line(p, "@%s ld.shared.%s %s, [%s+-%u]", follows.s, bits, z.s, at,
                 vy__type_bytes(type));
  }
  vy__ptx_line(p, "selp.%s %s, %s, %s, %s", bits, d, z.s, y.s, first.s);
}

void vy__ptx_scan(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy_type type = (vy_type)v->type;
  const char *bits = vy__ptx_bits(type);
  vy__reg d = vy__ptx_use(p, value), at = {""}, last = {""};
  uint32_t of = counted(p, v);
  bool one = p->group_size <= 32;
  if (one && of != VY__NONE && v->op == VY__OP_GROUP_SCAN_EXCL_ADD) {
    vy__ptx_line(p, "mov.b32 %s, %s", d.s, count_lanes(p, of, "lt").s);
    return;
  }
  vy__reg given = vy__ptx_given(p, v->a[0], vy__identity(VY__OP_ADD, type));
  vy__reg x = temp(p, type);
  vy__reg within =
      of != VY__NONE ? count_lanes(p, of, "le") : scan_warp(p, type, given);
  vy__ptx_line(p, "mov.%s %s, %s", bits, x.s, within.s);
  if (!one) {
    vy__reg base = vy__ptx_next_half(p);
    at = own(p, type, base);
    last = vy__ptx_temp(p, VY__PTX_P);
    vy__ptx_line(p, "setp.eq.u32 %s, lid, 31", last.s);
    vy__ptx_line(p, "@%s st.shared.%s [%s], %s", last.s, bits, at.s, x.s);
    vy__ptx_meet(p);
    add_warps(p, type, base, x);
  }
  if (v->op == VY__OP_GROUP_SCAN_INCL_ADD) {
    vy__ptx_line(p, "mov.%s %s, %s", bits, d.s, x.s);
  } else if (!vy__is_float(type)) {
    vy__ptx_op(p, VY__OP_SUB, type, d.s, x.s, given.s);
  } else if (one) {
    move_up(p, type, d.s, x, last, NULL);
  } else {
    // A place of its own: others still read what warps had before.
    uint32_t more = (vy__ptx_warps(p) * vy__type_bytes(type) + 15) & ~15u;
    vy__ptx_line(p, "add.u32 %s, %s, %u", at.s, at.s, more);
    move_up(p, type, d.s, x, last, at.s);
  }
}
