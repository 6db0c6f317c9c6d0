// cse: equal pure values become one. Values are compared after their operands
// were, so that whole expressions meet. One stands in for another only where
// the first was reached in a block around the second: merging the arms of an
// IF would compute the value before it, for lanes that want neither.
#include "lower/pass.h"

typedef struct entry {
  uint32_t value;        // of `out`; VY__NONE: free
  uint32_t block, depth; // where it was reached first
} entry;

typedef struct cse {
  vy__rewrite r;
  entry *table;
  uint32_t size; // a power of two, at least twice the number of values
  uint32_t open[VY__MAX_NESTING + 1]; // by depth: the block open there
  uint32_t depth, blocks;
} cse;

static bool still_open(const cse *c, const entry *e) {
  return e->depth <= c->depth && c->open[e->depth] == e->block;
}

// A value whose operands may change places has them in order.
static void order_operands(vy__value *v) {
  if (!(vy__op_row(v->op)->laws & VY__LAW_COMM) || v->a[0] <= v->a[1])
    return;
  uint32_t first = v->a[1];
  v->a[1] = v->a[0];
  v->a[0] = first;
}

static uint32_t make(vy__rewrite *r, uint32_t id) {
  cse *c = (cse *)r; // its first member
  vy__value v;
  if (!vy__rewrite_operands(r, id, &v))
    return VY__NONE;
  vy__value key = v;
  order_operands(&key);
  bool leaf = vy__op_row(v.op)->effect == VY__EFFECT_LEAF;
  uint32_t at = (uint32_t)(vy__value_hash(&key) >> 20) & (c->size - 1);
  for (; c->table[at].value != VY__NONE; at = (at + 1) & (c->size - 1)) {
    vy__value other = r->out.values[c->table[at].value];
    order_operands(&other);
    if (!vy__value_equal(&key, &other))
      continue;
    if (leaf || still_open(c, &c->table[at]))
      return c->table[at].value;
    break; // the newer one serves what follows
  }
  uint32_t made = vy__rewrite_add(r, &v, id);
  c->table[at] = (entry){made, c->open[c->depth], c->depth};
  return made;
}

static void track(cse *c, uint32_t kind) {
  if (kind == VY__STMT_END)
    c->depth--;
  else if (kind == VY__STMT_ELSE)
    c->open[c->depth] = ++c->blocks;
  else if (vy__is_opener(kind))
    c->open[++c->depth] = ++c->blocks;
}

bool vy__pass_cse(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  cse c = {.size = 64};
  if (!vy__rewrite_begin(&c.r, env, in))
    return false;
  while (c.size < 2 * in->value_count)
    c.size *= 2;
  c.table = vy__alloc(in->alloc, c.size * sizeof *c.table);
  if (c.table)
    memset(c.table, 0xff, c.size * sizeof *c.table);
  else
    c.r.failed = true;
  for (uint32_t i = 0; i < in->stmt_count && !c.r.failed; i++) {
    vy__rewrite_reach(&c.r, i, make);
    track(&c, in->stmts[i].kind);
    vy__rewrite_stmt(&c.r, i);
  }
  vy__free(in->alloc, c.table, c.size * sizeof *c.table);
  return vy__rewrite_end(&c.r, out);
}
