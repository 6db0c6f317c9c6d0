// What changes nothing when it is combined with: op(identity, x) is x.
#include "semantics/semantics.h"

uint64_t vy__identity(vy__op op, vy_type type) {
  bool wide = vy__type_bits(type) == 64;
  uint64_t ones = wide ? UINT64_MAX : UINT32_MAX;
  uint64_t top = UINT64_C(1) << (vy__type_bits(type) - 1);
  if (op == VY__OP_AND)
    return ones;
  if (op == VY__OP_ADD && vy__is_float(type))
    return top; // -0
  if (op != VY__OP_MIN && op != VY__OP_MAX)
    return 0;
  if (vy__is_float(type)) // the number wins over NaN
    return wide ? UINT64_C(0x7ff8000000000000) : UINT64_C(0x7fc00000);
  if (op == VY__OP_MIN)
    return vy__is_signed(type) ? top - 1 : ones;
  return vy__is_signed(type) ? top : 0;
}
