// strength: multiplication, division and remainder by powers of two become
// shifts and masks; division of floats by powers of two, multiplication.
#include "lower/pass.h"

// The exponent when `bits` of integer type `t` is a power of two that is
// positive; VY__NONE otherwise.
static uint32_t exponent(vy_type t, uint64_t bits) {
  if (!bits || bits & (bits - 1))
    return VY__NONE;
  uint32_t k = (uint32_t)__builtin_ctzll(bits);
  return vy__is_signed(t) && k == vy__type_bits(t) - 1 ? VY__NONE : k;
}

static uint32_t constant(vy__rewrite *r, vy_type t, uint64_t bits,
                         uint32_t from) {
  return vy__rewrite_const(r, t, bits, from);
}

static uint32_t shift(vy__rewrite *r, vy__op op, vy_type t, uint32_t x,
                      uint32_t by, uint32_t from) {
  vy__value v = vy__op2(op, t, x, constant(r, VY_TYPE_U32, by, from));
  return vy__rewrite_add(r, &v, from);
}

static uint32_t convert(vy__rewrite *r, vy_type t, uint32_t x, uint32_t from) {
  vy__value v = vy__op1(VY__OP_CONVERT, t, x);
  return vy__rewrite_add(r, &v, from);
}

// x / 2^k toward zero, k >= 1: negative x is rounded up by adding 2^k - 1
// before the arithmetic shift. The sum does not overflow: only negative x has
// anything added.
static uint32_t signed_quotient(vy__rewrite *r, vy_type t, uint32_t x,
                                uint32_t k, uint32_t from) {
  vy_type u = t == VY_TYPE_I32 ? VY_TYPE_U32 : VY_TYPE_U64;
  uint32_t width = vy__type_bits(t);
  uint32_t sign = shift(r, VY__OP_SHR, t, x, width - 1, from);
  uint32_t low =
      shift(r, VY__OP_SHR, u, convert(r, u, sign, from), width - k, from);
  vy__value sum = vy__op2(VY__OP_ADD, t, x, convert(r, t, low, from));
  return shift(r, VY__OP_SHR, t, vy__rewrite_add(r, &sum, from), k, from);
}

// x - (x / 2^k) * 2^k, which is what the remainder is.
static uint32_t signed_remainder(vy__rewrite *r, vy_type t, uint32_t x,
                                 uint32_t k, uint32_t from) {
  uint32_t q = signed_quotient(r, t, x, k, from);
  vy__value v = vy__op2(VY__OP_SUB, t, x, shift(r, VY__OP_SHL, t, q, k, from));
  return vy__rewrite_add(r, &v, from);
}

static uint32_t reduce_int(vy__rewrite *r, const vy__value *v, uint64_t bits,
                           uint32_t from) {
  vy_type t = (vy_type)v->type;
  // Multiplication wraps, so the sign of 2^(n-1) does not matter to it.
  if (v->op == VY__OP_MUL && bits && !(bits & (bits - 1)))
    return shift(r, VY__OP_SHL, t, v->a[0], (uint32_t)__builtin_ctzll(bits),
                 from);
  uint32_t k = exponent(t, bits);
  if (k == VY__NONE || k == 0) // 1 is folded elsewhere
    return VY__NONE;
  if (v->op == VY__OP_DIV)
    return vy__is_signed(t) ? signed_quotient(r, t, v->a[0], k, from)
                            : shift(r, VY__OP_SHR, t, v->a[0], k, from);
  if (v->op != VY__OP_REM)
    return VY__NONE;
  if (vy__is_signed(t))
    return signed_remainder(r, t, v->a[0], k, from);
  vy__value masked =
      vy__op2(VY__OP_AND, t, v->a[0], constant(r, t, bits - 1, from));
  return vy__rewrite_add(r, &masked, from);
}

// x / 2^k and x * 2^-k round the same real number once, if 2^-k is a number
// of the type; here, a normal one.
static uint32_t reduce_float(vy__rewrite *r, const vy__value *v, uint64_t bits,
                             uint32_t from) {
  bool wide = v->type == VY_TYPE_F64;
  uint32_t mant = wide ? 52 : 23;
  uint64_t most = wide ? 2047 : 255, bias = most / 2;
  uint64_t sign = bits >> (wide ? 63 : 31) << (wide ? 63 : 31);
  uint64_t e = (bits ^ sign) >> mant;
  if (v->op != VY__OP_DIV || bits & ((UINT64_C(1) << mant) - 1) || e == 0 ||
      e >= 2 * bias || e == most)
    return VY__NONE;
  uint64_t inverse = sign | (2 * bias - e) << mant;
  vy__value product = vy__op2(VY__OP_MUL, (vy_type)v->type, v->a[0],
                              constant(r, (vy_type)v->type, inverse, from));
  return vy__rewrite_add(r, &product, from);
}

static uint32_t make(vy__rewrite *r, uint32_t id) {
  vy__value v;
  if (!vy__rewrite_operands(r, id, &v))
    return VY__NONE;
  if (v.op == VY__OP_MUL || v.op == VY__OP_DIV || v.op == VY__OP_REM) {
    vy__value c = r->out.values[v.a[1]];
    uint32_t to = VY__NONE;
    if (c.op == VY__OP_CONST)
      to = vy__is_int((vy_type)v.type) ? reduce_int(r, &v, c.imm, id)
                                       : reduce_float(r, &v, c.imm, id);
    if (to != VY__NONE || r->failed)
      return to;
  }
  return vy__rewrite_add(r, &v, id);
}

bool vy__pass_strength(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  vy__rewrite r;
  if (!vy__rewrite_begin(&r, env, in))
    return false;
  for (uint32_t i = 0; i < in->stmt_count && !r.failed; i++) {
    vy__rewrite_reach(&r, i, make);
    vy__rewrite_stmt(&r, i);
  }
  return vy__rewrite_end(&r, out);
}
