// Collectives: which way each goes, and the general one, over operands that
// the lanes have put into scratch memory, by the helper that knows them all.
#include "backend/cpu/emit/collective.h"

typedef enum way {
  WAY_HELPER,
  WAY_UNREAD,
  WAY_FOLD,
  WAY_TREE,
  WAY_TREE_SCAN,
  WAY_PICK,
  WAY_BALLOT,
} way;

// Trees of more vectors would be too much code.
enum { TREE_VECTORS = 64 };

static bool is_shared(const vy__value *v) {
  return (vy__op_row(v->op)->laws & VY__LAW_UNIFORM) != 0;
}

// Out of budget, lanes are missing: only the helper can do without them.
static way way_of(const vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  bool floats = vy__is_float((vy_type)v->type);
  bool small = f->vectors <= TREE_VECTORS;
  if (!is_shared(v) && f->spill[value] == VY__NONE)
    return WAY_UNREAD;
  if (f->budgeted)
    return WAY_HELPER;
  switch (v->op) {
  case VY__OP_GROUP_REDUCE_ADD:
    return !floats ? WAY_FOLD : small ? WAY_TREE : WAY_HELPER;
  case VY__OP_GROUP_REDUCE_MIN:
  case VY__OP_GROUP_REDUCE_MAX:
  case VY__OP_GROUP_REDUCE_AND:
  case VY__OP_GROUP_REDUCE_OR:
  case VY__OP_GROUP_REDUCE_XOR:
  case VY__OP_GROUP_ANY:
  case VY__OP_GROUP_ALL:
    return WAY_FOLD;
  case VY__OP_GROUP_SCAN_INCL_ADD:
  case VY__OP_GROUP_SCAN_EXCL_ADD:
    return floats && small ? WAY_TREE_SCAN : WAY_HELPER;
  case VY__OP_GROUP_BROADCAST:
    return WAY_PICK;
  case VY__OP_GROUP_BALLOT:
    return WAY_BALLOT;
  default:
    return WAY_HELPER;
  }
}

// ---- what the ways have in common

LLVMValueRef vy__collective_here(vy__flow *f) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width, lanes = vy__collective_lanes(f);
  if (lanes % w == 0)
    return NULL;
  LLVMValueRef first = LLVMBuildMul(b, f->index, vy__i64(f, w), "");
  LLVMValueRef left = LLVMBuildSub(b, vy__i64(f, lanes), first, "");
  left = LLVMBuildTrunc(b, left, vy__t32(f), "");
  return LLVMBuildICmp(b, LLVMIntULT, vy__iota(f, vy__t32(f), 1),
                       vy__splat(b, left, w), "");
}

static LLVMValueRef own_at(vy__flow *f, uint32_t memory, uint64_t bytes) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef at = LLVMBuildMul(b, f->index, vy__i64(f, bytes), "");
  at = LLVMBuildAdd(b, at, vy__i64(f, memory), "");
  return vy__ptr_add(f, f->scratch, at);
}

void vy__collective_put(vy__flow *f, LLVMValueRef x, uint32_t memory) {
  LLVMTypeRef t = LLVMGetElementType(LLVMTypeOf(x));
  bool wide = t == vy__t64(f) || LLVMGetTypeKind(t) == LLVMDoubleTypeKind;
  vy__store_raw(f, x, own_at(f, memory, (wide ? 8 : 4) * f->e->width), 4);
}

LLVMValueRef vy__shuffle(vy__flow *f, LLVMValueRef a, LLVMValueRef b,
                         const uint32_t *lanes, uint32_t count) {
  LLVMValueRef mask[64];
  for (uint32_t j = 0; j < count; j++)
    mask[j] = vy__i32(f, lanes[j]);
  return LLVMBuildShuffleVector(f->e->builder, a, b,
                                LLVMConstVector(mask, count), "");
}

// A vector of four lanes has half a byte: the other half is its neighbour's.
static LLVMValueRef with_neighbour(vy__flow *f, LLVMValueRef bits,
                                   LLVMValueRef at) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef t = vy__t8(f);
  LLVMValueRef one = LLVMConstInt(t, 1, 0);
  LLVMValueRef shift = LLVMBuildTrunc(b, f->index, t, "");
  shift = LLVMBuildShl(b, LLVMBuildAnd(b, shift, one, ""),
                       LLVMConstInt(t, 2, 0), "");
  LLVMValueRef low = LLVMBuildSub(b, LLVMBuildShl(b, one, shift, ""), one, "");
  low = LLVMBuildAnd(b, vy__load_raw(f, t, at, 1), low, "");
  return LLVMBuildOr(b, low, LLVMBuildShl(b, bits, shift, ""), "");
}

static void put_bits(vy__flow *f, LLVMValueRef mask) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width;
  LLVMTypeRef word = LLVMIntTypeInContext(f->e->context, w < 8 ? 8 : w);
  LLVMValueRef bits = LLVMBuildTrunc(b, vy__mask_bits(f, mask), word, "");
  LLVMValueRef at = LLVMBuildMul(b, f->index, vy__i64(f, w), "");
  at = LLVMBuildLShr(b, at, vy__i64(f, 3), "");
  at = LLVMBuildAdd(b, at, vy__i64(f, f->bits_memory), "");
  at = vy__ptr_add(f, f->scratch, at);
  vy__store_raw(f, w < 8 ? with_neighbour(f, bits, at) : bits, at, 1);
}

// ---- the helper

static void helper_take(vy__flow *f, const vy__value *v) {
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  LLVMValueRef x = vy__flow_vector(f, v->a[0]);
  if (type == VY_TYPE_BOOL)
    x = LLVMBuildZExt(b, x, vy__vector_of(f, vy__t32(f)), "");
  vy__collective_put(f, x, f->operand_memory);
  if (v->a[1] != VY__NONE) {
    type = (vy_type)f->ir->values[v->a[1]].type;
    x = vy__index64(f, type, vy__flow_vector(f, v->a[1]));
    vy__collective_put(f, x, f->index_memory);
  }
  if (f->budgeted)
    put_bits(f, LLVMBuildLoad2(b, vy__mask_type(f), f->alive, ""));
}

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

static void call_helper(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  LLVMBuilderRef b = f->e->builder;
  bool shuffles = v->a[1] != VY__NONE;
  LLVMTypeRef t;
  LLVMValueRef fn = helper(f, &t), none = LLVMConstNull(vy__tptr(f));
  LLVMValueRef in = vy__scratch(f, b, f->operand_memory);
  LLVMValueRef out = is_shared(v) ? in : vy__scratch(f, b, f->spill[value]);
  LLVMValueRef args[] = {
      vy__i32(f, v->op),
      vy__i32(f, f->ir->values[v->a[0]].type),
      vy__i32(f, vy__collective_lanes(f)),
      vy__i32(f, v->imm),
      in,
      shuffles ? vy__scratch(f, b, f->index_memory) : none,
      f->budgeted ? vy__scratch(f, b, f->bits_memory) : none,
      out,
  };
  (void)LLVMBuildCall2(b, t, fn, args, 8, "");
  if (!is_shared(v))
    return;
  vy_type result = (vy_type)v->type;
  LLVMTypeRef r =
      result == VY_TYPE_BOOL ? vy__t32(f) : vy__llvm_type(f->e, result, 1);
  LLVMValueRef x = vy__load_raw(f, r, out, 8);
  if (result == VY_TYPE_BOOL)
    x = LLVMBuildICmp(b, LLVMIntNE, x, vy__i32(f, 0), "");
  f->shared[value] = x;
}

// ---- broadcast

static void pick_open(vy__flow *f) {
  f->so_far = vy__flow_alloca(f, vy__t64(f), "pick");
}

static void pick_take(vy__flow *f, const vy__value *v) {
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)f->ir->values[v->a[1]].type;
  vy__lane_value *index = vy__flow_get(f, v->a[1]);
  LLVMValueRef i = vy__is_even(index)
                       ? index->scalar
                       : LLVMBuildExtractElement(b, vy__flow_vector(f, v->a[1]),
                                                 vy__i32(f, 0), "");
  LLVMBuildStore(b, vy__index64(f, type, i), f->so_far);
  vy__collective_put(f, vy__flow_vector(f, v->a[0]), f->operand_memory);
}

static LLVMValueRef pick_result(vy__flow *f, const vy__value *v) {
  LLVMBuilderRef b = f->e->builder;
  vy_type type = (vy_type)v->type;
  LLVMTypeRef t = vy__llvm_type(f->e, type, 1);
  LLVMValueRef i = LLVMBuildLoad2(b, vy__t64(f), f->so_far, "");
  LLVMValueRef is_there =
      LLVMBuildICmp(b, LLVMIntULT, i, vy__i64(f, vy__collective_lanes(f)), "");
  i = LLVMBuildSelect(b, is_there, i, vy__i64(f, 0), "");
  i = LLVMBuildMul(b, i, vy__i64(f, vy__type_bytes(type)), "");
  i = LLVMBuildAdd(b, i, vy__i64(f, f->operand_memory), "");
  LLVMValueRef x = vy__load_raw(f, t, vy__ptr_add(f, f->scratch, i), 4);
  return LLVMBuildSelect(b, is_there, x, LLVMConstNull(t), "");
}

// ---- ballot: 32 lanes see the same word

static void ballot_take(vy__flow *f, const vy__value *v) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef mask = vy__mask_of_value(f, v->a[0]);
  LLVMValueRef here = vy__collective_here(f);
  if (here)
    mask = LLVMBuildSelect(b, here, mask, vy__mask_none(f), "");
  put_bits(f, mask);
}

// What follows the last vector's bits is not the group's.
static void ballot_finish(vy__flow *f, uint32_t value) {
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width, bits = w * f->vectors;
  for (uint32_t at = 0; at < bits; at += 32) {
    LLVMValueRef word = vy__load_raw(
        f, vy__t32(f), vy__scratch(f, b, f->bits_memory + at / 8), 4);
    if (bits - at < 32)
      word = LLVMBuildAnd(b, word, vy__i32(f, (1u << (bits - at)) - 1), "");
    LLVMValueRef x = vy__splat(b, word, w);
    for (uint32_t j = at; j < at + 32 && j < bits; j += w)
      vy__store_raw(f, x, vy__scratch(f, b, f->spill[value] + 4 * j), 4);
  }
}

// ---- all of them

void vy__collective_open(vy__flow *f, uint32_t value) {
  way w = way_of(f, value);
  if (w == WAY_FOLD)
    vy__fold_open(f, &f->ir->values[value]);
  else if (w == WAY_PICK)
    pick_open(f);
}

void vy__collective_take(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  switch (way_of(f, value)) {
  case WAY_HELPER:
    helper_take(f, v);
    break;
  case WAY_UNREAD:
    break;
  case WAY_FOLD:
    vy__fold_take(f, v);
    break;
  case WAY_TREE:
    vy__collective_put(f, vy__flow_vector(f, v->a[0]), f->operand_memory);
    break;
  case WAY_TREE_SCAN:
    vy__tree_scan_take(f, value);
    break;
  case WAY_PICK:
    pick_take(f, v);
    break;
  case WAY_BALLOT:
    ballot_take(f, v);
    break;
  }
}

void vy__flow_collective(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  if (vy__op_row(v->op)->effect == VY__EFFECT_SYNC)
    return; // ranges end here: nothing more is to be done
  switch (way_of(f, value)) {
  case WAY_HELPER:
    call_helper(f, value);
    break;
  case WAY_UNREAD:
    break;
  case WAY_FOLD:
    f->shared[value] = vy__fold_result(f, v);
    break;
  case WAY_TREE:
    f->shared[value] = vy__tree_sum(f, v);
    break;
  case WAY_TREE_SCAN:
    vy__tree_scan_finish(f, value);
    break;
  case WAY_PICK:
    f->shared[value] = pick_result(f, v);
    break;
  case WAY_BALLOT:
    ballot_finish(f, value);
    break;
  }
}
