// Checked IR to bytecode, in one pass over the statements: before each, the
// pure values that the schedule puts there. Structured control becomes jumps;
// a jump whose target is not known yet is chained through its target field.
// Registers of temporaries are reused once their last statement is emitted.
#include "backend/reference/compile.h"

void vy__maker_oom(vy__maker *m) {
  if (m->status == VY_OK)
    m->status = vy__fail_oom(m->diags, "the reference code of a program");
}

uint32_t vy__maker_emit(vy__maker *m, vy__ins ins) {
  struct vy__code *c = m->code;
  if (m->status != VY_OK ||
      !vy__grow(c->alloc, (void **)&c->ins, &c->ins_capacity, c->ins_count + 1,
                sizeof *c->ins)) {
    vy__maker_oom(m);
    return 0;
  }
  c->ins[c->ins_count] = ins;
  return (uint32_t)c->ins_count++;
}

static void chain(vy__maker *m, uint32_t *head, uint32_t jump) {
  if (m->status != VY_OK)
    return;
  m->code->ins[jump].target = *head;
  *head = jump;
}

static void land(vy__maker *m, uint32_t head) {
  if (m->status != VY_OK)
    return;
  while (head != VY__NONE) {
    vy__ins *jump = &m->code->ins[head];
    head = jump->target;
    jump->target = (uint32_t)m->code->ins_count;
  }
}

uint32_t vy__maker_take(vy__maker *m) {
  return m->free_count ? m->free[--m->free_count] : m->code->registers++;
}
void vy__maker_give(vy__maker *m, uint32_t reg) {
  if (reg >= m->code->first_temp) // else it is a variable's
    m->free[m->free_count++] = reg;
}

// ---- statements

static vy__open_stmt *push(vy__maker *m, uint32_t stmt) {
  vy__open_stmt *o = &m->open[m->depth++];
  *o = (vy__open_stmt){.stmt = stmt,
                       .kind = m->ir->stmts[stmt].kind,
                       .top = (uint32_t)m->code->ins_count,
                       .leave = VY__NONE,
                       .next = VY__NONE};
  return o;
}

static vy__open_stmt *innermost(vy__maker *m, bool loop) {
  uint32_t i = m->depth;
  while (i-- > 0) {
    uint32_t kind = m->open[i].kind;
    if (loop ? kind == VY__STMT_WHILE || kind == VY__STMT_FOR
             : kind == VY__STMT_BLOCK)
      break;
  }
  return &m->open[i];
}

static void emit_jump(vy__maker *m, uint32_t *head) {
  chain(m, head, vy__maker_emit(m, (vy__ins){.kind = VY__INS_JUMP}));
}

static void emit_unless(vy__maker *m, uint32_t *head, uint32_t condition) {
  vy__ins ins = {.kind = VY__INS_JUMP_UNLESS, .a = m->regs[condition]};
  chain(m, head, vy__maker_emit(m, ins));
}

static void emit_for(vy__maker *m, uint32_t i) {
  const vy__stmt *t = &m->ir->stmts[i];
  vy__open_stmt *o = push(m, i);
  o->trips = vy__maker_take(m);
  m->regs[t->a] = vy__maker_take(m);
  vy__ins ins = {.kind = VY__INS_FOR,
                 .type = m->ir->values[t->a].type,
                 .dst = m->regs[t->a],
                 .a = m->regs[t->b],
                 .b = m->regs[t->c],
                 .c = o->trips,
                 .extra = m->regs[t->d]};
  chain(m, &o->leave, vy__maker_emit(m, ins));
  o->top = (uint32_t)m->code->ins_count;
}

static void emit_end(vy__maker *m) {
  vy__open_stmt *o = &m->open[m->depth - 1];
  const vy__stmt *t = &m->ir->stmts[o->stmt];
  if (o->kind == VY__STMT_WHILE || o->kind == VY__STMT_FOR) {
    land(m, o->next);
    if (m->code->flags & VY_COMPILE_BUDGETED)
      vy__maker_emit(m, (vy__ins){.kind = VY__INS_TICK,
                                  .c = vy__loop_is_uniform(m->program, o->stmt),
                                  .id = o->stmt});
  }
  if (o->kind == VY__STMT_WHILE)
    vy__maker_emit(m, (vy__ins){.kind = VY__INS_JUMP, .target = o->top});
  if (o->kind == VY__STMT_FOR) {
    vy__maker_emit(m, (vy__ins){.kind = VY__INS_NEXT,
                                .type = m->ir->values[t->a].type,
                                .dst = m->regs[t->a],
                                .a = m->regs[t->d],
                                .c = o->trips,
                                .target = o->top});
    vy__maker_give(m, o->trips);
  }
  land(m, o->leave);
  m->depth--;
}

static void emit_stmt(vy__maker *m, uint32_t i) {
  const vy__stmt *t = &m->ir->stmts[i];
  switch ((vy__stmt_kind)t->kind) {
  case VY__STMT_EXEC:
    vy__maker_value(m, t->a, i);
    break;
  case VY__STMT_IF:
    emit_unless(m, &push(m, i)->leave, t->a);
    break;
  case VY__STMT_ELSE: {
    vy__open_stmt *o = &m->open[m->depth - 1];
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
    vy__maker_emit(m, (vy__ins){.kind = VY__INS_EXIT});
    break;
  case VY__STMT_ARRAY:
    vy__maker_emit(
        m, (vy__ins){.kind = VY__INS_ZERO,
                     .a = m->code->first_private + t->a,
                     .b = vy__type_bytes((vy_type)m->ir->privates[t->a].type)});
    break;
  }
}

static void emit_stmts(vy__maker *m) {
  const vy__placement *s = &m->schedule;
  for (uint32_t i = 0; i < m->ir->stmt_count && m->status == VY_OK; i++) {
    for (uint32_t v = s->base.first[i]; v != VY__NONE; v = s->base.next[v])
      vy__maker_value(m, v, i);
    emit_stmt(m, i);
    for (uint32_t v = s->drop[i]; v != VY__NONE; v = s->drop_next[v])
      vy__maker_give(m, m->regs[v]);
  }
  vy__maker_emit(m, (vy__ins){.kind = VY__INS_EXIT});
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

static bool setup(vy__maker *m) {
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
  return vy__placement_make(&m->schedule, m->program, a) &&
         make_memory(m->code);
}

static void cleanup(vy__maker *m) {
  const vy_allocator *a = m->code->alloc;
  size_t values = m->ir->value_count, loops = m->ir->stmt_count;
  if (m->schedule.alloc)
    vy__placement_free(&m->schedule);
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
  vy__maker m = {
      .code = c, .program = program, .ir = &program->ir, .diags = diags};
  if (!setup(&m)) {
    vy__maker_oom(&m);
  } else {
    vy__maker_leaves(&m, false);
    c->launch_leaves = (uint32_t)c->leaf_count;
    vy__maker_leaves(&m, true);
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
