// The integer evaluators: int_ops.inc at 32 and 64 bits.
#include "semantics/eval.h"

#define BITS 32
#define U uint32_t
#define S int32_t
#define W int64_t
#define UW uint64_t
#define UNSIGNED(id) VY__EVAL(id, U32)
#define SIGNED(id) VY__EVAL(id, I32)
#include "semantics/int_ops.inc"

#define BITS 64
#define U uint64_t
#define S int64_t
#define W __int128
#define UW unsigned __int128
#define UNSIGNED(id) VY__EVAL(id, U64)
#define SIGNED(id) VY__EVAL(id, I64)
#include "semantics/int_ops.inc"

// bool: 0 or 1.
VY__EVAL(AND, BOOL) { return a & b; }
VY__EVAL(OR, BOOL) { return a | b; }
VY__EVAL(XOR, BOOL) { return a ^ b; }
VY__EVAL(NOT, BOOL) { return a ^ 1; }
VY__EVAL(EQ, BOOL) { return a == b; }
VY__EVAL(NE, BOOL) { return a != b; }
VY__EVAL(SELECT, BOOL) { return a ? b : c; }
