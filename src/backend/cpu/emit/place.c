// Where accesses go, and whether they may.
#include "backend/cpu/emit/memory.h"

static LLVMValueRef scratch_at(vy__flow *f, LLVMBuilderRef b, uint64_t offset) {
  LLVMValueRef at = vy__i64(f, offset);
  return LLVMBuildGEP2(b, vy__t8(f), f->scratch, &at, 1, "");
}

static LLVMValueRef table_of(vy__flow *f, uint32_t table) {
  if (f->tables[table])
    return f->tables[table];
  const vy__table *t = &f->ir->tables[table];
  uint32_t bytes = vy__type_bytes((vy_type)t->type);
  LLVMTypeRef word = LLVMIntTypeInContext(f->e->context, 8 * bytes);
  LLVMValueRef *v = vy__calloc(f->e->job->alloc, t->count, sizeof *v);
  if (!v) {
    f->e->oom = true;
    return LLVMConstNull(vy__tptr(f));
  }
  for (uint32_t i = 0; i < t->count; i++)
    v[i] = LLVMConstInt(word, f->ir->table_bits[t->first + i], 0);
  LLVMValueRef data = LLVMConstArray2(word, v, t->count);
  vy__free(f->e->job->alloc, v, t->count * sizeof *v);
  LLVMValueRef g = LLVMAddGlobal(f->e->module, LLVMTypeOf(data), "table");
  LLVMSetInitializer(g, data);
  LLVMSetGlobalConstant(g, 1);
  LLVMSetLinkage(g, LLVMPrivateLinkage);
  LLVMSetAlignment(g, 16);
  return f->tables[table] = g;
}

static void know(vy__flow *f, vy__place *p, uint64_t length) {
  p->known = length;
  p->is_known = true;
  p->length = vy__i64(f, length);
}

static vy__place array_place(const vy__array *a) {
  uint32_t bytes = vy__type_bytes((vy_type)a->type);
  return (vy__place){
      .stride = bytes, .bytes = bytes, .stored = (vy_type)a->type};
}

static vy__place buffer_place(vy__flow *f, const vy__value *v) {
  const vy__param *param = &f->ir->params[v->ref];
  const vy__field *field = &f->ir->fields[param->first_field + v->field];
  vy__place p = {.param = v->ref,
                 .stride = param->element_size,
                 .stored = (vy_type)field->type,
                 .bytes = vy__type_bytes((vy_type)field->type)};
  p.start = vy__flow_data(f, v->ref);
  p.field = field->offset;
  p.base = vy__ptr_add(f, p.start, vy__i64(f, field->offset));
  p.length = vy__flow_length(f, v->ref);
  return p;
}

static LLVMValueRef private_base(vy__flow *f, uint32_t array) {
  if (f->private_slot[array])
    return f->private_slot[array];
  // Behind the group's memory: all arrays of one vector after another.
  uint64_t each = (uint64_t)f->e->program->private_bytes * f->e->width;
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef at = scratch_at(
      f, b,
      f->private_memory + (uint64_t)f->private_offset[array] * f->e->width);
  if (!f->index)
    return at;
  LLVMValueRef step = LLVMBuildMul(b, f->index, vy__i64(f, each), "");
  return LLVMBuildGEP2(b, vy__t8(f), at, &step, 1, "");
}

vy__place vy__place_of(vy__flow *f, const vy__value *v) {
  vy__place p;
  if (v->space == VY__SPACE_GROUP) {
    p = array_place(&f->ir->groups[v->ref]);
    p.base = scratch_at(f, f->e->builder, f->group_offset[v->ref]);
    p.by_group = true;
    p.start = p.base;
    know(f, &p, f->e->program->group_lengths[v->ref]);
    return p;
  }
  if (v->space == VY__SPACE_PRIVATE) {
    p = array_place(&f->ir->privates[v->ref]);
    p.base = private_base(f, v->ref);
    p.is_private = p.by_group = true;
    know(f, &p, f->e->program->private_lengths[v->ref]);
    return p;
  }
  if (v->space == VY__SPACE_TABLE) {
    const vy__table *t = &f->ir->tables[v->ref];
    uint32_t bytes = vy__type_bytes((vy_type)t->type);
    p = (vy__place){
        .stride = bytes, .bytes = bytes, .stored = (vy_type)t->type};
    p.base = p.start = table_of(f, v->ref);
    know(f, &p, t->count);
    return p;
  }
  return buffer_place(f, v); // bytes accesses name no space
}

// ---- checks

bool vy__own_inside(vy__flow *f, uint32_t value) {
  if (f->strict)
    return false;
  uint32_t kind = f->e->lowered->check[value];
  if (vy__stretch_inside(f, value) || vy__box_holds(f, value))
    return true;
  if (kind == VY__CHECK_FACT && f->fast)
    return f->used_facts = true;
  return kind == VY__CHECK_NONE;
}

// A proof may rest on the control around the access, which holds for the
// lanes that run; one by facts holds for all lanes that exist, which a group's
// last vector may exceed.
bool vy__all_inside(vy__flow *f, uint32_t value) {
  if (f->strict)
    return false;
  const uint32_t *g = f->e->program->group_size;
  bool whole = g[0] * g[1] * g[2] % f->e->width == 0 || !f->ir->uses_groups;
  if (f->e->lowered->check[value] == VY__CHECK_NONE || !whole)
    return f->mask == NULL && vy__own_inside(f, value);
  return vy__own_inside(f, value);
}

bool vy__has_masked(const vy__flow *f, const vy__place *p) {
  return f->e->width > 1 && (f->e->isa == VY__ISA_AVX512 ||
                             (f->e->isa == VY__ISA_AVX2 && p->bytes >= 4));
}

// An unsigned window that may wrap is not one piece of memory, though each of
// the lanes that run be inside.
bool vy__mask_is_proof(vy__flow *f, const vy__place *p, uint32_t value) {
  uint32_t index = f->ir->values[value].a[0];
  return f->mask && !f->strict && vy__has_masked(f, p) &&
         (vy__flow_get(f, index)->no_wrap ||
          vy__is_signed((vy_type)f->ir->values[index].type)) &&
         vy__own_inside(f, value);
}

// An index that is put together without wrapping, in 64 bits from its parts
// on: so constants end up in addresses.
static LLVMValueRef widened(vy__flow *f, LLVMValueRef x, int depth) {
  LLVMBuilderRef b = f->e->builder;
  if (LLVMIsATruncInst(x) && LLVMGetNUW(x) &&
      LLVMTypeOf(LLVMGetOperand(x, 0)) == vy__t64(f))
    return LLVMGetOperand(x, 0);
  LLVMOpcode op =
      LLVMIsABinaryOperator(x) ? LLVMGetInstructionOpcode(x) : (LLVMOpcode)0;
  bool splits = (op == LLVMAdd || op == LLVMMul || op == LLVMShl) && depth &&
                LLVMGetNUW(x);
  if (!splits)
    return LLVMBuildZExt(b, x, vy__t64(f), "");
  LLVMValueRef left = widened(f, LLVMGetOperand(x, 0), depth - 1),
               right = widened(f, LLVMGetOperand(x, 1), depth - 1);
  return op == LLVMAdd   ? LLVMBuildNUWAdd(b, left, right, "")
         : op == LLVMMul ? LLVMBuildNUWMul(b, left, right, "")
                         : LLVMBuildShl(b, left, right, "");
}

LLVMValueRef vy__index64(vy__flow *f, vy_type type, LLVMValueRef index) {
  LLVMTypeRef to = vy__t64(f), from = LLVMTypeOf(index);
  if (LLVMGetTypeKind(from) == LLVMVectorTypeKind)
    to = LLVMVectorType(to, LLVMGetVectorSize(from));
  if (vy__type_bits(type) == 64)
    return index;
  if (type == VY_TYPE_U32 && to == vy__t64(f))
    return widened(f, index, 6);
  return type == VY_TYPE_I32 ? LLVMBuildSExt(f->e->builder, index, to, "")
                             : LLVMBuildZExt(f->e->builder, index, to, "");
}

// Built in the entry block, from what is there.
static LLVMValueRef entry_min(vy__flow *f, LLVMValueRef v, uint64_t most) {
  LLVMValueRef c = LLVMBuildICmp(f->entry, LLVMIntULT, v, vy__i64(f, most), "");
  return LLVMBuildSelect(f->entry, c, v, vy__i64(f, most), "");
}

// Indices that a type can reach.
static uint64_t reach(vy_type type) {
  return type == VY_TYPE_U32   ? UINT64_C(1) << 32
         : type == VY_TYPE_I32 ? UINT64_C(1) << 31
                               : UINT64_MAX;
}

LLVMValueRef vy__window_inside(vy__flow *f, const vy__place *p, vy_type type,
                               LLVMValueRef first, uint32_t count) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef starts; // the number of places where a window may start
  if (p->is_known) {
    uint64_t n = p->known < reach(type) ? p->known : reach(type);
    starts = vy__i64(f, n < count ? 0 : n - count + 1);
  } else {
    LLVMValueRef n = entry_min(f, p->length, reach(type));
    LLVMValueRef fits =
        LLVMBuildICmp(f->entry, LLVMIntUGE, n, vy__i64(f, count), "");
    LLVMValueRef rest = LLVMBuildSub(f->entry, n, vy__i64(f, count - 1), "");
    starts = LLVMBuildSelect(f->entry, fits, rest, vy__i64(f, 0), "");
  }
  return LLVMBuildICmp(b, LLVMIntULT, vy__index64(f, type, first), starts, "");
}

// <W x i32> of the last index inside, for types of 32 bits; at length 0 it is
// 0, and element 0 can be read.
static LLVMValueRef last_inside(vy__flow *f, const vy__place *p, vy_type type) {
  if (p->is_known)
    return vy__splat(f->entry, vy__i32(f, p->known - 1), f->e->width);
  LLVMValueRef *memo =
      type == VY_TYPE_I32 ? &f->last31[p->param] : &f->last32[p->param];
  if (*memo)
    return *memo;
  LLVMBuilderRef b = f->entry;
  LLVMValueRef n = entry_min(f, p->length, reach(type));
  LLVMValueRef some = LLVMBuildICmp(b, LLVMIntNE, n, vy__i64(f, 0), "");
  n = LLVMBuildSub(b, n, vy__i64(f, 1), "");
  n = LLVMBuildSelect(b, some, n, vy__i64(f, 0), "");
  return *memo =
             vy__splat(b, LLVMBuildTrunc(b, n, vy__t32(f), ""), f->e->width);
}

static LLVMValueRef has_some(vy__flow *f, const vy__place *p) {
  LLVMValueRef *memo = &f->some[p->param];
  if (!*memo)
    *memo = vy__splat(
        f->entry,
        LLVMBuildICmp(f->entry, LLVMIntNE, p->length, vy__i64(f, 0), ""),
        f->e->width);
  return *memo;
}

LLVMValueRef vy__inside(vy__flow *f, const vy__place *p, vy_type type,
                        LLVMValueRef index, uint32_t lanes) {
  LLVMBuilderRef b = f->e->builder;
  if (lanes > 1 && vy__type_bits(type) == 32) {
    LLVMValueRef last = last_inside(f, p, type);
    LLVMValueRef ok = LLVMBuildICmp(b, LLVMIntULE, index, last, "");
    if (p->is_known)
      return p->known ? ok : LLVMConstNull(LLVMTypeOf(ok));
    return LLVMBuildAnd(b, ok, has_some(f, p), "");
  }
  LLVMValueRef n = p->length;
  if (lanes > 1)
    n = vy__splat(f->entry, n, lanes);
  return LLVMBuildICmp(b, LLVMIntULT, vy__index64(f, type, index), n, "");
}
