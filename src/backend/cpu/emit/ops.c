// Operations: one row each, by kind of type, of a function and its parameter.
// ops.def names the rows, so one that is missing does not compile. LLVM's own
// instructions are used wherever they mean the same for every operand; they
// carry no fast-math flags.
#include "backend/cpu/emit/ops.h"

// ---- lowerings that LLVM has

static LLVMValueRef same(const vy__op_call *c) { return c->a[0]; }

static LLVMValueRef binary(const vy__op_call *c) {
  return LLVMBuildBinOp(c->e->builder, (LLVMOpcode)c->row->code, c->a[0],
                        c->a[1], "");
}

static LLVMValueRef negate(const vy__op_call *c) {
  return LLVMBuildNeg(c->e->builder, c->a[0], "");
}

static LLVMValueRef invert(const vy__op_call *c) {
  return LLVMBuildNot(c->e->builder, c->a[0], "");
}

static LLVMValueRef call(const vy__op_call *c, uint32_t count) {
  LLVMTypeRef type = LLVMTypeOf(c->a[0]);
  LLVMValueRef args[] = {c->a[0], c->a[1]};
  return vy__llvm_intrinsic(c->e, c->row->name, &type, 1, args, count);
}
static LLVMValueRef call1(const vy__op_call *c) { return call(c, 1); }
static LLVMValueRef call2(const vy__op_call *c) { return call(c, 2); }

static LLVMValueRef icmp(const vy__op_call *c) {
  return LLVMBuildICmp(c->e->builder, (LLVMIntPredicate)c->row->code, c->a[0],
                       c->a[1], "");
}
static LLVMValueRef fcmp(const vy__op_call *c) {
  return LLVMBuildFCmp(c->e->builder, (LLVMRealPredicate)c->row->code, c->a[0],
                       c->a[1], "");
}

static LLVMValueRef choose(const vy__op_call *c) {
  return LLVMBuildSelect(c->e->builder, c->a[0], c->a[1], c->a[2], "");
}

// ---- the table

#define ROW(id, ...) static const vy__lowering row_##id[4] = {__VA_ARGS__};
#define BOOL(...) [VY__KIND_B] = {.fn = __VA_ARGS__}
#define SIGNED(...) [VY__KIND_I] = {.fn = __VA_ARGS__}
#define UNSIGNED(...) [VY__KIND_U] = {.fn = __VA_ARGS__}
#define INT(...) SIGNED(__VA_ARGS__), UNSIGNED(__VA_ARGS__)
#define FLOAT(...) [VY__KIND_F] = {.fn = __VA_ARGS__}
#define INTB(...) BOOL(__VA_ARGS__), INT(__VA_ARGS__)
#define ALL(...) INTB(__VA_ARGS__), FLOAT(__VA_ARGS__)
#define HELPER(name) .code = offsetof(vy__kernel_helpers, name)

ROW(ADD, INT(binary, LLVMAdd), FLOAT(binary, LLVMFAdd))
ROW(SUB, INT(binary, LLVMSub), FLOAT(binary, LLVMFSub))
ROW(MUL, INT(binary, LLVMMul), FLOAT(binary, LLVMFMul))
ROW(DIV, INT(vy__lower_div), FLOAT(binary, LLVMFDiv))
ROW(REM, INT(vy__lower_rem), FLOAT(vy__lower_helper, HELPER(rem32)))
ROW(NEG, INT(negate), FLOAT(vy__lower_fneg))
ROW(ABS, UNSIGNED(same), SIGNED(vy__lower_abs),
    FLOAT(call1, .name = "llvm.fabs"))
ROW(MIN, UNSIGNED(call2, .name = "llvm.umin"),
    SIGNED(call2, .name = "llvm.smin"), FLOAT(vy__lower_extreme, LLVMRealOLT))
ROW(MAX, UNSIGNED(call2, .name = "llvm.umax"),
    SIGNED(call2, .name = "llvm.smax"), FLOAT(vy__lower_extreme, LLVMRealOGT))
ROW(ABS_DIFF, INT(vy__lower_abs_diff))
ROW(MUL_HIGH, INT(vy__lower_mul_high))
ROW(ADD_SAT, UNSIGNED(call2, .name = "llvm.uadd.sat"),
    SIGNED(call2, .name = "llvm.sadd.sat"))
ROW(SUB_SAT, UNSIGNED(call2, .name = "llvm.usub.sat"),
    SIGNED(call2, .name = "llvm.ssub.sat"))
ROW(FMA, FLOAT(vy__lower_fma, HELPER(fma32)))
ROW(SQRT, FLOAT(call1, .name = "llvm.sqrt"))

ROW(AND, INTB(binary, LLVMAnd))
ROW(OR, INTB(binary, LLVMOr))
ROW(XOR, INTB(binary, LLVMXor))
ROW(NOT, INTB(invert))
ROW(SHL, INT(vy__lower_shift, LLVMShl))
ROW(SHR, UNSIGNED(vy__lower_shift, LLVMLShr), SIGNED(vy__lower_shift, LLVMAShr))
ROW(ROTATE_LEFT, INT(vy__lower_rotate, .name = "llvm.fshl"))
ROW(ROTATE_RIGHT, INT(vy__lower_rotate, .name = "llvm.fshr"))
ROW(CLZ, INT(vy__lower_zeros, .name = "llvm.ctlz"))
ROW(CTZ, INT(vy__lower_zeros, .name = "llvm.cttz"))
ROW(POPCOUNT, INT(call1, .name = "llvm.ctpop"))
ROW(REVERSE_BITS, INT(call1, .name = "llvm.bitreverse"))
ROW(BYTE_SWAP, INT(call1, .name = "llvm.bswap"))

ROW(FLOOR, FLOAT(call1, .name = "llvm.floor"))
ROW(CEIL, FLOAT(call1, .name = "llvm.ceil"))
ROW(TRUNC, FLOAT(call1, .name = "llvm.trunc"))
ROW(ROUND_EVEN, FLOAT(call1, .name = "llvm.roundeven"))
ROW(COPYSIGN, FLOAT(vy__lower_copysign))
ROW(ISNAN, FLOAT(vy__lower_is_nan))
ROW(ISINF, FLOAT(vy__lower_magnitude, LLVMRealOEQ))
ROW(ISFINITE, FLOAT(vy__lower_magnitude, LLVMRealOLT))
ROW(SIGNBIT, FLOAT(vy__lower_signbit))

ROW(EQ, INTB(icmp, LLVMIntEQ), FLOAT(fcmp, LLVMRealOEQ))
ROW(NE, INTB(icmp, LLVMIntNE), FLOAT(fcmp, LLVMRealUNE))
ROW(LT, UNSIGNED(icmp, LLVMIntULT), SIGNED(icmp, LLVMIntSLT),
    FLOAT(fcmp, LLVMRealOLT))
ROW(LE, UNSIGNED(icmp, LLVMIntULE), SIGNED(icmp, LLVMIntSLE),
    FLOAT(fcmp, LLVMRealOLE))
ROW(GT, UNSIGNED(icmp, LLVMIntUGT), SIGNED(icmp, LLVMIntSGT),
    FLOAT(fcmp, LLVMRealOGT))
ROW(GE, UNSIGNED(icmp, LLVMIntUGE), SIGNED(icmp, LLVMIntSGE),
    FLOAT(fcmp, LLVMRealOGE))
ROW(SELECT, ALL(choose))
ROW(CONVERT, BOOL(vy__lower_from_bool), INT(vy__lower_from_int),
    FLOAT(vy__lower_from_float))
ROW(BITCAST, INT(vy__lower_bitcast), FLOAT(vy__lower_bitcast))

static const vy__lowering *const rows[VY__OP_LIMIT] = {
#define ROW_PURE(id) [VY__OP_##id] = row_##id,
#define ROW_LEAF(id)
#define ROW_READ(id)
#define ROW_WRITE(id)
#define ROW_ATOMIC(id)
#define ROW_COLLECTIVE(id)
#define ROW_SYNC(id)
#define OP(id, number, name, sig, types, effect, laws, cost, applies,          \
           elements, doc)                                                      \
  ROW_##effect(id)
#include "ir/ops.def"
#undef OP
};

static LLVMValueRef lower(vy__op op, vy__op_call *c) {
  c->row = &rows[op][vy__type_kind(c->type)];
  return c->row->fn(c);
}

LLVMValueRef vy__emit_pure(vy__emit *e, const vy__value *v,
                           const vy_type types[3], uint32_t lanes,
                           const LLVMValueRef a[3]) {
  const bool select = vy__op_row(v->op)->sig == VY__SIG_SELECT;
  vy__op_call c = {.e = e,
                   .type = types[select ? 1 : 0],
                   .amount = types[1],
                   .to = (vy_type)v->type,
                   .lanes = lanes};
  for (uint32_t i = 0; i < vy__op_row(v->op)->operands; i++)
    c.a[i] = a[i];
  return lower((vy__op)v->op, &c);
}

LLVMValueRef vy__emit_op(vy__emit *e, vy__op op, vy_type type, uint32_t lanes,
                         LLVMValueRef a, LLVMValueRef b) {
  vy__op_call c = {.e = e,
                   .type = type,
                   .amount = type,
                   .to = type,
                   .lanes = lanes,
                   .a = {a, b}};
  return lower(op, &c);
}
