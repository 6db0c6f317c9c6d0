// Collectives: over operands that the lanes have put into scratch memory, by
// the helper that knows them all.
#include "backend/cpu/emit/flow.h"

static LLVMValueRef helper(vy__flow *f, LLVMTypeRef *type) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef p = vy__tptr(f), t = vy__t32(f);
  LLVMTypeRef params[] = {t, t, t, t, p, p, p, p};
  *type = LLVMFunctionType(LLVMVoidTypeInContext(f->e->context), params, 8, 0);
  LLVMValueRef at = vy__i64(f, offsetof(vy__kernel_args, helpers));
  LLVMValueRef table = LLVMBuildLoad2(
      b, p, LLVMBuildGEP2(b, vy__t8(f), f->e->args, &at, 1, ""), "");
  at = vy__i64(f, offsetof(vy__kernel_helpers, collective));
  f->e->uses_helpers = true;
  return LLVMBuildLoad2(b, p, LLVMBuildGEP2(b, vy__t8(f), table, &at, 1, ""),
                        "");
}

void vy__flow_collective(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  const vy__op_info *row = vy__op_row(v->op);
  LLVMBuilderRef b = f->e->builder;
  if (row->effect == VY__EFFECT_SYNC)
    return; // ranges end here: nothing more is to be done
  bool is_shared = (row->laws & VY__LAW_UNIFORM) != 0;
  if (!is_shared && f->spill[value] == VY__NONE)
    return; // nobody reads it
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  const uint32_t *g = f->e->program->group_size;
  LLVMTypeRef t;
  LLVMValueRef fn = helper(f, &t), none = LLVMConstNull(vy__tptr(f));
  LLVMValueRef in = vy__scratch(f, b, f->operand_memory);
  LLVMValueRef out = is_shared ? in : vy__scratch(f, b, f->spill[value]);
  LLVMValueRef args[] = {
      vy__i32(f, v->op),
      vy__i32(f, type),
      vy__i32(f, g[0] * g[1] * g[2]),
      vy__i32(f, v->imm),
      in,
      row->sig == VY__SIG_SHUFFLE ? vy__scratch(f, b, f->index_memory) : none,
      f->budgeted ? vy__scratch(f, b, f->bits_memory) : none,
      out,
  };
  (void)LLVMBuildCall2(b, t, fn, args, 8, "");
  if (!is_shared)
    return;
  vy_type result = (vy_type)v->type;
  LLVMTypeRef r =
      result == VY_TYPE_BOOL ? vy__t32(f) : vy__llvm_type(f->e, result, 1);
  LLVMValueRef x = vy__load_raw(f, r, out, 8);
  if (result == VY_TYPE_BOOL)
    x = LLVMBuildICmp(b, LLVMIntNE, x, vy__i32(f, 0), "");
  f->shared[value] = x;
}
