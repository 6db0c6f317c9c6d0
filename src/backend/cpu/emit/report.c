// Faults: the lowest lane's, its first in program order. Vectors run in
// program order, so a fault only ever gives way to one of a lower lane.
#include "backend/cpu/emit/memory.h"

typedef struct record {
  LLVMValueRef kind, value, stmt, negative, lane, index, length;
} record;

static void put(vy__flow *f, LLVMBuilderRef b, LLVMValueRef fault,
                size_t offset, LLVMValueRef x) {
  LLVMValueRef at = vy__i64(f, offset);
  LLVMBuildStore(b, x, LLVMBuildGEP2(b, vy__t8(f), fault, &at, 1, ""));
}

// void report(fault, lane, kind, value, stmt, negative, index, length)
static LLVMValueRef report_function(vy__flow *f, LLVMTypeRef *type) {
  vy__emit *e = f->e;
  LLVMTypeRef t32 = vy__t32(f), t64 = vy__t64(f);
  LLVMTypeRef params[] = {vy__tptr(f), t64, t32, t32, t32, t32, t64, t64};
  *type = LLVMFunctionType(LLVMVoidTypeInContext(e->context), params, 8, 0);
  LLVMValueRef fn = LLVMGetNamedFunction(e->module, "report");
  if (fn)
    return fn;
  fn = LLVMAddFunction(e->module, "report", *type);
  vy__emit_attributes(e, fn, true);
  LLVMBuilderRef b = LLVMCreateBuilderInContext(e->context);
  LLVMBasicBlockRef start = LLVMAppendBasicBlockInContext(e->context, fn, ""),
                    lower = LLVMAppendBasicBlockInContext(e->context, fn, ""),
                    done = LLVMAppendBasicBlockInContext(e->context, fn, "");
  LLVMPositionBuilderAtEnd(b, start);
  LLVMValueRef fault = LLVMGetParam(fn, 0), lane = LLVMGetParam(fn, 1);
  LLVMValueRef at = vy__i64(f, offsetof(vy__fault, lane));
  at = LLVMBuildGEP2(b, vy__t8(f), fault, &at, 1, "");
  LLVMValueRef old = LLVMBuildLoad2(b, t64, at, "");
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, lane, old, ""), lower, done);
  LLVMPositionBuilderAtEnd(b, lower);
  size_t offsets[] = {offsetof(vy__fault, lane),     offsetof(vy__fault, kind),
                      offsetof(vy__fault, value),    offsetof(vy__fault, stmt),
                      offsetof(vy__fault, negative), offsetof(vy__fault, index),
                      offsetof(vy__fault, length)};
  for (uint32_t i = 0; i < VY__COUNT(offsets); i++)
    put(f, b, fault, offsets[i], LLVMGetParam(fn, i + 1));
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
  LLVMBuildRetVoid(b);
  LLVMDisposeBuilder(b);
  return fn;
}

static void call(vy__flow *f, const record *r) {
  LLVMTypeRef type;
  LLVMValueRef fn = report_function(f, &type);
  LLVMValueRef args[] = {f->fault, r->lane,     r->kind,  r->value,
                         r->stmt,  r->negative, r->index, r->length};
  (void)LLVMBuildCall2(f->e->builder, type, fn, args, 8, "");
}

void vy__report_bounds(vy__flow *f, uint32_t value, LLVMValueRef bad_bits,
                       LLVMValueRef index64, LLVMValueRef length,
                       bool is_signed) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef indices = vy__park(f, index64);
  vy__lane_loop l;
  vy__lanes_begin(f, &l, bad_bits);
  LLVMValueRef index = vy__parked(f, indices, vy__t64(f), l.lane);
  LLVMValueRef negative =
      is_signed ? LLVMBuildZExt(
                      b, LLVMBuildICmp(b, LLVMIntSLT, index, vy__i64(f, 0), ""),
                      vy__t32(f), "")
                : vy__i32(f, 0);
  record r = {.kind = vy__i32(f, VY__FAULT_BOUNDS),
              .value = vy__i32(f, f->e->lowered->origin_value[value]),
              .stmt = vy__i32(f, VY__NONE),
              .negative = negative,
              .lane = vy__parked(f, f->linear_slot, vy__t64(f), l.lane),
              .index = index,
              .length = length};
  call(f, &r);
  vy__lanes_end(f, &l);
}

void vy__report_budget(vy__flow *f, uint32_t stmt, LLVMValueRef bits) {
  vy__lane_loop l;
  vy__lanes_begin(f, &l, bits);
  LLVMValueRef zero = vy__i64(f, 0);
  record r = {.kind = vy__i32(f, VY__FAULT_BUDGET),
              .value = vy__i32(f, VY__NONE),
              .stmt = vy__i32(f, f->e->lowered->origin_stmt[stmt]),
              .negative = vy__i32(f, 0),
              .lane = vy__parked(f, f->linear_slot, vy__t64(f), l.lane),
              .index = zero,
              .length = zero};
  call(f, &r);
  vy__lanes_end(f, &l);
}
