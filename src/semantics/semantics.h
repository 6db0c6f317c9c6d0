// The one total evaluator: one C function per (operation, type), over bits.
// Floats are computed in integer arithmetic, so that no host rounding mode,
// FTZ/DAZ state or contraction can matter. The interpreter, the folder and
// every test generator call these and nothing else.
//
// A value travels as 64 bits: bool 0 or 1; 32-bit types in the low half, the
// high half zero (i32 too); f32 and f64 as their IEEE patterns. Inputs obey
// this; results do. NaNs keep any payload inside; they become canonical only
// where vy__canonical is applied (see `canonicalises` in language.md).
#ifndef VY__SEMANTICS_H
#define VY__SEMANTICS_H

#include "ir/ir.h"

typedef uint64_t (*vy__eval_fn)(uint64_t a, uint64_t b, uint64_t c);

// The evaluator of `op` on operands of type `type` (for CONVERT and BITCAST
// the source type, with `to` the result type; SELECT's type is that of a and
// b, its condition is operand a; shifts take an amount already reduced by
// vy__shift_amount). `to` is ignored by others. NULL exactly when the
// operation has no evaluator for that type.
vy__eval_fn vy__evaluator(vy__op op, vy_type type, vy_type to);

// The same function, computed by the host's float instructions where that is
// proved equal, given round-to-nearest, no FTZ, no DAZ (vy__fp_pin); else the
// one above. Tests compare the two on edge-value products and random bits.
vy__eval_fn vy__evaluator_pinned(vy__op op, vy_type type, vy_type to);

// Pin the calling thread's float state for vy__evaluator_pinned, and restore.
typedef struct vy__fp_state {
  uint32_t saved;
} vy__fp_state;
void vy__fp_pin(vy__fp_state *s);
void vy__fp_restore(const vy__fp_state *s);

// Evaluate value-level: looks the function up. For folding and tests.
uint64_t vy__evaluate(vy__op op, vy_type type, vy_type to, uint64_t a,
                      uint64_t b, uint64_t c);

// What changes no bit of x in op(identity, x) and op(x, identity), a NaN's
// payload aside, when `op` is what atomics or collectives gather by.
uint64_t vy__identity(vy__op op, vy_type type);

// A shift amount of any integer type, masked for a `type` operand. Signed
// amounts mask as their two's complement bits.
static inline uint64_t vy__shift_amount(vy_type type, uint64_t amount) {
  return amount & (uint64_t)(vy__type_bits(type) - 1);
}

// The one observable NaN: canonical bits of a f32, f64, f16 or bf16 pattern;
// other types unchanged.
uint64_t vy__canonical(vy_type type, uint64_t bits);

// Storage conversion: bits of a stored element of `type` to its value type,
// and back (integers truncate; f16, bf16 round once to nearest even; float
// stores canonicalise NaN, f32 and f64 included).
uint64_t vy__load_convert(vy_type type, uint64_t stored);
uint64_t vy__store_convert(vy_type type, uint64_t value);

// f32/f64 from text: decimal or hexadecimal digits as in C (no sign, no
// suffix), rounded once to nearest even, overflow to infinity. No locale, no
// host rounding mode. False when `text` is not such a number.
bool vy__parse_float(vy_type type, const char *text, size_t size,
                     uint64_t *bits);
// The shortest decimal that vy__parse_float reads back to the same bits, with
// a point or an exponent; finite, sign not included. Writes at most 64 bytes
// with the terminator, returns the length.
size_t vy__format_float(vy_type type, uint64_t bits, char *out);
// The value as a person reads it: floats as C's "%.{9,17}g" but with only the
// digits that tell the value apart, "nan" and "inf" included; no locale. At
// most 64 bytes. Storage types are shown as stored.
size_t vy__show_value(vy_type type, uint64_t bits, char *out);

#endif
