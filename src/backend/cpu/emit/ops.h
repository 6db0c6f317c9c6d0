// Between the files that lower operations: one operation being lowered, the
// row of the table (ops.c) that says how, and what the files offer each other.
#ifndef VY__EMIT_OPS_H
#define VY__EMIT_OPS_H

#include "backend/cpu/emit/emitter.h"

typedef struct vy__op_call vy__op_call;

// How an operation is lowered for one kind of type. `code` and `name` are the
// function's: an LLVM opcode or predicate, an offset; an intrinsic.
typedef struct vy__lowering {
  LLVMValueRef (*fn)(const vy__op_call *c);
  uint32_t code;
  const char *name;
} vy__lowering;

struct vy__op_call {
  vy__emit *e;
  const vy__lowering *row;
  vy_type type;   // T of the operation
  vy_type amount; // of a shift's amount
  vy_type to;     // of the result
  uint32_t lanes;
  LLVMValueRef a[3];
};

// ---- types.c

LLVMTypeRef vy__llvm_ints(vy__emit *e, uint32_t bits, uint32_t lanes);
LLVMValueRef vy__llvm_int(vy__emit *e, uint32_t bits, uint64_t value,
                          uint32_t lanes);
// The pattern of a float as integers of its width, and back.
LLVMValueRef vy__llvm_bits(vy__emit *e, vy_type type, uint32_t lanes,
                           LLVMValueRef value);
LLVMValueRef vy__llvm_from_bits(vy__emit *e, vy_type type, uint32_t lanes,
                                LLVMValueRef bits);
LLVMValueRef vy__llvm_is_nan(vy__emit *e, LLVMValueRef value);
// The pattern of float `value`, or that of the one observable NaN.
LLVMValueRef vy__llvm_canonical(vy__emit *e, vy_type type, uint32_t lanes,
                                LLVMValueRef value);

// ---- ops_int.c

LLVMValueRef vy__lower_div(const vy__op_call *c);
LLVMValueRef vy__lower_rem(const vy__op_call *c);
LLVMValueRef vy__lower_abs(const vy__op_call *c);
LLVMValueRef vy__lower_abs_diff(const vy__op_call *c);
LLVMValueRef vy__lower_mul_high(const vy__op_call *c);
LLVMValueRef vy__lower_shift(const vy__op_call *c);  // code: opcode
LLVMValueRef vy__lower_rotate(const vy__op_call *c); // name: intrinsic
LLVMValueRef vy__lower_zeros(const vy__op_call *c);  // name: intrinsic

// ---- ops_float.c

LLVMValueRef vy__lower_fneg(const vy__op_call *c);
LLVMValueRef vy__lower_fma(const vy__op_call *c);     // code: offset of fma32
LLVMValueRef vy__lower_helper(const vy__op_call *c);  // code: offset for f32
LLVMValueRef vy__lower_extreme(const vy__op_call *c); // code: OLT or OGT
LLVMValueRef vy__lower_copysign(const vy__op_call *c);
LLVMValueRef vy__lower_is_nan(const vy__op_call *c);
LLVMValueRef vy__lower_magnitude(const vy__op_call *c); // code: against inf
LLVMValueRef vy__lower_signbit(const vy__op_call *c);

// ---- ops_convert.c

LLVMValueRef vy__lower_from_bool(const vy__op_call *c);
LLVMValueRef vy__lower_from_int(const vy__op_call *c);
LLVMValueRef vy__lower_from_float(const vy__op_call *c);
LLVMValueRef vy__lower_bitcast(const vy__op_call *c);

#endif
