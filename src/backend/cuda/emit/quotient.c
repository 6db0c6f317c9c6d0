// Quotients and remainders of u32 by constants, without dividing: by the high
// half of a product, which is exact for a fit multiplier (T. Granlund and P.
// Montgomery, Division by Invariant Integers using Multiplication, 1994).
#include "backend/cuda/emit/emit.h"

vy__ptx_reciprocal vy__ptx_reciprocal_of(uint32_t d) {
  uint32_t below = 31 - (uint32_t)__builtin_clz(d); // 2^below <= d
  if (!(d & (d - 1)))
    return (vy__ptx_reciprocal){0, below, false};
  // 2^(32 + below) / d, rounded up. It will do if it is at most 2^below / d
  // too large; then it has 32 bits.
  uint64_t power = UINT64_C(1) << (32 + below), m = power / d + 1;
  if (d - power % d <= UINT64_C(1) << below)
    return (vy__ptx_reciprocal){(uint32_t)m, below, false};
  // The next power will, by a multiplier of 33 bits: 2^32 and these.
  power = (UINT64_C(2) << below) - d;
  m = (power << 32) / d + 1;
  return (vy__ptx_reciprocal){(uint32_t)m, below, true};
}

bool vy__ptx_divide(vy__ptx *p, uint32_t id, const char *d) {
  const vy__value *v = &p->ir->values[id];
  uint64_t by;
  if ((v->op != VY__OP_DIV && v->op != VY__OP_REM) || v->type != VY_TYPE_U32 ||
      !vy__ptx_constant(p, v->a[1], &by) || by < 2)
    return false;
  vy__reg a = vy__ptx_use(p, v->a[0]), q = vy__ptx_temp(p, VY__PTX_R);
  vy__ptx_reciprocal r = vy__ptx_reciprocal_of((uint32_t)by);
  if (r.multiplier) {
    vy__ptx_line(p, "mul.hi.u32 %s, %s, %u", q.s, a.s, r.multiplier);
  } else {
    vy__ptx_line(p, "mov.b32 %s, %s", q.s, a.s);
  }
  if (r.more) { // (a + q) / 2, which may have 33 bits before it is halved
    vy__reg rest = vy__ptx_temp(p, VY__PTX_R);
    vy__ptx_line(p, "sub.u32 %s, %s, %s", rest.s, a.s, q.s);
    vy__ptx_line(p, "shr.u32 %s, %s, 1", rest.s, rest.s);
    vy__ptx_line(p, "add.u32 %s, %s, %s", q.s, q.s, rest.s);
  }
  bool whole = v->op == VY__OP_DIV;
  vy__ptx_line(p, "shr.u32 %s, %s, %u", whole ? d : q.s, q.s, r.shift);
  if (!whole)
    vy__ptx_line(p, "mad.lo.u32 %s, %s, %u, %s", d, q.s, 0u - (uint32_t)by,
                 a.s);
  return true;
}

// Not `div.u64`: ptxas takes longer to bring its code in than for all of a
// small program. Numbers are below 2^32 but for more blocks than a GPU does in
// seconds.
void vy__ptx_divide_number(vy__ptx *p, vy__reg rest, vy__reg n, vy__reg x) {
  vy__reg a = vy__ptx_temp(p, VY__PTX_R), b = vy__ptx_temp(p, VY__PTX_R);
  vy__reg q = vy__ptx_temp(p, VY__PTX_R), bit = vy__ptx_temp(p, VY__PTX_L);
  vy__reg c = vy__ptx_temp(p, VY__PTX_P);
  uint32_t large = vy__ptx_label(p), done = vy__ptx_label(p);
  vy__ptx_line(p, "setp.gt.u64 %s, %s, 0xffffffff", c.s, rest.s);
  vy__ptx_line(p, "@%s bra.uni L%u", c.s, large);
  vy__ptx_line(p, "cvt.u32.u64 %s, %s", a.s, rest.s);
  vy__ptx_line(p, "cvt.u32.u64 %s, %s", b.s, n.s);
  vy__ptx_line(p, "div.u32 %s, %s, %s", q.s, a.s, b.s);
  vy__ptx_line(p, "mul.lo.u32 %s, %s, %s", b.s, q.s, b.s);
  vy__ptx_line(p, "sub.u32 %s, %s, %s", a.s, a.s, b.s);
  vy__ptx_line(p, "cvt.u64.u32 %s, %s", x.s, a.s);
  vy__ptx_line(p, "cvt.u64.u32 %s, %s", rest.s, q.s);
  vy__ptx_line(p, "bra.uni L%u", done);
  vy__ptx_place(p, large); // bits go from the top of rest to x, and come below
  uint32_t head = vy__ptx_label(p);
  vy__ptx_line(p, "mov.b64 %s, 0", x.s);
  vy__ptx_line(p, "mov.b32 %s, 64", q.s);
  vy__ptx_place_rare(p, head);
  vy__ptx_line(p, "shr.u64 %s, %s, 63", bit.s, rest.s);
  vy__ptx_line(p, "shl.b64 %s, %s, 1", rest.s, rest.s);
  vy__ptx_line(p, "shl.b64 %s, %s, 1", x.s, x.s);
  vy__ptx_line(p, "or.b64 %s, %s, %s", x.s, x.s, bit.s);
  vy__ptx_line(p, "setp.ge.u64 %s, %s, %s", c.s, x.s, n.s);
  vy__ptx_line(p, "@%s sub.u64 %s, %s, %s", c.s, x.s, x.s, n.s);
  vy__ptx_line(p, "@%s or.b64 %s, %s, 1", c.s, rest.s, rest.s);
  vy__ptx_line(p, "sub.u32 %s, %s, 1", q.s, q.s);
  vy__ptx_line(p, "setp.ne.u32 %s, %s, 0", c.s, q.s);
  vy__ptx_line(p, "@%s bra.uni L%u", c.s, head);
  vy__ptx_place(p, done);
}
