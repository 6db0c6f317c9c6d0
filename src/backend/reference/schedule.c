// Where each pure value is computed: in the innermost block that holds all
// its uses, right before the first statement of that block which needs it;
// then, unless it is a load, before the outermost loop that it does not need.
//
// Why that is right. A use is dominated by the ordered statements (and loops)
// whose results the value depends on; with structured control these stand
// earlier in an enclosing block or in the same one. The least common ancestor
// of the uses lies inside all those blocks, and the first statement needing
// the value comes after all those statements, so every operand is ready.
// Control reaches a later statement of a block only through the earlier ones,
// so the value is ready at every use; it is never stale, since an operand can
// only be executed anew by leaving the block, and then the value is computed
// anew too. A pure load inside a loop or branch is thus made only where its
// value is needed: that place is its place in program order for strict bounds.
//
// The blocks are: the program; both arms of an IF; a WHILE's condition and
// body together; the body of a FOR; a BLOCK.
#include "backend/reference/code.h"

typedef struct sweep {
  vy__placement *s;
  const vy_program *program;
  const vy__ir *ir;
} sweep;

static bool setup(vy__placement *s, const vy__ir *ir) {
  size_t v = ir->value_count, n = ir->stmt_count, blocks = n + 1;
  size_t counts[] = {v, v, v, v, v, v, n, n, n, blocks, blocks, blocks};
  uint32_t **arrays[] = {&s->place, &s->scope,     &s->next,   &s->last,
                         &s->set,   &s->drop_next, &s->first,  &s->drop,
                         &s->in,    &s->parent,    &s->opener, &s->depth};
  for (size_t i = 0; i < VY__COUNT(counts); i++)
    s->block_count += counts[i];
  s->block = vy__calloc(s->alloc, s->block_count, sizeof *s->block);
  if (!s->block)
    return false;
  memset(s->block, 0xff, s->block_count * sizeof *s->block);
  uint32_t *at = s->block;
  for (size_t i = 0; i < VY__COUNT(arrays); i++) {
    *arrays[i] = at;
    at += counts[i];
  }
  return true;
}

static void find_blocks(sweep *w) {
  vy__placement *s = w->s;
  uint32_t now = 0, count = 1;
  s->depth[0] = 0;
  for (uint32_t i = 0; i < w->ir->stmt_count; i++) {
    uint32_t kind = w->ir->stmts[i].kind, opener = i;
    if (kind == VY__STMT_ELSE || kind == VY__STMT_END) {
      opener = s->opener[now];
      now = s->parent[now];
    }
    s->in[i] = now;
    if (kind == VY__STMT_IF || kind == VY__STMT_ELSE ||
        kind == VY__STMT_WHILE || kind == VY__STMT_FOR ||
        kind == VY__STMT_BLOCK) {
      s->parent[count] = now;
      s->opener[count] = opener;
      s->depth[count] = s->depth[now] + 1;
      now = count++;
    }
  }
}

// The statement of `block` that is or contains statement `stmt` of `from`.
static uint32_t lift(const vy__placement *s, uint32_t from, uint32_t stmt,
                     uint32_t block) {
  while (from != block) {
    stmt = s->opener[from];
    from = s->parent[from];
  }
  return stmt;
}

// `value` is needed at statement `stmt` of `block`.
static void need(sweep *w, uint32_t value, uint32_t block, uint32_t stmt) {
  vy__placement *s = w->s;
  if (value == VY__NONE)
    return;
  const vy__value *v = &w->ir->values[value];
  if (vy__is_ordered(w->ir, v) || vy__op_row(v->op)->effect == VY__EFFECT_LEAF)
    return;
  if (s->place[value] == VY__NONE) {
    s->place[value] = stmt;
    s->scope[value] = block;
    return;
  }
  uint32_t a = s->scope[value], b = block;
  while (a != b)
    if (s->depth[a] >= s->depth[b])
      a = s->parent[a];
    else
      b = s->parent[b];
  uint32_t old = lift(s, s->scope[value], s->place[value], a);
  uint32_t now = lift(s, block, stmt, a);
  s->place[value] = old < now ? old : now;
  s->scope[value] = a;
}

typedef void use_fn(sweep *w, uint32_t value, uint32_t block, uint32_t stmt);

static void uses_of_value(sweep *w, uint32_t value, use_fn *fn) {
  const vy__value *v = &w->ir->values[value];
  for (uint32_t k = 0; k < 3; k++)
    if (v->a[k] != VY__NONE)
      fn(w, v->a[k], w->s->scope[value], w->s->place[value]);
}

static void uses_of_stmt(sweep *w, uint32_t i, use_fn *fn) {
  const vy__stmt *t = &w->ir->stmts[i];
  uint32_t block = w->s->in[i];
  switch ((vy__stmt_kind)t->kind) {
  case VY__STMT_EXEC:
    uses_of_value(w, t->a, fn);
    break;
  case VY__STMT_IF:
  case VY__STMT_COND:
    fn(w, t->a, block, i);
    break;
  case VY__STMT_FOR:
    fn(w, t->b, block, i);
    fn(w, t->c, block, i);
    fn(w, t->d, block, i);
    break;
  case VY__STMT_ELSE:
  case VY__STMT_WHILE:
  case VY__STMT_BLOCK:
  case VY__STMT_END:
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
  case VY__STMT_ARRAY:
    break;
  }
}

static void place_values(sweep *w) {
  vy__placement *s = w->s;
  const vy__ir *ir = w->ir;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    const vy__stmt *t = &ir->stmts[i];
    if (t->kind == VY__STMT_EXEC || t->kind == VY__STMT_FOR) {
      s->place[t->a] = i;
      // The index lives in the body, whose first statement may be its END.
      s->scope[t->a] = s->in[i];
    }
    uses_of_stmt(w, i, need);
  }
  for (uint32_t v = ir->value_count; v-- > 0;)
    if (s->place[v] != VY__NONE && !vy__is_ordered(ir, &ir->values[v]))
      uses_of_value(w, v, need);
}

// How deep the block is inside which `value` first exists; 0: no block.
static uint32_t level(const sweep *w, uint32_t value) {
  const vy__placement *s = w->s;
  if (s->place[value] == VY__NONE)
    return 0;
  bool in_body = w->ir->values[value].op == VY__OP_LOOP_INDEX;
  return s->depth[s->scope[value]] + 1 + in_body;
}

// Out of every loop that none of its operands needs.
static void hoist(sweep *w, uint32_t value) {
  vy__placement *s = w->s;
  const vy__value *v = &w->ir->values[value];
  uint32_t deepest = 0;
  for (uint32_t k = 0; k < 3; k++)
    if (v->a[k] != VY__NONE && level(w, v->a[k]) > deepest)
      deepest = level(w, v->a[k]);
  uint32_t b = s->scope[value];
  for (; s->depth[b] > 0 && s->depth[b] + 1 > deepest; b = s->parent[b]) {
    uint32_t kind = w->ir->stmts[s->opener[b]].kind;
    if (kind == VY__STMT_WHILE || kind == VY__STMT_FOR) {
      s->scope[value] = s->parent[b];
      s->place[value] = s->opener[b];
    }
  }
}

// Loads stay, since strict bounds may report them; the rest cannot fail.
static void hoist_values(sweep *w) {
  vy__placement *s = w->s;
  const vy__ir *ir = w->ir;
  for (uint32_t v = 0; v < ir->value_count; v++)
    if (s->place[v] != VY__NONE &&
        vy__op_row(ir->values[v].op)->effect == VY__EFFECT_PURE)
      hoist(w, v);
  for (uint32_t v = ir->value_count; v-- > 0;)
    if (s->place[v] != VY__NONE && !vy__is_ordered(ir, &ir->values[v])) {
      s->next[v] = s->first[s->place[v]];
      s->first[s->place[v]] = v;
    }
}

static uint32_t end_of(const sweep *w, uint32_t stmt) {
  const uint32_t *match = w->program->match;
  switch ((vy__stmt_kind)w->ir->stmts[stmt].kind) {
  case VY__STMT_IF:
    stmt = match[stmt];
    return w->ir->stmts[stmt].kind == VY__STMT_ELSE ? match[stmt] : stmt;
  case VY__STMT_WHILE:
    return match[match[stmt]];
  case VY__STMT_FOR:
  case VY__STMT_BLOCK:
    return match[stmt];
  case VY__STMT_EXEC:
  case VY__STMT_ELSE:
  case VY__STMT_COND:
  case VY__STMT_END:
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
  case VY__STMT_RETURN:
  case VY__STMT_ARRAY:
    break;
  }
  return stmt;
}

static void keep(sweep *w, uint32_t value, uint32_t block, uint32_t stmt) {
  vy__placement *s = w->s;
  if (value == VY__NONE || s->place[value] == VY__NONE)
    return;
  uint32_t last = end_of(w, lift(s, block, stmt, s->scope[value]));
  if (s->last[value] < last)
    s->last[value] = last;
}

// A register is free after the statement, of the block where its value is
// made, that holds the last use: a loop there as a whole, since it comes back.
static void find_lifetimes(sweep *w) {
  vy__placement *s = w->s;
  const vy__ir *ir = w->ir;
  for (uint32_t v = 0; v < ir->value_count; v++)
    if (s->place[v] != VY__NONE)
      s->last[v] = end_of(w, s->place[v]);
  for (uint32_t i = 0; i < ir->stmt_count; i++)
    uses_of_stmt(w, i, keep);
  for (uint32_t v = 0; v < ir->value_count; v++)
    if (s->place[v] != VY__NONE && !vy__is_ordered(ir, &ir->values[v]))
      uses_of_value(w, v, keep);
  for (uint32_t v = 0; v < ir->value_count; v++) {
    if (s->place[v] == VY__NONE)
      continue;
    uint32_t last = s->last[v];
    s->drop_next[v] = s->drop[last];
    s->drop[last] = v;
  }
}

// The next statement, in the order of the text, that sets a got variable.
static bool find_sets(sweep *w) {
  vy__placement *s = w->s;
  const vy__ir *ir = w->ir;
  size_t size = ir->var_count * sizeof(uint32_t);
  uint32_t *next = vy__alloc(s->alloc, size);
  if (!next)
    return false;
  memset(next, 0xff, size);
  for (uint32_t i = ir->stmt_count; i-- > 0;) {
    const vy__stmt *t = &ir->stmts[i];
    if (t->kind != VY__STMT_EXEC)
      continue;
    const vy__value *v = &ir->values[t->a];
    if (v->op == VY__OP_VAR_GET)
      s->set[t->a] = next[v->ref];
    else if (v->op == VY__OP_VAR_SET)
      next[v->ref] = i;
  }
  vy__free(s->alloc, next, size);
  return true;
}

bool vy__placement_make(vy__placement *s, const vy_program *program,
                        const vy_allocator *alloc) {
  *s = (vy__placement){.alloc = alloc};
  if (!setup(s, &program->ir))
    return false;
  sweep w = {s, program, &program->ir};
  find_blocks(&w);
  place_values(&w);
  hoist_values(&w);
  find_lifetimes(&w);
  return find_sets(&w);
}

void vy__placement_free(vy__placement *s) {
  vy__free(s->alloc, s->block, s->block_count * sizeof *s->block);
  *s = (vy__placement){0};
}
