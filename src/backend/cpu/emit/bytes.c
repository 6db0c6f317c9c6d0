// Loads and stores of 2, 4 and 8 bytes of a byte buffer. Whole ones are done
// at once; where a byte is missing, a function of the module goes through
// them one by one.
#include "backend/cpu/emit/memory.h"

static vy__place bytes_place(vy__flow *f, const vy__value *v) {
  return (vy__place){.base = vy__flow_data(f, v->ref),
                     .length = vy__flow_length(f, v->ref),
                     .param = v->ref,
                     .stride = 1,
                     .bytes = vy__op_elements(v->op),
                     .stored = VY_TYPE_U8};
}

// ---- byte by byte

typedef struct edge {
  LLVMValueRef function;
  LLVMTypeRef type;
  LLVMBuilderRef builder;
  LLVMValueRef base, length, offset, bits; // parameters
  LLVMBasicBlockRef head, in, next, done;
  LLVMValueRef k, at; // at the head: i64
} edge;

// i64 NAME(ptr base, i64 length, i64 offset, i64 bits): a loop over the bytes.
static void edge_begin(vy__flow *f, edge *g, const char *name, uint32_t count,
                       bool is_signed) {
  vy__emit *e = f->e;
  LLVMTypeRef params[] = {vy__tptr(f), vy__t64(f), vy__t64(f), vy__t64(f)};
  g->type = LLVMFunctionType(vy__t64(f), params, 4, 0);
  g->function = LLVMAddFunction(e->module, name, g->type);
  vy__emit_attributes(e, g->function, true);
  g->builder = LLVMCreateBuilderInContext(e->context);
  g->base = LLVMGetParam(g->function, 0);
  g->length = LLVMGetParam(g->function, 1);
  g->offset = LLVMGetParam(g->function, 2);
  g->bits = LLVMGetParam(g->function, 3);
  LLVMBuilderRef b = g->builder;
  LLVMBasicBlockRef start =
      LLVMAppendBasicBlockInContext(e->context, g->function, "");
  g->head = LLVMAppendBasicBlockInContext(e->context, g->function, "head");
  g->in = LLVMAppendBasicBlockInContext(e->context, g->function, "in");
  g->next = LLVMAppendBasicBlockInContext(e->context, g->function, "next");
  g->done = LLVMAppendBasicBlockInContext(e->context, g->function, "done");
  LLVMPositionBuilderAtEnd(b, start);
  LLVMBuildBr(b, g->head);
  LLVMPositionBuilderAtEnd(b, g->head);
  g->k = LLVMBuildPhi(b, vy__t64(f), "k");
  LLVMValueRef zero = vy__i64(f, 0);
  LLVMAddIncoming(g->k, &zero, &start, 1);
  g->at = LLVMBuildAdd(b, g->offset, g->k, "");
  LLVMValueRef ok = LLVMBuildICmp(b, LLVMIntULT, g->at, g->length, "");
  if (!is_signed)
    ok = LLVMBuildAnd(b, ok, LLVMBuildICmp(b, LLVMIntUGE, g->at, g->offset, ""),
                      "");
  LLVMBuildCondBr(b, ok, g->in, g->next);
  LLVMPositionBuilderAtEnd(b, g->next);
  LLVMValueRef k = LLVMBuildAdd(b, g->k, vy__i64(f, 1), "");
  LLVMAddIncoming(g->k, &k, &g->next, 1);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, k, vy__i64(f, count), ""),
                  g->head, g->done);
}

static LLVMValueRef shift_of(vy__flow *f, const edge *g) {
  return LLVMBuildShl(g->builder, g->k, vy__i64(f, 3), "");
}

static LLVMValueRef byte_at(vy__flow *f, const edge *g) {
  return LLVMBuildGEP2(g->builder, vy__t8(f), g->base, (LLVMValueRef[]){g->at},
                       1, "");
}

static void name_edge(char out[32], const char *what, uint32_t count,
                      bool is_signed) {
  size_t n = strlen(what);
  memcpy(out, what, n);
  out[n] = (char)('0' + count);
  out[n + 1] = is_signed ? 's' : 'u';
  out[n + 2] = 0;
}

// The function and its type; true when it is new, and g->builder is in it.
static bool edge_open(vy__flow *f, edge *g, const char *what, uint32_t count,
                      bool is_signed) {
  char name[32];
  name_edge(name, what, count, is_signed);
  g->function = LLVMGetNamedFunction(f->e->module, name);
  if (g->function)
    g->type = LLVMGlobalGetValueType(g->function);
  else
    edge_begin(f, g, name, count, is_signed);
  return g->builder != NULL;
}

static void edge_end(edge *g, LLVMValueRef result) {
  LLVMPositionBuilderAtEnd(g->builder, g->done);
  LLVMBuildRet(g->builder, result);
  LLVMDisposeBuilder(g->builder);
}

static LLVMValueRef load_function(vy__flow *f, uint32_t count, bool is_signed,
                                  LLVMTypeRef *type) {
  edge g = {0};
  bool is_new = edge_open(f, &g, "load_edge_", count, is_signed);
  *type = g.type;
  if (!is_new)
    return g.function;
  LLVMBuilderRef b = g.builder;
  // `bits` gathers in a phi at the head.
  LLVMPositionBuilderBefore(b, LLVMGetNextInstruction(g.k));
  LLVMValueRef sum = LLVMBuildPhi(b, vy__t64(f), "sum");
  LLVMBasicBlockRef start = LLVMGetEntryBasicBlock(g.function);
  LLVMAddIncoming(sum, &g.bits, &start, 1);
  LLVMPositionBuilderAtEnd(b, g.in);
  LLVMValueRef x = LLVMBuildLoad2(b, vy__t8(f), byte_at(f, &g), "");
  x = LLVMBuildZExt(b, x, vy__t64(f), "");
  x = LLVMBuildOr(b, sum, LLVMBuildShl(b, x, shift_of(f, &g), ""), "");
  LLVMBuildBr(b, g.next);
  LLVMPositionBuilderBefore(b, LLVMGetFirstInstruction(g.next));
  LLVMValueRef now = LLVMBuildPhi(b, vy__t64(f), "now");
  LLVMAddIncoming(now, (LLVMValueRef[]){sum, x},
                  (LLVMBasicBlockRef[]){g.head, g.in}, 2);
  LLVMAddIncoming(sum, &now, &g.next, 1);
  edge_end(&g, now);
  return g.function;
}

static LLVMValueRef store_function(vy__flow *f, uint32_t count, bool is_signed,
                                   LLVMTypeRef *type) {
  edge g = {0};
  bool is_new = edge_open(f, &g, "store_edge_", count, is_signed);
  *type = g.type;
  if (!is_new)
    return g.function;
  LLVMBuilderRef b = g.builder;
  LLVMPositionBuilderAtEnd(b, g.in);
  LLVMValueRef x = LLVMBuildLShr(b, g.bits, shift_of(f, &g), "");
  LLVMBuildStore(b, LLVMBuildTrunc(b, x, vy__t8(f), ""), byte_at(f, &g));
  LLVMBuildBr(b, g.next);
  edge_end(&g, g.bits);
  return g.function;
}

static LLVMValueRef call_load(vy__flow *f, const vy__place *p, vy_type type,
                              LLVMValueRef offset64, LLVMTypeRef word) {
  LLVMTypeRef t;
  LLVMValueRef fn = load_function(f, p->bytes, vy__is_signed(type), &t);
  LLVMValueRef args[] = {p->base, p->length, offset64, vy__i64(f, 0)};
  LLVMValueRef x = LLVMBuildCall2(f->e->builder, t, fn, args, 4, "");
  return LLVMBuildIntCast2(f->e->builder, x, word, 0, "");
}

static void call_store(vy__flow *f, const vy__place *p, vy_type type,
                       LLVMValueRef offset64, LLVMValueRef bits) {
  LLVMTypeRef t;
  LLVMValueRef fn = store_function(f, p->bytes, vy__is_signed(type), &t);
  LLVMValueRef wide = LLVMBuildIntCast2(f->e->builder, bits, vy__t64(f), 0, "");
  LLVMValueRef args[] = {p->base, p->length, offset64, wide};
  (void)LLVMBuildCall2(f->e->builder, t, fn, args, 4, "");
}

// ---- loads

static LLVMTypeRef word_of(vy__flow *f, const vy__place *p) {
  return LLVMIntTypeInContext(f->e->context, 8 * p->bytes);
}

static void report(vy__flow *f, uint32_t value, LLVMValueRef bad_bits,
                   LLVMValueRef offsets64, const vy__place *p, vy_type type) {
  if (f->strict)
    vy__report_bounds(f, value, bad_bits, offsets64, p->length,
                      vy__is_signed(type));
}

static LLVMValueRef join(vy__flow *f, LLVMTypeRef type, LLVMValueRef a,
                         LLVMBasicBlockRef from_a, LLVMValueRef b,
                         LLVMBasicBlockRef from_b) {
  LLVMValueRef phi = LLVMBuildPhi(f->e->builder, type, "");
  LLVMAddIncoming(phi, (LLVMValueRef[]){a, b},
                  (LLVMBasicBlockRef[]){from_a, from_b}, 2);
  return phi;
}

static void load_even(vy__flow *f, uint32_t value, const vy__place *p,
                      vy_type type, LLVMValueRef offset, LLVMTypeRef result) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef word = word_of(f, p);
  LLVMBasicBlockRef in = vy__flow_block(f, "whole"),
                    out = vy__flow_block(f, "edge"),
                    both = vy__flow_block(f, "loaded");
  LLVMValueRef at = vy__index64(f, type, offset);
  LLVMBuildCondBr(b, vy__window_inside(f, p, type, offset, p->bytes), in, out);
  LLVMPositionBuilderAtEnd(b, in);
  LLVMValueRef x = vy__load_raw(f, word, vy__ptr_add(f, p->base, at), 1);
  LLVMBuildBr(b, both);
  LLVMPositionBuilderAtEnd(b, out);
  if (f->strict) { // a window may also be called outside where it is not
    LLVMValueRef n = vy__i64(f, p->bytes);
    LLVMValueRef fits = LLVMBuildICmp(b, LLVMIntUGE, p->length, n, "");
    LLVMValueRef last = LLVMBuildSub(b, p->length, n, "");
    LLVMValueRef ok =
        LLVMBuildAnd(b, fits, LLVMBuildICmp(b, LLVMIntULE, at, last, ""), "");
    LLVMValueRef bits =
        LLVMBuildSelect(b, ok, vy__i32(f, 0), vy__mask_bits(f, f->mask), "");
    report(f, value, bits, vy__splat(b, at, f->e->width), p, type);
  }
  LLVMValueRef y = call_load(f, p, type, at, word);
  out = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, both);
  LLVMPositionBuilderAtEnd(b, both);
  x = join(f, word, x, in, y, out);
  vy__flow_set_scalar(f, value, LLVMBuildIntCast2(b, x, result, 0, ""));
}

// i1 vector: is the whole of each lane's access inside?
static LLVMValueRef whole(vy__flow *f, const vy__place *p,
                          LLVMValueRef offsets64) {
  LLVMBuilderRef b = f->entry;
  LLVMValueRef n = vy__i64(f, p->bytes);
  LLVMValueRef fits = LLVMBuildICmp(b, LLVMIntUGE, p->length, n, "");
  LLVMValueRef starts =
      LLVMBuildSub(b, p->length, vy__i64(f, p->bytes - 1), "");
  starts = LLVMBuildSelect(b, fits, starts, vy__i64(f, 0), "");
  return LLVMBuildICmp(f->e->builder, LLVMIntULT, offsets64,
                       vy__splat(b, starts, f->e->width), "");
}

// Words of the lanes in `ok`, others get zeros. One by one: gathering them is
// slow on processors of all makers when words lie across cache lines, as they
// often do at any offset in bytes.
static LLVMValueRef load_whole(vy__flow *f, const vy__place *p,
                               LLVMValueRef offsets64, LLVMValueRef ok) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef word = word_of(f, p);
  LLVMValueRef zero = vy__flow_alloca(f, vy__t64(f), "zero");
  LLVMBuildStore(f->entry, vy__i64(f, 0), zero);
  LLVMValueRef at = LLVMBuildGEP2(b, vy__t8(f), p->base, &offsets64, 1, "");
  at = LLVMBuildSelect(b, ok, at, vy__splat(b, zero, f->e->width), "");
  return vy__load_each(f, word, at);
}

static LLVMValueRef load_any(vy__flow *f, uint32_t value, const vy__place *p,
                             vy_type type, LLVMValueRef offsets) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef word = word_of(f, p), words = vy__vector_of(f, word);
  LLVMValueRef wide = vy__index64(f, type, offsets);
  LLVMValueRef ok = whole(f, p, wide);
  LLVMValueRef x = load_whole(f, p, wide, ok);
  LLVMValueRef bad =
      LLVMBuildAnd(b, vy__mask_bits(f, f->mask),
                   LLVMBuildNot(b, vy__bool_bits(f, ok), ""), "");
  LLVMBasicBlockRef some = vy__flow_block(f, "edges"),
                    done = vy__flow_block(f, "loaded"),
                    from = LLVMGetInsertBlock(b);
  LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, bad, vy__i32(f, 0), ""), some,
                  done);
  LLVMPositionBuilderAtEnd(b, some);
  report(f, value, bad, wide, p, type);
  LLVMValueRef out = vy__park(f, x), parked = vy__park(f, wide);
  vy__lane_loop l;
  vy__lanes_begin(f, &l, bad);
  LLVMValueRef at = vy__parked(f, parked, vy__t64(f), l.lane);
  LLVMBuildStore(b, call_load(f, p, type, at, word),
                 vy__parked_at(f, out, word, l.lane));
  vy__lanes_end(f, &l);
  LLVMValueRef y = LLVMBuildLoad2(b, words, out, "");
  some = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, done);
  LLVMPositionBuilderAtEnd(b, done);
  return join(f, words, x, from, y, some);
}

// Consecutive lanes read consecutive words.
static LLVMValueRef load_window(vy__flow *f, uint32_t value, const vy__place *p,
                                vy_type type, uint32_t offset) {
  LLVMBuilderRef b = f->e->builder;
  LLVMTypeRef words = vy__vector_of(f, word_of(f, p));
  LLVMValueRef first = vy__flow_get(f, offset)->scalar;
  LLVMValueRef all = vy__flow_vector(f, offset);
  LLVMBasicBlockRef in = vy__flow_block(f, "window"),
                    out = vy__flow_block(f, "edge"),
                    both = vy__flow_block(f, "loaded");
  LLVMBuildCondBr(
      b, vy__window_inside(f, p, type, first, f->e->width * p->bytes), in, out);
  LLVMPositionBuilderAtEnd(b, in);
  LLVMValueRef x = vy__load_raw(
      f, words, vy__ptr_add(f, p->base, vy__index64(f, type, first)), 1);
  LLVMBuildBr(b, both);
  LLVMPositionBuilderAtEnd(b, out);
  LLVMValueRef y = load_any(f, value, p, type, all);
  out = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, both);
  LLVMPositionBuilderAtEnd(b, both);
  return join(f, words, x, in, y, out);
}

void vy__flow_bytes_load(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  vy__place p = bytes_place(f, v);
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  vy__lane_value *offset = vy__flow_get(f, v->a[0]);
  LLVMTypeRef result = vy__llvm_type(f->e, (vy_type)v->type, 1);
  if (vy__is_even(offset)) {
    load_even(f, value, &p, type, offset->scalar, result);
    return;
  }
  LLVMValueRef x =
      offset->scalar && offset->stride == p.bytes && !f->strict
          ? load_window(f, value, &p, type, v->a[0])
          : load_any(f, value, &p, type, vy__flow_vector(f, v->a[0]));
  vy__flow_set_vector(
      f, value,
      LLVMBuildIntCast2(f->e->builder, x, vy__vector_of(f, result), 0, ""));
}

// ---- stores

static void store_any(vy__flow *f, uint32_t value, const vy__place *p,
                      vy_type type, LLVMValueRef offsets, LLVMValueRef words) {
  LLVMValueRef wide = vy__index64(f, type, offsets);
  LLVMValueRef bits = vy__mask_bits(f, f->mask);
  if (f->strict) {
    LLVMValueRef good = vy__bool_bits(f, whole(f, p, wide));
    LLVMValueRef bad = LLVMBuildAnd(f->e->builder, bits,
                                    LLVMBuildNot(f->e->builder, good, ""), "");
    report(f, value, bad, wide, p, type);
  }
  LLVMValueRef at = vy__park(f, wide), values = vy__park(f, words);
  vy__lane_loop l;
  vy__lanes_begin(f, &l, bits);
  call_store(f, p, type, vy__parked(f, at, vy__t64(f), l.lane),
             vy__parked(f, values, word_of(f, p), l.lane));
  vy__lanes_end(f, &l);
}

static void store_window(vy__flow *f, uint32_t value, const vy__place *p,
                         vy_type type, uint32_t offset, LLVMValueRef words) {
  LLVMBuilderRef b = f->e->builder;
  LLVMValueRef first = vy__flow_get(f, offset)->scalar;
  LLVMValueRef all = vy__flow_vector(f, offset);
  LLVMBasicBlockRef in = vy__flow_block(f, "window"),
                    out = vy__flow_block(f, "edge"),
                    both = vy__flow_block(f, "stored");
  LLVMBuildCondBr(
      b, vy__window_inside(f, p, type, first, f->e->width * p->bytes), in, out);
  LLVMPositionBuilderAtEnd(b, in);
  vy__store_raw(f, words, vy__ptr_add(f, p->base, vy__index64(f, type, first)),
                1);
  LLVMBuildBr(b, both);
  LLVMPositionBuilderAtEnd(b, out);
  store_any(f, value, p, type, all, words);
  LLVMBuildBr(b, both);
  LLVMPositionBuilderAtEnd(b, both);
}

void vy__flow_bytes_store(vy__flow *f, uint32_t value) {
  const vy__value *v = &f->ir->values[value];
  vy__place p = bytes_place(f, v);
  vy_type type = (vy_type)f->ir->values[v->a[0]].type;
  LLVMValueRef words =
      LLVMBuildIntCast2(f->e->builder, vy__flow_vector(f, v->a[1]),
                        vy__vector_of(f, word_of(f, &p)), 0, "");
  vy__lane_value *offset = vy__flow_get(f, v->a[0]);
  bool window = offset->stride == p.bytes || f->e->width == 1;
  if (offset->scalar && window && !f->mask && !f->strict)
    store_window(f, value, &p, type, v->a[0], words);
  else
    store_any(f, value, &p, type, vy__flow_vector(f, v->a[0]), words);
}
