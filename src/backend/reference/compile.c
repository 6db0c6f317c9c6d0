// Checked IR to bytecode, in one pass over the statements: before each, the
// pure values that the schedule puts there. Structured control becomes jumps;
// a jump whose target is not known yet is chained through its target field.
// Registers of temporaries are reused once their last statement is emitted.
#include "backend/reference/code.h"

typedef struct open_stmt {
  uint32_t stmt, kind, top;
  uint32_t leave, next; // chains of jumps past the END, and to the next trip
  uint32_t trips;       // FOR: register
} open_stmt;

typedef struct maker {
  struct vy__code *code;
  const vy_program *program;
  const vy__ir *ir;
  vy__schedule schedule;
  uint32_t *regs; // by value
  uint32_t *free; // stack of free temporaries
  uint32_t free_count;
  uint32_t *buckets; // leaves by hash, for equal ones to share a register
  uint32_t bucket_count;
  open_stmt open[VY__MAX_NESTING];
  uint32_t depth;
  vy_diags *diags;
  vy_status status;
} maker;

static void fail_oom(maker *m) {
  if (m->status == VY_OK)
    m->status = vy__fail_oom(m->diags, "the reference code of a program");
}

// Appends; the index. After a failure what is returned is never looked at.
static uint32_t emit(maker *m, vy__ins ins) {
  struct vy__code *c = m->code;
  if (m->status != VY_OK ||
      !vy__grow(c->alloc, (void **)&c->ins, &c->ins_capacity, c->ins_count + 1,
                sizeof *c->ins)) {
    fail_oom(m);
    return 0;
  }
  c->ins[c->ins_count] = ins;
  return (uint32_t)c->ins_count++;
}

static void chain(maker *m, uint32_t *head, uint32_t jump) {
  if (m->status != VY_OK)
    return;
  m->code->ins[jump].target = *head;
  *head = jump;
}

static void land(maker *m, uint32_t head) {
  if (m->status != VY_OK)
    return;
  while (head != VY__NONE) {
    vy__ins *jump = &m->code->ins[head];
    head = jump->target;
    jump->target = (uint32_t)m->code->ins_count;
  }
}

static uint32_t take(maker *m) {
  return m->free_count ? m->free[--m->free_count] : m->code->registers++;
}
static void give(maker *m, uint32_t reg) {
  if (reg >= m->code->first_temp) // else it is a variable's
    m->free[m->free_count++] = reg;
}

// ---- leaves

static bool is_lane_leaf(uint32_t op) {
  return op == VY__OP_LANE || op == VY__OP_LOCAL || op == VY__OP_GROUP_ID;
}

static uint32_t leaf_hash(const vy__value *v) {
  uint64_t h = (v->imm ^ (uint64_t)v->ref << 32 ^ v->op) * 0x9e3779b97f4a7c15u;
  return (uint32_t)(h >> 32);
}

static void add_leaf(maker *m, uint32_t value) {
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
    fail_oom(m);
    return;
  }
  uint32_t reg = c->registers++;
  c->leaves[c->leaf_count] = (vy__leaf){reg, v->op, v->ref, v->imm};
  m->buckets[i] = (uint32_t)c->leaf_count++;
  m->regs[value] = reg;
}

static void add_leaves(maker *m, bool of_lane) {
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

static vy__site site_of(const maker *m, uint32_t value) {
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

static uint32_t add_site(maker *m, uint32_t value) {
  struct vy__code *c = m->code;
  if (m->status != VY_OK ||
      !vy__grow(c->alloc, (void **)&c->sites, &c->site_capacity,
                c->site_count + 1, sizeof *c->sites)) {
    fail_oom(m);
    return 0;
  }
  c->sites[c->site_count] = site_of(m, value);
  return (uint32_t)c->site_count++;
}

static uint64_t second(uint64_t a, uint64_t b, uint64_t c) {
  (void)a, (void)c;
  return b;
}

// What an atomic does to the old value and its operand.
static const uint8_t atomic_applies[VY__OP_LIMIT] = {
    [VY__OP_ATOMIC_ADD] = VY__OP_ADD, [VY__OP_ATOMIC_SUB] = VY__OP_SUB,
    [VY__OP_ATOMIC_MIN] = VY__OP_MIN, [VY__OP_ATOMIC_MAX] = VY__OP_MAX,
    [VY__OP_ATOMIC_AND] = VY__OP_AND, [VY__OP_ATOMIC_OR] = VY__OP_OR,
    [VY__OP_ATOMIC_XOR] = VY__OP_XOR,
};

static vy__eval_fn find(maker *m, vy__op op, vy_type type, vy_type to) {
  vy__eval_fn fn = vy__evaluator_pinned(op, type, to);
  if (!fn && m->status == VY_OK)
    m->status = vy__fail(m->diags, NULL, VY__E_UNSUPPORTED,
                         "the operation %s on %s has no evaluator here",
                         vy__op_row(op)->name, vy__type_name(type));
  return fn;
}

static void emit_pure(maker *m, const vy__value *v, vy__ins ins) {
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
  emit(m, ins);
}

static uint32_t byte_count(const vy__value *v) {
  if (v->op == VY__OP_LOAD_U16 || v->op == VY__OP_STORE_U16)
    return 2;
  return v->op == VY__OP_LOAD_U64 || v->op == VY__OP_STORE_U64 ? 8 : 4;
}

static void emit_access(maker *m, const vy__value *v, vy__ins ins,
                        vy__ins_kind kind) {
  ins.kind = (uint16_t)kind;
  if (kind == VY__INS_BYTES_LOAD || kind == VY__INS_BYTES_STORE)
    ins.c = byte_count(v);
  if (kind == VY__INS_ATOMIC_APPLY) {
    vy__op op = (vy__op)atomic_applies[v->op];
    ins.fn = op ? find(m, op, (vy_type)v->type, VY_TYPE_NONE) : second;
  }
  ins.target = add_site(m, ins.id);
  emit(m, ins);
}

static void emit_meet(maker *m, const vy__value *v, vy__ins ins) {
  const vy__ir *ir = m->ir;
  ins.kind = VY__INS_MEET;
  if (v->a[0] != VY__NONE)
    ins.type = ir->values[v->a[0]].type;
  if (v->a[1] != VY__NONE)
    ins.index_type = ir->values[v->a[1]].type;
  vy__op op = vy__collective_combines((vy__op)v->op);
  if (op)
    ins.fn = find(m, op, (vy_type)ins.type, VY_TYPE_NONE);
  m->code->meets = 1;
  emit(m, ins);
}

// A variable read can be the variable's own register while nothing sets it
// before the last use. Statements between the two, in the order of the text,
// hold all that may run between: a loop as a whole, if it holds a use.
static bool is_alias(const maker *m, uint32_t id) {
  return m->schedule.set[id] >= m->schedule.last[id];
}

// The register for the result of `id`, made at statement `stmt`: that of the
// variable, if all that is done with it is to be assigned right there. It is
// then the last value computed before the assignment, and no alias of the
// variable is needed after.
static uint32_t result_register(maker *m, uint32_t id, uint32_t stmt) {
  const vy__stmt *t = &m->ir->stmts[stmt];
  const vy__schedule *s = &m->schedule;
  if (t->kind == VY__STMT_EXEC && t->a != id && s->last[id] == stmt) {
    const vy__value *v = &m->ir->values[t->a];
    if (v->op == VY__OP_VAR_SET && v->a[0] == id)
      return m->code->first_var + v->ref;
  }
  return take(m);
}

static void emit_move(maker *m, vy__ins ins) {
  ins.kind = VY__INS_MOVE;
  if (ins.dst != ins.a)
    emit(m, ins);
}

static void emit_value(maker *m, uint32_t id, uint32_t stmt) {
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

// ---- statements

static open_stmt *push(maker *m, uint32_t stmt) {
  open_stmt *o = &m->open[m->depth++];
  *o = (open_stmt){.stmt = stmt,
                   .kind = m->ir->stmts[stmt].kind,
                   .top = (uint32_t)m->code->ins_count,
                   .leave = VY__NONE,
                   .next = VY__NONE};
  return o;
}

static open_stmt *innermost(maker *m, bool loop) {
  uint32_t i = m->depth;
  while (i-- > 0) {
    uint32_t kind = m->open[i].kind;
    if (loop ? kind == VY__STMT_WHILE || kind == VY__STMT_FOR
             : kind == VY__STMT_BLOCK)
      break;
  }
  return &m->open[i];
}

static void emit_jump(maker *m, uint32_t *head) {
  chain(m, head, emit(m, (vy__ins){.kind = VY__INS_JUMP}));
}

static void emit_unless(maker *m, uint32_t *head, uint32_t condition) {
  vy__ins ins = {.kind = VY__INS_JUMP_UNLESS, .a = m->regs[condition]};
  chain(m, head, emit(m, ins));
}

static void emit_for(maker *m, uint32_t i) {
  const vy__stmt *t = &m->ir->stmts[i];
  open_stmt *o = push(m, i);
  o->trips = take(m);
  m->regs[t->a] = take(m);
  vy__ins ins = {.kind = VY__INS_FOR,
                 .type = m->ir->values[t->a].type,
                 .dst = m->regs[t->a],
                 .a = m->regs[t->b],
                 .b = m->regs[t->c],
                 .c = o->trips,
                 .extra = m->regs[t->d]};
  chain(m, &o->leave, emit(m, ins));
  o->top = (uint32_t)m->code->ins_count;
}

// Do all lanes of a group go round this loop together? Control must be
// uniform before it, at each trip's start and in what ends it.
static uint32_t is_uniform_loop(const maker *m, uint32_t i) {
  const vy_program *p = m->program;
  const vy__stmt *t = &m->ir->stmts[i];
  if (t->kind == VY__STMT_FOR)
    return p->stmt_uniform[i] && p->stmt_uniform[i + 1] &&
           p->value_uniform[t->b] && p->value_uniform[t->c] &&
           p->value_uniform[t->d];
  uint32_t cond = p->match[i];
  return p->stmt_uniform[i] && p->stmt_uniform[cond] &&
         p->value_uniform[m->ir->stmts[cond].a];
}

static void emit_end(maker *m) {
  open_stmt *o = &m->open[m->depth - 1];
  const vy__stmt *t = &m->ir->stmts[o->stmt];
  if (o->kind == VY__STMT_WHILE || o->kind == VY__STMT_FOR) {
    land(m, o->next);
    if (m->code->flags & VY_COMPILE_BUDGETED)
      emit(m, (vy__ins){.kind = VY__INS_TICK,
                        .c = is_uniform_loop(m, o->stmt),
                        .id = o->stmt});
  }
  if (o->kind == VY__STMT_WHILE)
    emit(m, (vy__ins){.kind = VY__INS_JUMP, .target = o->top});
  if (o->kind == VY__STMT_FOR) {
    emit(m, (vy__ins){.kind = VY__INS_NEXT,
                      .type = m->ir->values[t->a].type,
                      .dst = m->regs[t->a],
                      .a = m->regs[t->d],
                      .c = o->trips,
                      .target = o->top});
    give(m, o->trips);
  }
  land(m, o->leave);
  m->depth--;
}

static void emit_stmt(maker *m, uint32_t i) {
  const vy__stmt *t = &m->ir->stmts[i];
  switch ((vy__stmt_kind)t->kind) {
  case VY__STMT_EXEC:
    emit_value(m, t->a, i);
    break;
  case VY__STMT_IF:
    emit_unless(m, &push(m, i)->leave, t->a);
    break;
  case VY__STMT_ELSE: {
    open_stmt *o = &m->open[m->depth - 1];
    uint32_t past = VY__NONE;
    emit_jump(m, &past);
    land(m, o->leave);
    o->leave = past;
    break;
  }
  case VY__STMT_WHILE:
  case VY__STMT_BLOCK:
    push(m, i);
    break;
  case VY__STMT_COND:
    emit_unless(m, &m->open[m->depth - 1].leave, t->a);
    break;
  case VY__STMT_FOR:
    emit_for(m, i);
    break;
  case VY__STMT_END:
    emit_end(m);
    break;
  case VY__STMT_BREAK:
    emit_jump(m, &innermost(m, true)->leave);
    break;
  case VY__STMT_CONTINUE:
    emit_jump(m, &innermost(m, true)->next);
    break;
  case VY__STMT_LEAVE:
    emit_jump(m, &innermost(m, false)->leave);
    break;
  case VY__STMT_RETURN:
    emit(m, (vy__ins){.kind = VY__INS_EXIT});
    break;
  case VY__STMT_ARRAY:
    emit(m,
         (vy__ins){.kind = VY__INS_ZERO,
                   .a = m->code->first_private + t->a,
                   .b = vy__type_bytes((vy_type)m->ir->privates[t->a].type)});
    break;
  }
}

static void emit_stmts(maker *m) {
  const vy__schedule *s = &m->schedule;
  for (uint32_t i = 0; i < m->ir->stmt_count && m->status == VY_OK; i++) {
    for (uint32_t v = s->first[i]; v != VY__NONE; v = s->next[v])
      emit_value(m, v, i);
    emit_stmt(m, i);
    for (uint32_t v = s->drop[i]; v != VY__NONE; v = s->drop_next[v])
      give(m, m->regs[v]);
  }
  emit(m, (vy__ins){.kind = VY__INS_EXIT});
}

// ---- memory

static bool make_memory(struct vy__code *c) {
  const vy__ir *ir = &c->program->ir;
  c->first_table = ir->param_count;
  c->first_group = c->first_table + ir->table_count;
  c->first_private = c->first_group + ir->group_count;
  c->views = c->first_private + ir->private_count;
  c->view_offsets = vy__calloc(c->alloc, c->views, sizeof *c->view_offsets);
  for (uint32_t i = 0; i < ir->table_count; i++)
    c->table_value_count += ir->tables[i].count;
  c->table_values =
      vy__calloc(c->alloc, c->table_value_count, sizeof *c->table_values);
  if (!c->view_offsets || !c->table_values)
    return false;
  uint32_t at = 0;
  for (uint32_t i = 0; i < ir->table_count; i++) {
    const vy__table *t = &ir->tables[i];
    c->view_offsets[c->first_table + i] = at;
    for (uint32_t k = 0; k < t->count; k++)
      c->table_values[at++] =
          vy__load_convert((vy_type)t->type, ir->table_bits[t->first + k]);
  }
  for (uint32_t i = 0, sum = 0; i < ir->group_count; i++) {
    c->view_offsets[c->first_group + i] = sum;
    uint32_t bytes = c->program->group_lengths[i] *
                     vy__type_bytes((vy_type)ir->groups[i].type);
    sum += (bytes + 7) & ~7u;
  }
  for (uint32_t i = 0, sum = 0; i < ir->private_count; i++) {
    c->view_offsets[c->first_private + i] = sum;
    uint32_t bytes = c->program->private_lengths[i] *
                     vy__type_bytes((vy_type)ir->privates[i].type);
    sum += (bytes + 7) & ~7u;
  }
  return true;
}

static bool setup(maker *m) {
  const vy_allocator *a = m->code->alloc;
  size_t values = m->ir->value_count, loops = m->ir->stmt_count;
  m->bucket_count = 1;
  while (m->bucket_count < values * 2 + 2)
    m->bucket_count *= 2;
  m->regs = vy__calloc(a, values, sizeof *m->regs);
  m->free = vy__calloc(a, values + loops, sizeof *m->free);
  m->buckets = vy__calloc(a, m->bucket_count, sizeof *m->buckets);
  if (!m->regs || !m->free || !m->buckets)
    return false;
  memset(m->buckets, 0xff, m->bucket_count * sizeof *m->buckets);
  return vy__schedule_make(&m->schedule, m->program, a) && make_memory(m->code);
}

static void cleanup(maker *m) {
  const vy_allocator *a = m->code->alloc;
  size_t values = m->ir->value_count, loops = m->ir->stmt_count;
  if (m->schedule.alloc)
    vy__schedule_free(&m->schedule);
  vy__free(a, m->regs, values * sizeof *m->regs);
  vy__free(a, m->free, (values + loops) * sizeof *m->free);
  vy__free(a, m->buckets, m->bucket_count * sizeof *m->buckets);
}

vy_status vy__code_make(const vy_allocator *alloc, const vy_program *program,
                        uint32_t flags, struct vy__code **out,
                        vy_diags *diags) {
  struct vy__code *c = vy__calloc(alloc, 1, sizeof *c);
  if (!c)
    return vy__fail_oom(diags, "the reference code of a program");
  c->alloc = alloc;
  c->program = program;
  c->flags = flags;
  maker m = {.code = c, .program = program, .ir = &program->ir, .diags = diags};
  if (!setup(&m)) {
    fail_oom(&m);
  } else {
    add_leaves(&m, false);
    c->launch_leaves = (uint32_t)c->leaf_count;
    add_leaves(&m, true);
    c->first_var = c->registers;
    c->registers += m.ir->var_count;
    c->first_temp = c->registers;
    emit_stmts(&m);
  }
  cleanup(&m);
  if (m.status == VY_OK)
    *out = c;
  else
    vy__code_free(c);
  return m.status;
}

void vy__code_free(struct vy__code *c) {
  if (!c)
    return;
  const vy_allocator *a = c->alloc;
  vy__free(a, c->ins, c->ins_capacity * sizeof *c->ins);
  vy__free(a, c->sites, c->site_capacity * sizeof *c->sites);
  vy__free(a, c->leaves, c->leaf_capacity * sizeof *c->leaves);
  if (c->table_values)
    vy__free(a, c->table_values,
             c->table_value_count * sizeof *c->table_values);
  if (c->view_offsets)
    vy__free(a, c->view_offsets, c->views * sizeof *c->view_offsets);
  vy__free(a, c, sizeof *c);
}
