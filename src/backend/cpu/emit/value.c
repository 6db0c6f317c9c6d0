// Values: what is known of each in the vector at hand, pure operations, and
// the leaves.
#include "backend/cpu/emit/split.h"

LLVMValueRef vy__splat(LLVMBuilderRef b, LLVMValueRef scalar, uint32_t lanes) {
  if (lanes == 1)
    return scalar;
  LLVMTypeRef t = LLVMTypeOf(scalar);
  LLVMContextRef c = LLVMGetTypeContext(t);
  LLVMTypeRef i32 = LLVMInt32TypeInContext(c);
  LLVMValueRef v = LLVMGetPoison(LLVMVectorType(t, lanes));
  v = LLVMBuildInsertElement(b, v, scalar, LLVMConstNull(i32), "");
  return LLVMBuildShuffleVector(b, v, LLVMGetPoison(LLVMTypeOf(v)),
                                LLVMConstNull(LLVMVectorType(i32, lanes)), "");
}

LLVMValueRef vy__iota(vy__flow *f, LLVMTypeRef element, uint64_t step) {
  LLVMValueRef v[64];
  if (f->e->width == 1)
    return LLVMConstNull(element);
  for (uint32_t j = 0; j < f->e->width; j++)
    v[j] = LLVMConstInt(element, j * step, 0);
  return LLVMConstVector(v, f->e->width);
}

LLVMTypeRef vy__vector_of(vy__flow *f, LLVMTypeRef element) {
  return f->e->width == 1 ? element : LLVMVectorType(element, f->e->width);
}

static vy_type type_of(const vy__flow *f, uint32_t value) {
  return (vy_type)f->ir->values[value].type;
}

// Puts `aside` right behind the definition of `scalar`, so that what is built
// there can be used wherever the scalar can.
static LLVMBuilderRef behind(vy__flow *f, LLVMValueRef scalar) {
  if (!LLVMIsAInstruction(scalar))
    return f->entry;
  LLVMBasicBlockRef block = LLVMGetInstructionParent(scalar);
  LLVMValueRef next = LLVMGetNextInstruction(scalar);
  while (next && LLVMIsAPHINode(next))
    next = LLVMGetNextInstruction(next);
  LLVMPositionBuilder(f->aside, block, next);
  return f->aside;
}

LLVMValueRef vy__flow_spread(vy__flow *f, vy_type type, vy__lane_value *v) {
  if (v->vector)
    return v->vector;
  if (f->e->width == 1)
    return v->scalar;
  LLVMBuilderRef b = behind(f, v->scalar);
  LLVMValueRef x = vy__splat(b, v->scalar, f->e->width);
  if (v->stride) {
    LLVMTypeRef t = vy__llvm_type(f->e, type, 1);
    x = LLVMBuildAdd(b, x, vy__iota(f, t, (uint64_t)v->stride), "");
  }
  return v->vector = x;
}

void vy__flow_set(vy__flow *f, uint32_t value, vy__lane_value v) {
  if (f->e->width == 1) { // one lane is always of one mind
    v.scalar = v.scalar ? v.scalar : v.vector;
    v.stride = 0;
  }
  f->values[value] = v;
  f->stamps[value] = f->stamp;
}

void vy__flow_set_vector(vy__flow *f, uint32_t value, LLVMValueRef vector) {
  vy__flow_set(f, value, (vy__lane_value){.vector = vector});
}

void vy__flow_set_scalar(vy__flow *f, uint32_t value, LLVMValueRef scalar) {
  vy__flow_set(f, value, (vy__lane_value){.scalar = scalar});
}

// ---- what depends on the launch only: made once, in the first block

static LLVMValueRef arg_field(vy__flow *f, size_t offset, LLVMTypeRef type) {
  LLVMValueRef at = LLVMBuildGEP2(f->entry, vy__t8(f), f->e->args,
                                  (LLVMValueRef[]){vy__i64(f, offset)}, 1, "");
  LLVMValueRef v = LLVMBuildLoad2(f->entry, type, at, "");
  LLVMSetAlignment(v, 8);
  return v;
}

static LLVMValueRef entry_u32(vy__flow *f, size_t offset) {
  return LLVMBuildTrunc(f->entry, arg_field(f, offset, vy__t64(f)), vy__t32(f),
                        "");
}

static LLVMValueRef element(vy__flow *f, LLVMValueRef base, uint64_t offset,
                            LLVMTypeRef type) {
  LLVMValueRef at = LLVMBuildGEP2(f->entry, vy__t8(f), base,
                                  (LLVMValueRef[]){vy__i64(f, offset)}, 1, "");
  LLVMValueRef v = LLVMBuildLoad2(f->entry, type, at, "");
  LLVMSetAlignment(v, 8);
  return v;
}

static void buffer_at_entry(vy__flow *f, uint32_t p) {
  if (f->data[p])
    return;
  LLVMValueRef all =
      arg_field(f, offsetof(vy__kernel_args, buffers), vy__tptr(f));
  uint64_t at = p * sizeof(vy__kernel_buffer);
  f->data[p] =
      element(f, all, at + offsetof(vy__kernel_buffer, data), vy__tptr(f));
  f->length[p] =
      element(f, all, at + offsetof(vy__kernel_buffer, length), vy__t64(f));
}

LLVMValueRef vy__flow_data(vy__flow *f, uint32_t param) {
  buffer_at_entry(f, param);
  return f->data[param];
}

LLVMValueRef vy__flow_length(vy__flow *f, uint32_t param) {
  param = vy__size_root(f->ir, param); // equal lengths are one value
  buffer_at_entry(f, param);
  return f->length[param];
}

LLVMValueRef vy__flow_lanes(vy__flow *f, uint32_t d) {
  return arg_field(f, offsetof(vy__kernel_args, lanes) + 8 * d, vy__t64(f));
}

LLVMValueRef vy__flow_alone(vy__flow *f) {
  f->e->locks = true;
  if (!f->alone)
    f->alone = LLVMBuildICmp(
        f->entry, LLVMIntNE,
        arg_field(f, offsetof(vy__kernel_args, alone), vy__t64(f)),
        vy__i64(f, 0), "");
  return f->alone;
}

LLVMValueRef vy__flow_groups(vy__flow *f, uint32_t d) {
  return arg_field(f, offsetof(vy__kernel_args, groups) + 8 * d, vy__t64(f));
}

static LLVMValueRef launch_leaf(vy__flow *f, const vy__value *v) {
  switch (v->op) {
  case VY__OP_CONST:
    return vy__llvm_const(f->e, (vy_type)v->type, v->imm, 1);
  case VY__OP_PARAM: {
    LLVMValueRef all =
        arg_field(f, offsetof(vy__kernel_args, scalars), vy__tptr(f));
    LLVMValueRef bits = element(f, all, 8 * (uint64_t)v->ref, vy__t64(f));
    LLVMTypeRef t = vy__llvm_type(f->e, (vy_type)v->type, 1);
    uint32_t n = vy__type_bits((vy_type)v->type);
    LLVMTypeRef word = LLVMIntTypeInContext(f->e->context, n);
    bits = n < 64 ? LLVMBuildTrunc(f->entry, bits, word, "") : bits;
    return LLVMBuildBitCast(f->entry, bits, t, "");
  }
  case VY__OP_LEN:
    return LLVMBuildTrunc(f->entry, vy__flow_length(f, v->ref), vy__t32(f), "");
  case VY__OP_LEN64:
    return vy__flow_length(f, v->ref);
  case VY__OP_NUM_LANES:
    return entry_u32(f, offsetof(vy__kernel_args, lanes) + 8 * v->ref);
  case VY__OP_NUM_GROUPS:
    return entry_u32(f, offsetof(vy__kernel_args, groups) + 8 * v->ref);
  default: // GROUP_SIZE
    return vy__i32(f, f->e->program->group_size[v->ref]);
  }
}

static LLVMValueRef launch_value(vy__flow *f, uint32_t value);

// Emits at the end of the entry block whatever the usual functions emit.
static LLVMValueRef made_at_entry(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  LLVMBuilderRef before = f->e->builder;
  LLVMValueRef a[3] = {NULL, NULL, NULL}, out;
  vy_type types[3] = {VY_TYPE_NONE, VY_TYPE_NONE, VY_TYPE_NONE};
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++) {
    a[k] = launch_value(f, v->a[k]);
    types[k] = type_of(f, v->a[k]);
  }
  vy__split_launch(f, vy__split_weight(f, value));
  f->e->builder = f->entry;
  out = vy__emit_pure(f->e, v, types, 1, a);
  f->e->builder = before;
  return out;
}

static LLVMValueRef launch_value(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  if (!f->launch[value])
    f->launch[value] = vy__op_row(v->op)->effect == VY__EFFECT_LEAF
                           ? launch_leaf(f, v)
                           : made_at_entry(f, value);
  return f->launch[value];
}

// ---- any value

// An ordered value of another range of the group's code.
static vy__lane_value from_elsewhere(vy__flow *f, uint32_t value) {
  if (f->shared[value])
    return (vy__lane_value){.scalar = f->shared[value]};
  vy_type type = type_of(f, value);
  LLVMTypeRef t = vy__llvm_type(f->e, type, 1);
  if (type == VY_TYPE_BOOL)
    t = vy__t32(f);
  uint64_t step =
      f->e->width * (type == VY_TYPE_BOOL ? 4 : (uint64_t)vy__type_bytes(type));
  LLVMBuilderRef b = f->top;
  LLVMValueRef at =
      LLVMBuildAdd(b, LLVMBuildMul(b, f->index, vy__i64(f, step), ""),
                   vy__i64(f, f->spill[value]), "");
  at = LLVMBuildGEP2(b, vy__t8(f), f->scratch, &at, 1, "");
  LLVMValueRef x = LLVMBuildLoad2(b, vy__vector_of(f, t), at, "");
  LLVMSetAlignment(x, 8);
  if (type == VY_TYPE_BOOL)
    x = LLVMBuildICmp(b, LLVMIntNE, x, LLVMConstNull(LLVMTypeOf(x)), "");
  return (vy__lane_value){.vector = x};
}

static vy__lane_value leaf(vy__flow *f, const vy__value *v) {
  if (v->op == VY__OP_LANE)
    return f->lane[v->ref];
  if (v->op == VY__OP_LOCAL)
    return f->local[v->ref];
  return (vy__lane_value){.scalar = f->group[v->ref]}; // GROUP_ID
}

vy__lane_value *vy__flow_get(vy__flow *f, uint32_t value) {
  if (f->stamps[value] == f->stamp)
    return &f->values[value];
  const vy__value *v = &f->ir->values[value];
  if (f->is_launch[value])
    vy__flow_set_scalar(f, value, launch_value(f, value));
  else if (vy__is_ordered(f->ir, v) || vy__is_kept(f, value))
    vy__flow_set(f, value, from_elsewhere(f, value));
  else
    vy__flow_set(f, value, leaf(f, v));
  return &f->values[value];
}

LLVMValueRef vy__flow_vector(vy__flow *f, uint32_t value) {
  return vy__flow_spread(f, type_of(f, value), vy__flow_get(f, value));
}

LLVMValueRef vy__flow_scalar(vy__flow *f, uint32_t value) {
  return vy__flow_get(f, value)->scalar;
}

// ---- pure operations

static bool const_int(LLVMValueRef v, int64_t *out) {
  if (!v || !LLVMIsAConstantInt(v))
    return false;
  *out = LLVMConstIntGetSExtValue(v);
  return *out > -(1 << 20) && *out < (1 << 20);
}

// Lane numbers that start at a multiple of W: with 2^k >= W, all lanes have
// the same quotient by 2^k, and remainders that follow one another.
static bool stay_aligned(vy__flow *f, const vy__value *v,
                         const vy__lane_value *a, const vy__lane_value *by,
                         vy__lane_value *out) {
  LLVMTypeRef t = LLVMTypeOf(a->scalar);
  int64_t k;
  if (!a->aligned || a->stride != 1 || by->stride || !const_int(by->scalar, &k))
    return false;
  if (v->op == VY__OP_SHR && v->type == VY_TYPE_U32 && k >= 0 && k < 20 &&
      (UINT32_C(1) << k) >= f->e->width) {
    out->scalar = LLVMBuildLShr(f->e->builder, a->scalar,
                                LLVMConstInt(t, (uint64_t)k, 0), "");
    return true;
  }
  if (v->op != VY__OP_AND || k < (int64_t)f->e->width - 1 || (k & (k + 1)))
    return false;
  *out = (vy__lane_value){
      .scalar = LLVMBuildAnd(f->e->builder, a->scalar, by->scalar, ""),
      .stride = 1,
      .no_wrap = true,
      .aligned = true};
  return true;
}

// base + stride * lane survives addition, subtraction and multiplication by
// what is the same in all lanes.
static bool stay_even(vy__flow *f, const vy__value *v, vy__lane_value *out) {
  if (!vy__is_int((vy_type)v->type) || v->a[1] == VY__NONE)
    return false;
  vy__lane_value *a = vy__flow_get(f, v->a[0]), *b = vy__flow_get(f, v->a[1]);
  LLVMBuilderRef at = f->e->builder;
  int64_t k;
  if (!a->scalar || !b->scalar)
    return false;
  switch (v->op) {
  case VY__OP_ADD:
    out->scalar = LLVMBuildAdd(at, a->scalar, b->scalar, "");
    out->stride = a->stride + b->stride;
    break;
  case VY__OP_SUB:
    out->scalar = LLVMBuildSub(at, a->scalar, b->scalar, "");
    out->stride = a->stride - b->stride;
    break;
  case VY__OP_MUL:
    if (b->stride) {
      vy__lane_value *t = a;
      a = b;
      b = t;
    }
    if (b->stride || !const_int(b->scalar, &k))
      return false;
    out->scalar = LLVMBuildMul(at, a->scalar, b->scalar, "");
    out->stride = a->stride * k;
    break;
  case VY__OP_SHL:
    if (b->stride || !const_int(b->scalar, &k) || k < 0 || k > 16)
      return false;
    out->scalar = LLVMBuildShl(
        at, a->scalar, LLVMConstInt(LLVMTypeOf(a->scalar), (uint64_t)k, 0), "");
    out->stride = a->stride * (1 << k);
    break;
  case VY__OP_SHR:
    return stay_aligned(f, v, a, b, out);
  case VY__OP_AND:
    return stay_aligned(f, v, a, b, out) || stay_aligned(f, v, b, a, out);
  default:
    return false;
  }
  return out->stride > -(1 << 24) && out->stride < (1 << 24);
}

// The same number in another integer type.
static bool stay_even_converted(vy__flow *f, const vy__value *v,
                                vy__lane_value *out) {
  if (v->op != VY__OP_CONVERT && v->op != VY__OP_BITCAST)
    return false;
  vy_type from = type_of(f, v->a[0]), to = (vy_type)v->type;
  vy__lane_value *a = vy__flow_get(f, v->a[0]);
  if (!a->scalar || !vy__is_int(from) || !vy__is_int(to))
    return false;
  LLVMTypeRef t = vy__llvm_type(f->e, to, 1);
  out->stride = a->stride;
  if (vy__type_bits(from) == vy__type_bits(to))
    out->scalar = a->scalar;
  else if (vy__type_bits(from) > vy__type_bits(to))
    out->scalar = LLVMBuildTrunc(f->e->builder, a->scalar, t, "");
  else if (from == VY_TYPE_U32 && a->no_wrap)
    out->scalar = LLVMBuildZExt(f->e->builder, a->scalar, t, "");
  else
    return false;
  out->no_wrap = a->no_wrap && vy__type_bits(from) <= vy__type_bits(to);
  return true;
}

// x % c == 0, of u32 and an odd c: x times the inverse of c modulo 2^32 is a
// quotient no larger than those of the multiples of c. NULL: it is not that.
static LLVMValueRef divides(vy__flow *f, const vy__value *v) {
  if ((v->op != VY__OP_EQ && v->op != VY__OP_NE) || v->a[1] == VY__NONE)
    return NULL;
  const vy__value *rem = &f->ir->values[v->a[0]],
                  *zero = &f->ir->values[v->a[1]];
  if (rem->op != VY__OP_REM || rem->type != VY_TYPE_U32 ||
      zero->op != VY__OP_CONST || zero->imm)
    return NULL;
  const vy__value *by = &f->ir->values[rem->a[1]];
  vy__lane_value *x = vy__flow_get(f, rem->a[0]);
  if (by->op != VY__OP_CONST || by->imm % 2 == 0 || vy__is_even(x))
    return NULL;
  uint32_t c = (uint32_t)by->imm, inverse = c; // right in three bits
  for (int i = 0; i < 4; i++)
    inverse *= 2 - c * inverse;
  LLVMBuilderRef b = f->e->builder;
  uint32_t w = f->e->width;
  LLVMValueRef q = LLVMBuildMul(b, vy__flow_vector(f, rem->a[0]),
                                vy__splat(b, vy__i32(f, inverse), w), "");
  return LLVMBuildICmp(b, v->op == VY__OP_EQ ? LLVMIntULE : LLVMIntUGT, q,
                       vy__splat(b, vy__i32(f, UINT32_MAX / c), w), "");
}

void vy__flow_make(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  if (f->stretch.on && f->stretch.known[value]) {
    vy__flow_set_scalar(f, value, f->stretch.known[value]);
    return;
  }
  if (v->op == VY__OP_LOAD) {
    vy__flow_load(f, value);
    return;
  }
  if (vy__op_row(v->op)->effect == VY__EFFECT_READ) {
    vy__flow_bytes_load(f, value);
    return;
  }
  if (vy__box_holds(f, value)) {
    vy__flow_set_scalar(f, value, LLVMConstInt(vy__t1(f), 1, 0));
    return;
  }
  bool even = true;
  vy_type types[3] = {VY_TYPE_NONE, VY_TYPE_NONE, VY_TYPE_NONE};
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++) {
    types[k] = type_of(f, v->a[k]);
    even = vy__is_even(vy__flow_get(f, v->a[k])) && even;
  }
  vy__lane_value out = {0};
  if (!even && (stay_even(f, v, &out) || stay_even_converted(f, v, &out))) {
    vy__flow_never_wraps(f, value, out.scalar);
    vy__flow_set(f, value, out);
    return;
  }
  LLVMValueRef a[3] = {NULL, NULL, NULL}, quick = divides(f, v);
  if (quick) {
    vy__flow_set_vector(f, value, quick);
    return;
  }
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++)
    a[k] = even ? vy__flow_scalar(f, v->a[k]) : vy__flow_vector(f, v->a[k]);
  LLVMValueRef x = vy__emit_pure(f->e, v, types, even ? 1 : f->e->width, a);
  if (even)
    vy__flow_never_wraps(f, value, x);
  if (even)
    vy__flow_set_scalar(f, value, x);
  else
    vy__flow_set_vector(f, value, x);
}

void vy__flow_make_at(vy__flow *f, uint32_t stmt) {
  for (uint32_t v = f->schedule.first[stmt]; v != VY__NONE;
       v = f->schedule.next[v])
    if (f->is_launch[v]) {
      (void)launch_value(f, v); // operands before users: no deep recursion
    } else {
      vy__split_next(f, vy__split_weight(f, v));
      vy__flow_make(f, v);
      if (f->made_in && f->range_now != VY__NONE &&
          f->made_in[v] == f->range_now && f->spill[v] != VY__NONE)
        vy__flow_spill(f, v);
    }
}
