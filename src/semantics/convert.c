// Value conversions and bitcasts between all value types, one generic
// function each, and the conversions of memory elements. Float results round
// once to nearest even; float to integer truncates and saturates, NaN gives 0.
#include "semantics/eval.h"
#include "semantics/soft.h"

// Wider than any 64-bit integer of either sign.
typedef __int128 wide;

static inline wide int_value(vy_type t, uint64_t bits) {
  if (t == VY_TYPE_I32)
    return (int32_t)(uint32_t)bits;
  return t == VY_TYPE_I64 ? (wide)(int64_t)bits : (wide)bits;
}

static inline bool is_32(vy_type t) {
  return t == VY_TYPE_I32 || t == VY_TYPE_U32 || t == VY_TYPE_F32;
}

static inline uint64_t int_bits(vy_type t, wide value) {
  return is_32(t) ? (uint32_t)value : (uint64_t)value;
}

static inline uint64_t float_to_int(vy__format f, vy_type to, uint64_t x) {
  if (vy__is_nan(f, x))
    return 0;
  const int width = is_32(to) ? 32 : 64;
  const wide high = ((wide)1 << (vy__is_signed(to) ? width - 1 : width)) - 1;
  const wide low = vy__is_signed(to) ? -high - 1 : 0;
  const bool neg = vy__is_neg(f, x);
  const vy__unpacked u = vy__unpack(f, x);
  if (vy__is_inf(f, x) || u.exp > 64 - f.mant) // 2^65 or more
    return int_bits(to, neg ? low : high);
  wide value = u.exp >= 0    ? (wide)u.sig << u.exp
               : u.exp > -64 ? (wide)(u.sig >> -u.exp)
                             : 0;
  value = neg ? -value : value;
  return int_bits(to, value < low ? low : value > high ? high : value);
}

static inline uint64_t int_to_float(vy__format f, vy_type from, uint64_t x) {
  const wide value = int_value(from, x);
  const vy__u128 magnitude = (vy__u128)(value < 0 ? -value : value);
  return vy__round(f, value < 0, magnitude, 0);
}

static inline uint64_t convert(vy_type from, vy_type to, uint64_t x) {
  const vy__format f = vy__format_of(from), t = vy__format_of(to);
  if (to == VY_TYPE_BOOL)
    return vy__is_float(from) ? !vy__is_zero(f, x) : x != 0;
  if (!vy__is_float(from))
    return vy__is_float(to) ? int_to_float(t, from, x)
                            : int_bits(to, int_value(from, x));
  if (!vy__is_float(to))
    return float_to_int(f, to, x);
  return from == to ? x : vy__reformat(f, t, x);
}

#define DEFINE(from, to)                                                       \
  VY__CONVERT(from, to) { return convert(VY_TYPE_##from, VY_TYPE_##to, a); }
VY__EACH_CONVERT(DEFINE)
#undef DEFINE

#define DEFINE(from, to)                                                       \
  VY__BITCAST(from, to) { return vy__canonical(VY_TYPE_##from, a); }
VY__EACH_BITCAST(DEFINE)
#undef DEFINE

// ---- memory

static bool stores_float(vy_type t) { return vy__type_kind(t) == VY__KIND_F; }

uint64_t vy__canonical(vy_type type, uint64_t bits) {
  if (!stores_float(type))
    return bits;
  const vy__format f = vy__format_of(type);
  return vy__is_nan(f, bits) ? vy__nan_bits(f) : bits;
}

uint64_t vy__load_convert(vy_type type, uint64_t stored) {
  switch ((int)type) {
  case VY_TYPE_I8:
    return (uint32_t)(int8_t)stored;
  case VY_TYPE_I16:
    return (uint32_t)(int16_t)stored;
  case VY_TYPE_F16:
  case VY_TYPE_BF16:
    return vy__reformat(vy__format_of(type), VY__FORMAT_F32, stored);
  default:
    return stored;
  }
}

uint64_t vy__store_convert(vy_type type, uint64_t value) {
  switch ((int)type) {
  case VY_TYPE_I8:
  case VY_TYPE_U8:
    return (uint8_t)value;
  case VY_TYPE_I16:
  case VY_TYPE_U16:
    return (uint16_t)value;
  case VY_TYPE_F16:
  case VY_TYPE_BF16:
    return vy__reformat(VY__FORMAT_F32, vy__format_of(type), value);
  default:
    return vy__canonical(type, value);
  }
}
