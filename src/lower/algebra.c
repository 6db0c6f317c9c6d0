// What a single value simplifies to, looking at its operands. Every rule
// holds for every bit pattern; of NaNs only that they are NaNs can be
// observed (language: one NaN, canonical where it is seen), so a rule for
// floats may change a NaN's sign and payload but nothing else.
#include "lower/pass.h"

#include "semantics/semantics.h"

typedef struct fold {
  vy__rewrite *r;
  vy__value v; // the value as simplified so far
  uint32_t from;
  vy_type type; // of the first operand, for SELECT of the second
} fold;

static const vy__value *value(const fold *f, uint32_t id) {
  return &f->r->out.values[id];
}
static vy_type type_of(const fold *f, uint32_t id) {
  return (vy_type)value(f, id)->type;
}
static bool is_const(const fold *f, uint32_t id, uint64_t *bits) {
  const vy__value *v = value(f, id);
  *bits = v->imm;
  return v->op == VY__OP_CONST;
}
static bool is_bits(const fold *f, uint32_t id, uint64_t bits) {
  uint64_t c;
  return is_const(f, id, &c) && c == bits;
}
static uint32_t constant(fold *f, vy_type type, uint64_t bits) {
  return vy__rewrite_const(f->r, type, bits, f->from);
}
static uint32_t add(fold *f, vy__value v) {
  return vy__fold_make(f->r, v, f->from);
}
static bool is_op(const fold *f, uint32_t id, vy__op op) {
  return value(f, id)->op == op;
}
static bool is_unsigned(vy_type t) {
  return vy__is_int(t) && !vy__is_signed(t);
}

// Turn the value into another one, to be looked at again.
static uint32_t become(fold *f, vy__value v) {
  f->v = v;
  return VY__NONE;
}

// ---- everything constant

static bool evaluate(const fold *f, uint64_t *bits) {
  const vy__op_info *row = vy__op_row(f->v.op);
  uint64_t c[3] = {0};
  if (row->effect != VY__EFFECT_PURE || row->operands == 0)
    return false;
  for (uint32_t k = 0; k < row->operands; k++)
    if (!is_const(f, f->v.a[k], &c[k]))
      return false;
  if (row->sig == VY__SIG_SHIFT)
    c[1] = vy__shift_amount(f->type, c[1]);
  if (!vy__evaluator((vy__op)f->v.op, f->type, (vy_type)f->v.type))
    return false;
  *bits = vy__evaluate((vy__op)f->v.op, f->type, (vy_type)f->v.type, c[0], c[1],
                       c[2]);
  *bits = vy__canonical((vy_type)f->v.type, *bits);
  return true;
}

// ---- operations on integers and bools: rules (op, constant) -> result

// (x op c) op d is x op (c op d) for these: they wrap, or work bit by bit.
static uint32_t reassociate(fold *f) {
  uint32_t inner = f->v.a[0];
  uint64_t c, d;
  if (!is_op(f, inner, (vy__op)f->v.op) || !is_const(f, f->v.a[1], &d) ||
      !is_const(f, value(f, inner)->a[1], &c))
    return VY__NONE;
  uint64_t both =
      vy__evaluate((vy__op)f->v.op, f->type, (vy_type)f->v.type, c, d, 0);
  uint32_t x = value(f, inner)->a[0];
  return add(f, vy__op2((vy__op)f->v.op, (vy_type)f->v.type, x,
                        constant(f, (vy_type)f->v.type, both)));
}

static uint32_t fold_add(fold *f) {
  if (is_bits(f, f->v.a[1], 0))
    return f->v.a[0];
  return reassociate(f);
}

static uint32_t fold_sub(fold *f) {
  uint64_t c;
  uint32_t x = f->v.a[0], y = f->v.a[1];
  if (x == y)
    return constant(f, f->type, 0);
  if (is_bits(f, x, 0)) // 0 - y is -y, both modulo 2^n
    return add(f, vy__op1(VY__OP_NEG, f->type, y));
  if (!is_const(f, y, &c))
    return VY__NONE;
  uint64_t minus = vy__evaluate(VY__OP_NEG, f->type, f->type, c, 0, 0);
  return add(f, vy__op2(VY__OP_ADD, f->type, x, constant(f, f->type, minus)));
}

static uint32_t fold_mul(fold *f) {
  uint32_t x = f->v.a[0], c = f->v.a[1];
  if (is_bits(f, c, 0))
    return c;
  if (is_bits(f, c, 1))
    return x;
  if (is_bits(f, c, vy__all_ones(f->type)))
    return add(f, vy__op1(VY__OP_NEG, f->type, x));
  return reassociate(f);
}

static uint32_t fold_div(fold *f) {
  uint32_t x = f->v.a[0], c = f->v.a[1];
  uint64_t ones = vy__all_ones(f->type);
  if (is_bits(f, c, 1))
    return x;
  if (is_bits(f, c, 0)) // all ones, whatever x
    return constant(f, f->type, ones);
  if (vy__is_signed(f->type) && is_bits(f, c, ones)) // MIN / -1 is MIN: -MIN
    return add(f, vy__op1(VY__OP_NEG, f->type, x));
  return VY__NONE;
}

static uint32_t fold_rem(fold *f) {
  uint32_t x = f->v.a[0], c = f->v.a[1];
  if (is_bits(f, c, 1) || x == c || // 0 % 0 is 0 too
      (vy__is_signed(f->type) && is_bits(f, c, vy__all_ones(f->type))))
    return constant(f, f->type, 0);
  return is_bits(f, c, 0) ? x : VY__NONE; // x % 0 is x
}

static uint32_t fold_bits(fold *f) {
  uint32_t x = f->v.a[0], c = f->v.a[1];
  uint64_t ones = vy__all_ones(f->type);
  bool zero = is_bits(f, c, 0), all = is_bits(f, c, ones);
  switch (f->v.op) {
  case VY__OP_AND:
    if (x == c || all)
      return x;
    if (zero)
      return c;
    break;
  case VY__OP_OR:
    if (x == c || zero)
      return x;
    if (all)
      return c;
    break;
  default: // XOR
    if (x == c)
      return constant(f, f->type, 0);
    if (zero)
      return x;
    if (all)
      return add(f, vy__op1(VY__OP_NOT, f->type, x));
    break;
  }
  return reassociate(f);
}

// Two shifts by constants in one direction are one; past the width nothing
// (or, for signed right shifts, the sign) is left. The inner amount is
// already reduced, both are below the width.
static uint32_t fold_shift_twice(fold *f, uint64_t amount) {
  uint32_t inner = f->v.a[0];
  uint64_t before;
  if (!is_op(f, inner, (vy__op)f->v.op) ||
      (f->v.op != VY__OP_SHL && f->v.op != VY__OP_SHR) ||
      !is_const(f, value(f, inner)->a[1], &before))
    return VY__NONE;
  uint32_t width = vy__type_bits(f->type), x = value(f, inner)->a[0];
  uint64_t sum = vy__shift_amount(f->type, before) + amount;
  if (sum >= width && !(f->v.op == VY__OP_SHR && vy__is_signed(f->type)))
    return constant(f, f->type, 0);
  if (sum >= width)
    sum = width - 1;
  vy_type by = type_of(f, f->v.a[1]);
  return add(f, vy__op2((vy__op)f->v.op, f->type, x, constant(f, by, sum)));
}

static uint32_t fold_shift(fold *f) {
  uint32_t by = f->v.a[1];
  uint64_t amount, mask, most = vy__type_bits(f->type) - 1;
  if (!is_const(f, by, &amount)) {
    // The amount is masked anyway.
    if (is_op(f, by, VY__OP_AND) && is_const(f, value(f, by)->a[1], &mask) &&
        (mask & most) == most)
      return add(
          f, vy__op2((vy__op)f->v.op, f->type, f->v.a[0], value(f, by)->a[0]));
    return VY__NONE;
  }
  uint64_t reduced = vy__shift_amount(f->type, amount);
  if (!reduced)
    return f->v.a[0];
  if (reduced != amount)
    return add(f, vy__op2((vy__op)f->v.op, f->type, f->v.a[0],
                          constant(f, type_of(f, by), reduced)));
  return fold_shift_twice(f, reduced);
}

static uint32_t fold_saturating(fold *f) {
  if (is_bits(f, f->v.a[1], 0))
    return f->v.a[0];
  if (f->v.op == VY__OP_SUB_SAT && f->v.a[0] == f->v.a[1])
    return constant(f, f->type, 0);
  return VY__NONE;
}

static uint32_t fold_int_extreme(fold *f) { // MIN, MAX
  uint32_t x = f->v.a[0], c = f->v.a[1];
  if (x == c)
    return x;
  if (is_unsigned(f->type) && is_bits(f, c, 0))
    return f->v.op == VY__OP_MIN ? c : x;
  return VY__NONE;
}

// ---- floats

static uint64_t float_bits(vy_type t, uint64_t f32, uint64_t f64) {
  return t == VY_TYPE_F32 ? f32 : f64;
}

// x * 1, x / 1: exact, so rounding changes nothing. x * -1, x / -1: likewise
// exact, and the sign of zeros and infinities flips as NEG flips it.
static uint32_t fold_float_scale(fold *f) {
  uint64_t one = float_bits(f->type, 0x3f800000, 0x3ff0000000000000);
  uint64_t sign = float_bits(f->type, 0x80000000, 0x8000000000000000);
  if (is_bits(f, f->v.a[1], one))
    return f->v.a[0];
  if (is_bits(f, f->v.a[1], one | sign))
    return add(f, vy__op1(VY__OP_NEG, f->type, f->v.a[0]));
  return VY__NONE;
}

// x + -0 and x - +0 are x for every x: -0 + -0 and -0 - +0 are -0, +0 + -0
// and +0 - +0 are +0 when rounding to nearest. (x + +0 is not: -0 becomes
// +0.) x + -y is x - y, and x - -y is x + y: IEEE defines subtraction so.
static uint32_t fold_float_sum(fold *f) {
  bool sum = f->v.op == VY__OP_ADD;
  uint64_t sign = float_bits(f->type, 0x80000000, 0x8000000000000000);
  uint32_t y = f->v.a[1];
  if (is_bits(f, y, sum ? sign : 0))
    return f->v.a[0];
  if (is_op(f, y, VY__OP_NEG))
    return become(f, vy__op2(sum ? VY__OP_SUB : VY__OP_ADD, f->type, f->v.a[0],
                             value(f, y)->a[0]));
  return VY__NONE;
}

static uint32_t fold_float(fold *f) {
  switch (f->v.op) {
  case VY__OP_ADD:
  case VY__OP_SUB:
    return fold_float_sum(f);
  case VY__OP_MUL:
  case VY__OP_DIV:
    return fold_float_scale(f);
  case VY__OP_MIN: // of x and x: x, and a NaN stays one
  case VY__OP_MAX:
  case VY__OP_COPYSIGN: // x with its own sign; a NaN x stays one
    return f->v.a[0] == f->v.a[1] ? f->v.a[0] : VY__NONE;
  case VY__OP_ABS: // the sign does not matter
    if (is_op(f, f->v.a[0], VY__OP_NEG))
      return become(f, vy__op1(VY__OP_ABS, f->type, value(f, f->v.a[0])->a[0]));
    return VY__NONE;
  default:
    return VY__NONE;
  }
}

// ---- comparisons

static vy__op mirrored(uint32_t op) { // a op b is b mirrored(op) a
  switch (op) {
  case VY__OP_LT:
    return VY__OP_GT;
  case VY__OP_LE:
    return VY__OP_GE;
  case VY__OP_GT:
    return VY__OP_LT;
  case VY__OP_GE:
    return VY__OP_LE;
  default:
    return (vy__op)op; // EQ, NE
  }
}

// !(a op b). Of unordered floats only EQ and NE are opposites.
static vy__op opposite(uint32_t op, vy_type type) {
  if (op == VY__OP_EQ)
    return VY__OP_NE;
  if (op == VY__OP_NE)
    return VY__OP_EQ;
  if (vy__is_float(type))
    return VY__OP_INVALID;
  switch (op) {
  case VY__OP_LT:
    return VY__OP_GE;
  case VY__OP_LE:
    return VY__OP_GT;
  case VY__OP_GT:
    return VY__OP_LE;
  case VY__OP_GE:
    return VY__OP_LT;
  default:
    return VY__OP_INVALID;
  }
}

static uint32_t fold_bool_equal(fold *f) {
  uint64_t c;
  if (f->type != VY_TYPE_BOOL || !is_const(f, f->v.a[1], &c))
    return VY__NONE;
  if ((f->v.op == VY__OP_EQ) == (c == 1))
    return f->v.a[0];
  return add(f, vy__op1(VY__OP_NOT, VY_TYPE_BOOL, f->v.a[0]));
}

static uint32_t fold_compare(fold *f) {
  uint64_t c, d;
  uint32_t x = f->v.a[0], y = f->v.a[1], op = f->v.op;
  if (is_const(f, x, &c) && !is_const(f, y, &d))
    return become(f, vy__op2(mirrored(op), VY_TYPE_BOOL, y, x));
  bool strict = op == VY__OP_LT || op == VY__OP_GT;
  if (x == y && strict) // a NaN is not less either
    return constant(f, VY_TYPE_BOOL, 0);
  if (x == y && !vy__is_float(f->type))
    return constant(f, VY_TYPE_BOOL, op != VY__OP_NE);
  if (is_unsigned(f->type) && is_bits(f, y, 0) &&
      (op == VY__OP_LT || op == VY__OP_GE))
    return constant(f, VY_TYPE_BOOL, op == VY__OP_GE);
  if (op == VY__OP_EQ || op == VY__OP_NE)
    return fold_bool_equal(f);
  return VY__NONE;
}

static uint32_t fold_not(fold *f) {
  const vy__value *x = value(f, f->v.a[0]);
  if (x->op == VY__OP_NOT)
    return x->a[0];
  if (vy__op_row(x->op)->sig != VY__SIG_CMP)
    return VY__NONE;
  vy__op op = opposite(x->op, type_of(f, x->a[0]));
  if (op == VY__OP_INVALID)
    return VY__NONE;
  return become(f, vy__op2(op, VY_TYPE_BOOL, x->a[0], x->a[1]));
}

// ---- selection and conversion

// An arm that is itself selected by the condition is what it is there.
static bool skip_choice(fold *f, uint32_t arm) {
  const vy__value *x = value(f, f->v.a[arm]);
  bool same = x->op == VY__OP_SELECT && x->a[0] == f->v.a[0];
  if (same)
    f->v.a[arm] = x->a[arm];
  return same;
}

static uint32_t fold_select(fold *f) {
  uint32_t c = f->v.a[0], x = f->v.a[1], y = f->v.a[2];
  uint64_t bits;
  if (is_const(f, c, &bits))
    return bits ? x : y;
  if (x == y)
    return x;
  if (is_op(f, c, VY__OP_NOT)) {
    f->v.a[0] = value(f, c)->a[0];
    f->v.a[1] = y;
    f->v.a[2] = x;
    return VY__NONE;
  }
  if (skip_choice(f, 1) || skip_choice(f, 2))
    return VY__NONE;
  if (f->v.type != VY_TYPE_BOOL)
    return VY__NONE;
  if (is_bits(f, x, 1) || x == c) // c ? true : y
    return become(f, vy__op2(VY__OP_OR, VY_TYPE_BOOL, c, y));
  if (is_bits(f, y, 0) || y == c) // c ? x : false
    return become(f, vy__op2(VY__OP_AND, VY_TYPE_BOOL, c, x));
  return VY__NONE;
}

// to(mid(x)) is to(x) when `mid` keeps what `to` looks at.
static bool passes_through(vy_type from, vy_type mid, vy_type to) {
  if (from == VY_TYPE_BOOL) // 0 and 1 are exact in every type
    return true;
  uint32_t a = vy__type_bits(from), b = vy__type_bits(mid),
           c = vy__type_bits(to);
  if (vy__is_int(from) && vy__is_int(mid) && vy__is_int(to))
    // Only low bits that both have, or extended by `from` already in `mid`.
    return (c <= a && c <= b) || (b == 64 && c == 64);
  // f64 holds every f32, i32 and u32.
  if (mid == VY_TYPE_F64 && from == to && a == 32)
    return true;
  return false;
}

static uint32_t fold_convert(fold *f) {
  vy_type to = (vy_type)f->v.type;
  if (f->type == to)
    return f->v.a[0];
  const vy__value *x = value(f, f->v.a[0]);
  if (x->op != VY__OP_CONVERT ||
      !passes_through(type_of(f, x->a[0]), f->type, to))
    return VY__NONE;
  return become(f, vy__op1(VY__OP_CONVERT, to, x->a[0]));
}

static uint32_t fold_bitcast(fold *f) {
  vy_type to = (vy_type)f->v.type;
  if (f->type == to) // a NaN that it makes canonical is seen as that anyway
    return f->v.a[0];
  if (vy__is_int(f->type) && vy__is_int(to)) // of one width: the same bits
    return become(f, vy__op1(VY__OP_CONVERT, to, f->v.a[0]));
  return VY__NONE;
}

// ---- one look

static uint32_t fold_unary(fold *f) {
  const vy__value *x = value(f, f->v.a[0]);
  const vy__op_info *row = vy__op_row(f->v.op);
  if (row->laws & VY__LAW_IDEM && x->op == f->v.op)
    return f->v.a[0];
  if (f->v.op == VY__OP_NEG && x->op == VY__OP_NEG)
    return x->a[0];
  if (f->v.op == VY__OP_NOT)
    return fold_not(f);
  return vy__is_float(f->type) ? fold_float(f) : VY__NONE;
}

static uint32_t fold_binary(fold *f) {
  if (vy__is_float(f->type))
    return fold_float(f);
  switch (f->v.op) {
  case VY__OP_ADD:
    return fold_add(f);
  case VY__OP_SUB:
    return fold_sub(f);
  case VY__OP_MUL:
    return fold_mul(f);
  case VY__OP_DIV:
    return fold_div(f);
  case VY__OP_REM:
    return fold_rem(f);
  case VY__OP_AND:
  case VY__OP_OR:
  case VY__OP_XOR:
    return fold_bits(f);
  case VY__OP_MIN:
  case VY__OP_MAX:
    return fold_int_extreme(f);
  case VY__OP_ADD_SAT:
  case VY__OP_SUB_SAT:
    return fold_saturating(f);
  case VY__OP_MUL_HIGH:
    return is_bits(f, f->v.a[1], 0) ? f->v.a[1] : VY__NONE;
  default:
    return VY__NONE;
  }
}

// Something equal in `out`; VY__NONE: f->v, which may have changed.
static uint32_t look(fold *f) {
  switch ((vy__sig)vy__op_row(f->v.op)->sig) {
  case VY__SIG_UN:
    return fold_unary(f);
  case VY__SIG_BIN:
    return fold_binary(f);
  case VY__SIG_ABSDIFF:
    return f->v.a[0] == f->v.a[1] ? constant(f, (vy_type)f->v.type, 0)
                                  : VY__NONE;
  case VY__SIG_SHIFT:
    return fold_shift(f);
  case VY__SIG_CMP:
    return fold_compare(f);
  case VY__SIG_SELECT:
    return fold_select(f);
  case VY__SIG_CONVERT:
    return fold_convert(f);
  case VY__SIG_BITCAST:
    return fold_bitcast(f);
  default:
    return VY__NONE;
  }
}

static bool same_value(const vy__value *a, const vy__value *b) {
  return a->op == b->op && a->type == b->type && a->a[0] == b->a[0] &&
         a->a[1] == b->a[1] && a->a[2] == b->a[2];
}

static void refresh(fold *f) {
  const vy__op_info *row = vy__op_row(f->v.op);
  uint64_t c;
  f->type = type_of(f, f->v.a[row->sig == VY__SIG_SELECT ? 1 : 0]);
  if (row->laws & VY__LAW_COMM && is_const(f, f->v.a[0], &c) &&
      !is_const(f, f->v.a[1], &c)) {
    uint32_t x = f->v.a[0];
    f->v.a[0] = f->v.a[1];
    f->v.a[1] = x;
  }
}

// A rule that changes the value only ever makes it smaller or moves a
// constant to the right, so this ends; the bound is for rules to come.
uint32_t vy__fold_make(vy__rewrite *r, vy__value v, uint32_t from) {
  fold f = {.r = r, .v = v, .from = from};
  const vy__op_info *row = vy__op_row(v.op);
  if (r->failed)
    return VY__NONE;
  for (int rounds = 0; rounds < 8 && row->effect == VY__EFFECT_PURE &&
                       row->operands && v.op != VY__OP_INVALID;
       rounds++) {
    uint64_t bits;
    refresh(&f);
    if (evaluate(&f, &bits))
      return constant(&f, (vy_type)f.v.type, bits);
    vy__value before = f.v;
    uint32_t same = look(&f);
    if (r->failed || same != VY__NONE)
      return same;
    if (same_value(&before, &f.v))
      break;
  }
  return vy__rewrite_add(r, &f.v, from);
}
