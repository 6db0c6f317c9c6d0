// A pure value is computed in the innermost block that holds all its uses,
// right before the first statement of that block which needs it; then, unless
// it is a load that must stay, before the outermost loop it does not need.
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
#include "lower/schedule.h"

static void find_blocks(vy__schedule *s) {
  const vy__ir *ir = &s->program->ir;
  uint32_t now = 0, count = 1;
  s->depth[0] = 0;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    uint32_t kind = ir->stmts[i].kind, opener = i;
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
  s->in[ir->stmt_count] = 0;
}

bool vy__schedule_init(vy__schedule *s, const vy_program *program,
                       const vy_allocator *alloc) {
  *s = (vy__schedule){.alloc = alloc, .program = program};
  size_t v = program->ir.value_count, n = (size_t)program->ir.stmt_count + 1;
  size_t counts[] = {n, n, v, v, v, v, n, n, n, v, v};
  uint32_t **arrays[] = {&s->in,    &s->first, &s->next,   &s->place,
                         &s->scope, &s->stamp, &s->parent, &s->opener,
                         &s->depth, &s->order, &s->heap};
  for (size_t i = 0; i < VY__COUNT(counts); i++)
    s->block_count += counts[i];
  s->block = vy__calloc(alloc, s->block_count, sizeof *s->block);
  if (!s->block)
    return false;
  uint32_t *at = s->block;
  for (size_t i = 0; i < VY__COUNT(arrays); i++) {
    *arrays[i] = at;
    at += counts[i];
  }
  memset(s->first, 0xff, n * sizeof *s->first);
  find_blocks(s);
  return true;
}

void vy__schedule_free(vy__schedule *s) {
  vy__free(s->alloc, s->block, s->block_count * sizeof *s->block);
  *s = (vy__schedule){0};
}

uint32_t vy__schedule_lift(const vy__schedule *s, uint32_t from, uint32_t stmt,
                           uint32_t block) {
  while (from != block) {
    stmt = s->opener[from];
    from = s->parent[from];
  }
  return stmt;
}

// ---- values in descending order: users before operands

static void push(vy__schedule *s, uint32_t value) {
  uint32_t *h = s->heap, i = s->heap_count++;
  for (; i > 0 && h[(i - 1) / 2] < value; i = (i - 1) / 2)
    h[i] = h[(i - 1) / 2];
  h[i] = value;
}

static uint32_t pop(vy__schedule *s) {
  uint32_t *h = s->heap, top = h[0], last = h[--s->heap_count], i = 0;
  for (uint32_t k; (k = 2 * i + 1) < s->heap_count; i = k) {
    if (k + 1 < s->heap_count && h[k + 1] > h[k])
      k++;
    if (h[k] <= last)
      break;
    h[i] = h[k];
  }
  h[i] = last;
  return top;
}

// `value` is needed at statement `stmt` of `block`.
static void need(vy__schedule *s, uint32_t value, uint32_t block,
                 uint32_t stmt) {
  if (value == VY__NONE)
    return;
  const vy__ir *ir = &s->program->ir;
  const vy__value *v = &ir->values[value];
  if (vy__is_ordered(ir, v) || vy__op_row(v->op)->effect == VY__EFFECT_LEAF)
    return;
  if (s->is_there && s->is_there(s->user, value))
    return;
  if (!vy__scheduled(s, value)) {
    s->stamp[value] = s->now;
    s->place[value] = stmt;
    s->scope[value] = block;
    push(s, value);
    return;
  }
  uint32_t a = s->scope[value], b = block;
  while (a != b)
    if (s->depth[a] >= s->depth[b])
      a = s->parent[a];
    else
      b = s->parent[b];
  uint32_t old = vy__schedule_lift(s, s->scope[value], s->place[value], a);
  uint32_t now = vy__schedule_lift(s, block, stmt, a);
  s->place[value] = old < now ? old : now;
  s->scope[value] = a;
}

static void needs_of_value(vy__schedule *s, uint32_t value) {
  const vy__value *v = &s->program->ir.values[value];
  for (uint32_t k = 0; k < 3; k++)
    need(s, v->a[k], s->scope[value], s->place[value]);
}

// An ordered value stands where its statement does. A loop's index lives in
// the body, whose first statement may be its END.
static void stands(vy__schedule *s, uint32_t value, uint32_t stmt) {
  s->stamp[value] = s->now;
  s->place[value] = stmt;
  s->scope[value] = s->in[stmt];
}

static void needs_of_stmt(vy__schedule *s, uint32_t i) {
  const vy__stmt *t = &s->program->ir.stmts[i];
  uint32_t block = s->in[i];
  switch ((vy__stmt_kind)t->kind) {
  case VY__STMT_EXEC:
    stands(s, t->a, i);
    needs_of_value(s, t->a);
    break;
  case VY__STMT_IF:
  case VY__STMT_COND:
    need(s, t->a, block, i);
    break;
  case VY__STMT_FOR:
    stands(s, t->a, i);
    need(s, t->b, block, i);
    need(s, t->c, block, i);
    need(s, t->d, block, i);
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

// How deep the block is inside which `value` first exists; 0: before the
// range.
static uint32_t level(const vy__schedule *s, uint32_t value) {
  if (!vy__scheduled(s, value))
    return 0;
  bool in_body = s->program->ir.values[value].op == VY__OP_LOOP_INDEX;
  return s->depth[s->scope[value]] + 1 + in_body;
}

// Out of every loop, below block `top`, that none of its operands needs.
static void hoist(vy__schedule *s, uint32_t value, uint32_t top) {
  const vy__value *v = &s->program->ir.values[value];
  uint32_t deepest = 0;
  for (uint32_t k = 0; k < 3; k++)
    if (v->a[k] != VY__NONE && level(s, v->a[k]) > deepest)
      deepest = level(s, v->a[k]);
  uint32_t b = s->scope[value];
  for (; b != top && s->depth[b] + 1 > deepest; b = s->parent[b]) {
    uint32_t kind = s->program->ir.stmts[s->opener[b]].kind;
    if (kind == VY__STMT_WHILE || kind == VY__STMT_FOR) {
      s->scope[value] = s->parent[b];
      s->place[value] = s->opener[b];
    }
  }
}

void vy__schedule_range(vy__schedule *s, uint32_t from, uint32_t to,
                        const uint32_t *last, uint32_t last_count,
                        const uint8_t *stays) {
  uint32_t top = s->in[from < to ? from : to];
  s->now++;
  s->order_count = s->heap_count = 0;
  memset(s->first + from, 0xff, (to - from + 1) * sizeof *s->first);
  for (uint32_t i = from; i < to; i++)
    needs_of_stmt(s, i);
  for (uint32_t i = 0; i < last_count; i++)
    need(s, last[i], top, to);
  while (s->heap_count) {
    uint32_t v = pop(s);
    s->order[s->order_count++] = v;
    needs_of_value(s, v);
  }
  for (uint32_t i = s->order_count; i-- > 0;) {
    uint32_t v = s->order[i];
    if (!stays || !stays[v])
      hoist(s, v, top);
  }
  for (uint32_t i = 0; i < s->order_count; i++) {
    uint32_t v = s->order[i];
    s->next[v] = s->first[s->place[v]];
    s->first[s->place[v]] = v;
  }
}
