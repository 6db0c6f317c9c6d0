// Literals: the type that an unsuffixed one takes from its context, and its
// bits. Integers must fit; an integer becomes a float only if that is exact;
// the minus directly before a literal is part of it. There is one NaN, so
// `-nan` is `nan`.
#include "semantics/semantics.h"
#include "text/expand.h"

vy_type vy__literal_type(vy__expand *x, const vy__expr *e, const vy__ty *want) {
  vy_type type = VY_TYPE_NONE;
  if (want && (want->kind == VY__TY_SCALAR || want->kind == VY__TY_VECTOR))
    type = vy__value_type((vy_type)want->scalar);
  if (type == VY_TYPE_NONE || type == VY_TYPE_BOOL)
    return e->lit == VY__LIT_FLOAT ? VY_TYPE_F32 : VY_TYPE_I32;
  if (e->lit == VY__LIT_FLOAT && vy__is_int(type)) {
    vy__error(x->front, e->pos, VY__E_LITERAL_TYPE,
              "a float literal where %s is needed\n"
              "Fix: write an integer, or convert: %s(...)",
              vy__type_name(type), vy__type_name(type));
    return VY_TYPE_NONE;
  }
  return type;
}

static vy_type type_of(vy__expand *x, const vy__expr *e, const vy__ty *want) {
  return e->number.suffix != VY_TYPE_NONE ? (vy_type)e->number.suffix
                                          : vy__literal_type(x, e, want);
}

static bool report_range(vy__expand *x, const vy__expr *e, vy_type type,
                         const char *why) {
  vy_str d = e->number.digits;
  vy__error(x->front, e->pos, VY__E_LITERAL_RANGE, "%s%.*s%s is no %s: %s",
            e->negative ? "-" : "", (int)(d.size < 60 ? d.size : 60), d.data,
            d.size > 60 ? "..." : "", vy__type_name(type), why);
  return false;
}

static bool int_bits(vy__expand *x, const vy__expr *e, vy_type type,
                     uint64_t *bits) {
  uint64_t value = e->number.value;
  uint32_t width = vy__type_bits(type);
  uint64_t most = UINT64_MAX >> (64 - width);
  if (vy__is_signed(type))
    most = (most >> 1) + e->negative;
  else if (e->negative)
    most = 0;
  if (value > most)
    return report_range(x, e, type, "it is out of range");
  *bits = (e->negative ? 0 - value : value) & UINT64_MAX >> (64 - width);
  return true;
}

static bool float_bits(vy__expand *x, const vy__expr *e, vy_type type,
                       uint64_t *bits) {
  const vy__number *n = &e->number;
  bool f32 = type == VY_TYPE_F32;
  uint64_t infinity = f32 ? 0x7f800000u : 0x7ff0000000000000u;
  uint64_t sign = e->negative ? f32 ? 1ull << 31 : 1ull << 63 : 0;
  if (e->kind == VY__EX_SPECIAL) {
    *bits = e->nan ? vy__canonical(type, infinity + 1) : infinity | sign;
    return true;
  }
  if (!n->is_float) {
    int used = n->value
                   ? 64 - __builtin_clzll(n->value) - __builtin_ctzll(n->value)
                   : 0;
    if (used > (f32 ? 24 : 53))
      return report_range(x, e, type,
                          "it would be rounded; write it with a point");
    *bits = vy__evaluate(VY__OP_CONVERT, VY_TYPE_U64, type, n->value, 0, 0);
    *bits |= n->value ? sign : 0;
    return true;
  }
  if (!vy__parse_float(type, n->digits.data, n->digits.size, bits))
    return report_range(x, e, type, "it is no number");
  if (*bits == infinity)
    return report_range(x, e, type, "it is too large; infinity is `inf`");
  *bits |= sign;
  return true;
}

vy__val vy__eval_literal(vy__expand *x, const vy__expr *e, const vy__ty *want) {
  vy_type type = type_of(x, e, want);
  uint64_t bits = 0;
  if (type == VY_TYPE_NONE)
    return vy__val_error(x);
  bool fine = vy__is_float(type) ? float_bits(x, e, type, &bits)
                                 : int_bits(x, e, type, &bits);
  if (!fine)
    return vy__val_error(x);
  uint32_t id = vy__emit_const(x, type, bits, e->pos);
  return id == VY__NONE ? vy__val_error(x)
                        : vy__val_one(vy__ty_builtin(x, type, 1), id);
}
