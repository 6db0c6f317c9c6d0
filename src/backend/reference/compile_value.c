// Values to instructions: leaves get registers of their own, shared by equal
// ones; pure operations are calls of the evaluator; memory and collectives
// are instructions with a site.
#include "backend/collective.h"
#include "backend/reference/compile.h"

// ---- leaves

static bool is_lane_leaf(uint32_t op) {
  return op == VY__OP_GROUP_ID || vy__op_row(op)->laws & VY__LAW_LANE;
}

static uint32_t leaf_hash(const vy__value *v) {
  uint64_t h = (v->imm ^ (uint64_t)v->ref << 32 ^ v->op) * 0x9e3779b97f4a7c15u;
  return (uint32_t)(h >> 32);
}

static void add_leaf(vy__maker *m, uint32_t value) {
  struct vy__code *c = m->code;
  const vy__value *v = &m->ir->values[value];
  uint32_t i = leaf_hash(v) & (m->bucket_count - 1);
  for (; m->buckets[i] != VY__NONE; i = (i + 1) & (m->bucket_count - 1)) {
    const vy__leaf *l = &c->leaves[m->buckets[i]];
    if (l->op == v->op && l->ref == v->ref && l->imm == v->imm) {
      m->regs[value] = l->reg;
      return;
    }
  }
  if (!vy__grow(c->alloc, (void **)&c->leaves, &c->leaf_capacity,
                c->leaf_count + 1, sizeof *c->leaves)) {
    vy__maker_oom(m);
    return;
  }
  uint32_t reg = c->registers++;
  c->leaves[c->leaf_count] = (vy__leaf){reg, v->op, v->ref, v->imm};
  m->buckets[i] = (uint32_t)c->leaf_count++;
  m->regs[value] = reg;
}

void vy__maker_leaves(vy__maker *m, bool of_lane) {
  for (uint32_t v = 0; v < m->ir->value_count && m->status == VY_OK; v++) {
    uint32_t op = m->ir->values[v].op;
    if (vy__op_row(op)->effect == VY__EFFECT_LEAF && op != VY__OP_LOOP_INDEX &&
        is_lane_leaf(op) == of_lane)
      add_leaf(m, v);
  }
}

// ---- values

static uint32_t view_of(const struct vy__code *c, uint32_t space,
                        uint32_t ref) {
  switch ((vy__space)space) {
  case VY__SPACE_TABLE:
    return c->first_table + ref;
  case VY__SPACE_GROUP:
    return c->first_group + ref;
  case VY__SPACE_PRIVATE:
    return c->first_private + ref;
  case VY__SPACE_NONE:
  case VY__SPACE_BUFFER:
    break;
  }
  return ref;
}

static bool converts(vy_type t) { return !vy__is_int(t); }

static vy__site site_of(const vy__maker *m, uint32_t value) {
  const vy__ir *ir = m->ir;
  const vy__value *v = &ir->values[value];
  vy_type index_type = (vy_type)ir->values[v->a[0]].type;
  uint32_t space = v->space ? v->space : VY__SPACE_BUFFER; // byte accesses
  vy__site s = {.space = (uint8_t)space,
                .ref = v->ref,
                .value = value,
                .view = view_of(m->code, space, v->ref),
                .narrow = index_type == VY_TYPE_I32,
                .is_signed = vy__is_signed(index_type)};
  vy_type type = VY_TYPE_U64;
  if (space == VY__SPACE_BUFFER) {
    const vy__param *p = &ir->params[v->ref];
    const vy__field *f = &ir->fields[p->first_field + v->field];
    type = (vy_type)f->type;
    s.stride = p->element_size;
    s.offset = f->offset;
    s.watched = p->access != VY_ACCESS_READ;
  } else if (space == VY__SPACE_TABLE) {
    s.stride = 8; // already converted
  } else {
    const vy__array *a =
        space == VY__SPACE_GROUP ? &ir->groups[v->ref] : &ir->privates[v->ref];
    type = (vy_type)a->type;
    s.stride = vy__type_bytes(type);
    s.watched = space == VY__SPACE_GROUP;
  }
  s.type = (uint8_t)type;
  s.bytes = (uint8_t)vy__type_bytes(type);
  s.convert = converts(type);
  return s;
}

static uint32_t add_site(vy__maker *m, uint32_t value) {
  struct vy__code *c = m->code;
  if (m->status != VY_OK ||
      !vy__grow(c->alloc, (void **)&c->sites, &c->site_capacity,
                c->site_count + 1, sizeof *c->sites)) {
    vy__maker_oom(m);
    return 0;
  }
  c->sites[c->site_count] = site_of(m, value);
  return (uint32_t)c->site_count++;
}

static uint64_t second(uint64_t a, uint64_t b, uint64_t c) {
  (void)a, (void)c;
  return b;
}

static vy__eval_fn find(vy__maker *m, vy__op op, vy_type type, vy_type to) {
  vy__eval_fn fn = vy__evaluator_pinned(op, type, to);
  if (!fn && m->status == VY_OK)
    m->status = vy__fail(m->diags, NULL, VY__E_UNSUPPORTED,
                         "the operation %s on %s has no evaluator here",
                         vy__op_row(op)->name, vy__type_name(type));
  return fn;
}

static void emit_pure(vy__maker *m, const vy__value *v, vy__ins ins) {
  const vy__op_info *row = vy__op_row(v->op);
  const vy__ir *ir = m->ir;
  // The condition of a select is not of the type that selects the function.
  uint32_t typed = row->sig == VY__SIG_SELECT ? v->a[1] : v->a[0];
  vy_type type = (vy_type)ir->values[typed].type;
  ins.fn = find(m, (vy__op)v->op, type, (vy_type)v->type);
  ins.kind = row->operands == 1   ? VY__INS_UNARY
             : row->operands == 2 ? VY__INS_BINARY
                                  : VY__INS_TERNARY;
  if (row->sig == VY__SIG_SHIFT) {
    ins.kind = VY__INS_SHIFT;
    ins.c = (uint32_t)vy__shift_amount(type, UINT64_MAX);
  }
  vy__maker_emit(m, ins);
}

static void emit_access(vy__maker *m, const vy__value *v, vy__ins ins,
                        vy__ins_kind kind) {
  ins.kind = (uint16_t)kind;
  if (kind == VY__INS_BYTES_LOAD || kind == VY__INS_BYTES_STORE)
    ins.c = vy__op_elements(v->op);
  if (kind == VY__INS_ATOMIC_APPLY) {
    vy__op op = vy__op_applies(v->op);
    ins.fn = op ? find(m, op, (vy_type)v->type, VY_TYPE_NONE) : second;
  }
  ins.target = add_site(m, ins.id);
  vy__maker_emit(m, ins);
}

static void emit_meet(vy__maker *m, const vy__value *v, vy__ins ins) {
  const vy__ir *ir = m->ir;
  ins.kind = VY__INS_MEET;
  if (v->a[0] != VY__NONE)
    ins.type = ir->values[v->a[0]].type;
  if (v->a[1] != VY__NONE)
    ins.index_type = ir->values[v->a[1]].type;
  vy__op op = vy__op_applies(v->op);
  if (op)
    ins.fn = find(m, op, (vy_type)ins.type, VY_TYPE_NONE);
  m->code->meets = 1;
  vy__maker_emit(m, ins);
}

// A variable read can be the variable's own register while nothing sets it
// before the last use. Statements between the two, in the order of the text,
// hold all that may run between: a loop as a whole, if it holds a use.
static bool is_alias(const vy__maker *m, uint32_t id) {
  return m->schedule.set[id] >= m->schedule.last[id];
}

// The register for the result of `id`, made at statement `stmt`: that of the
// variable, if all that is done with it is to be assigned right there. It is
// then the last value computed before the assignment, and no alias of the
// variable is needed after.
static uint32_t result_register(vy__maker *m, uint32_t id, uint32_t stmt) {
  const vy__stmt *t = &m->ir->stmts[stmt];
  const vy__placement *s = &m->schedule;
  if (t->kind == VY__STMT_EXEC && t->a != id && s->last[id] == stmt) {
    const vy__value *v = &m->ir->values[t->a];
    if (v->op == VY__OP_VAR_SET && v->a[0] == id)
      return m->code->first_var + v->ref;
  }
  return vy__maker_take(m);
}

static void emit_move(vy__maker *m, vy__ins ins) {
  ins.kind = VY__INS_MOVE;
  if (ins.dst != ins.a)
    vy__maker_emit(m, ins);
}

void vy__maker_value(vy__maker *m, uint32_t id, uint32_t stmt) {
  const vy__value *v = &m->ir->values[id];
  vy__ins ins = {.id = id};
  uint32_t *slots[] = {&ins.a, &ins.b, &ins.c};
  for (uint32_t k = 0; k < 3; k++)
    if (v->a[k] != VY__NONE)
      *slots[k] = m->regs[v->a[k]];
  if (v->op == VY__OP_VAR_GET && is_alias(m, id)) {
    m->regs[id] = m->code->first_var + v->ref;
    return;
  }
  ins.dst = m->regs[id] = result_register(m, id, stmt);
  switch ((vy__sig)vy__op_row(v->op)->sig) {
  case VY__SIG_CONST:
  case VY__SIG_REF:
  case VY__SIG_LEN32:
  case VY__SIG_LEN64:
  case VY__SIG_ID:
  case VY__SIG_INDEX:
    break; // leaves, and the loop that makes the index
  case VY__SIG_UN:
  case VY__SIG_BIN:
  case VY__SIG_TER:
  case VY__SIG_SHIFT:
  case VY__SIG_ABSDIFF:
  case VY__SIG_TEST:
  case VY__SIG_CMP:
  case VY__SIG_SELECT:
  case VY__SIG_CONVERT:
  case VY__SIG_BITCAST:
    if (vy__op_row(v->op)->effect == VY__EFFECT_COLLECTIVE)
      emit_meet(m, v, ins);
    else
      emit_pure(m, v, ins);
    break;
  case VY__SIG_VAR:
    ins.a = m->code->first_var + v->ref;
    emit_move(m, ins);
    break;
  case VY__SIG_VARSET:
    ins.dst = m->code->first_var + v->ref;
    emit_move(m, ins);
    break;
  case VY__SIG_LOAD:
    emit_access(m, v, ins, VY__INS_LOAD);
    break;
  case VY__SIG_STORE:
    emit_access(m, v, ins, VY__INS_STORE);
    break;
  case VY__SIG_BYTES_LOAD32:
  case VY__SIG_BYTES_LOAD64:
    emit_access(m, v, ins, VY__INS_BYTES_LOAD);
    break;
  case VY__SIG_BYTES_STORE32:
  case VY__SIG_BYTES_STORE64:
    emit_access(m, v, ins, VY__INS_BYTES_STORE);
    break;
  case VY__SIG_ATOMIC0:
    emit_access(m, v, ins, VY__INS_ATOMIC_LOAD);
    break;
  case VY__SIG_ATOMIC_STORE:
    emit_access(m, v, ins, VY__INS_ATOMIC_STORE);
    break;
  case VY__SIG_ATOMIC1:
    emit_access(m, v, ins, VY__INS_ATOMIC_APPLY);
    break;
  case VY__SIG_ATOMIC2:
    emit_access(m, v, ins, VY__INS_ATOMIC_SWAP);
    break;
  case VY__SIG_NULLARY:
  case VY__SIG_SHUFFLE:
  case VY__SIG_VOTE:
  case VY__SIG_BALLOT:
  case VY__SIG_RANK:
    emit_meet(m, v, ins);
    break;
  }
}
