// Canonical form: values in post-order of operands in statement order, and
// everything that no statement or header reaches left out. One pass over the
// header and the statements; operand trees are walked with an explicit stack,
// so that a deep chain of values cannot overflow the C stack.
#include "ir/ir.h"

typedef struct renumber {
  const vy__ir *in;
  vy__ir *out;
  // New ids by old id; VY__NONE: not reached.
  uint32_t *values, *sizes, *consts, *tables, *vars, *privates, *groups;
  uint32_t *stack;
  uint8_t *next; // per value or size on the stack: operand to visit next
  uint32_t *block;
  size_t block_count;
} renumber;

static bool setup(renumber *r) {
  const vy__ir *in = r->in;
  size_t depth = (size_t)in->value_count + in->size_count + 1;
  size_t counts[] = {in->value_count, in->size_count, in->const_count,
                     in->table_count, in->var_count,  in->private_count,
                     in->group_count, depth,          (depth + 3) / 4};
  uint32_t **arrays[] = {&r->values, &r->sizes,    &r->consts, &r->tables,
                         &r->vars,   &r->privates, &r->groups, &r->stack};
  for (size_t i = 0; i < VY__COUNT(counts); i++)
    r->block_count += counts[i];
  r->block = vy__calloc(in->alloc, r->block_count, sizeof *r->block);
  if (!r->block)
    return false;
  uint32_t *at = r->block;
  for (size_t i = 0; i < VY__COUNT(arrays); i++) {
    *arrays[i] = at;
    for (size_t k = 0; k < counts[i]; k++)
      at[k] = VY__NONE;
    at += counts[i];
  }
  r->next = (uint8_t *)at;
  return true;
}

static bool keep_const(renumber *r, uint32_t id) {
  if (r->consts[id] == VY__NONE)
    r->consts[id] = vy__ir_add_const(r->out, &r->in->consts[id]);
  return r->consts[id] != VY__NONE;
}

static bool emit_size(renumber *r, uint32_t id) {
  vy__size s = r->in->sizes[id];
  if (s.op == VY__SIZE_SPEC) {
    if (!keep_const(r, s.ref))
      return false;
    s.ref = r->consts[s.ref];
  }
  if (s.a != VY__NONE)
    s.a = r->sizes[s.a];
  if (s.b != VY__NONE)
    s.b = r->sizes[s.b];
  const vy__pos *pos = r->in->size_pos ? &r->in->size_pos[id] : NULL;
  r->sizes[id] = vy__ir_add_size(r->out, &s, pos);
  return r->sizes[id] != VY__NONE;
}

static bool visit_size(renumber *r, uint32_t *root) {
  if (*root == VY__NONE)
    return true;
  uint32_t depth = 0;
  if (r->sizes[*root] == VY__NONE) {
    r->next[0] = 0;
    r->stack[depth++] = *root;
  }
  while (depth) {
    uint32_t id = r->stack[depth - 1];
    const vy__size *s = &r->in->sizes[id];
    uint8_t k = r->next[depth - 1]++;
    if (k < 2) {
      uint32_t operand = k ? s->b : s->a;
      if (operand != VY__NONE && r->sizes[operand] == VY__NONE) {
        r->next[depth] = 0;
        r->stack[depth++] = operand;
      }
      continue;
    }
    depth--;
    if (r->sizes[id] == VY__NONE && !emit_size(r, id))
      return false;
  }
  *root = r->sizes[*root];
  return true;
}

static bool keep_array(renumber *r, bool group, uint32_t id) {
  uint32_t *map = group ? r->groups : r->privates;
  if (map[id] != VY__NONE)
    return true;
  const vy__ir *in = r->in;
  vy__array a = group ? in->groups[id] : in->privates[id];
  const uint32_t *names = group ? in->group_names : in->private_names;
  uint32_t name = names ? names[id] : 0;
  if (!visit_size(r, &a.length))
    return false;
  map[id] = group ? vy__ir_add_group(r->out, &a, name)
                  : vy__ir_add_private(r->out, &a, name);
  return map[id] != VY__NONE;
}

static bool keep_table(renumber *r, uint32_t id) {
  if (r->tables[id] != VY__NONE)
    return true;
  const vy__table *t = &r->in->tables[id];
  uint32_t name = r->in->table_names ? r->in->table_names[id] : 0;
  r->tables[id] = vy__ir_add_table(
      r->out, t->type, r->in->table_bits + t->first, t->count, name);
  return r->tables[id] != VY__NONE;
}

static bool keep_var(renumber *r, uint32_t id) {
  if (r->vars[id] == VY__NONE)
    r->vars[id] = vy__ir_add_var(r->out, r->in->vars[id],
                                 r->in->var_names ? r->in->var_names[id] : 0);
  return r->vars[id] != VY__NONE;
}

// What the value's ref names moves along.
static bool keep_ref(renumber *r, vy__value *v) {
  uint32_t *map = NULL;
  bool ok = true;
  if (v->op == VY__OP_SPEC) {
    ok = keep_const(r, v->ref);
    map = r->consts;
  } else if (vy__op_is_variable(v->op)) {
    ok = keep_var(r, v->ref);
    map = r->vars;
  } else if (v->space == VY__SPACE_GROUP || v->space == VY__SPACE_PRIVATE) {
    bool group = v->space == VY__SPACE_GROUP;
    ok = keep_array(r, group, v->ref);
    map = group ? r->groups : r->privates;
  } else if (v->space == VY__SPACE_TABLE) {
    ok = keep_table(r, v->ref);
    map = r->tables;
  }
  if (ok && map)
    v->ref = map[v->ref];
  return ok;
}

static bool emit_value(renumber *r, uint32_t id) {
  vy__value v = r->in->values[id];
  for (int i = 0; i < 3; i++)
    if (v.a[i] != VY__NONE)
      v.a[i] = r->values[v.a[i]];
  if (!keep_ref(r, &v))
    return false;
  const vy__pos *pos = r->in->value_pos ? &r->in->value_pos[id] : NULL;
  uint32_t to = r->values[id] = vy__ir_add_value(r->out, &v, pos);
  if (to == VY__NONE)
    return false;
  if (r->in->value_names)
    r->out->value_names[to] = r->in->value_names[id];
  return true;
}

static bool visit_value(renumber *r, uint32_t *root) {
  if (*root == VY__NONE)
    return true;
  uint32_t depth = 0;
  if (r->values[*root] == VY__NONE) {
    r->next[0] = 0;
    r->stack[depth++] = *root;
  }
  while (depth) {
    uint32_t id = r->stack[depth - 1];
    uint8_t k = r->next[depth - 1]++;
    if (k < 3) {
      uint32_t operand = r->in->values[id].a[k];
      if (operand != VY__NONE && r->values[operand] == VY__NONE) {
        r->next[depth] = 0;
        r->stack[depth++] = operand;
      }
      continue;
    }
    depth--;
    if (r->values[id] != VY__NONE)
      continue;
    renumber inner = *r; // sizes are walked above what is on the stack
    inner.stack += depth;
    inner.next += depth;
    if (!emit_value(&inner, id))
      return false;
  }
  *root = r->values[*root];
  return true;
}

static bool visit_stmt(renumber *r, uint32_t id) {
  vy__stmt s = r->in->stmts[id];
  bool ok = true;
  if (s.kind == VY__STMT_ARRAY) {
    ok = keep_array(r, false, s.a);
    s.a = ok ? r->privates[s.a] : s.a;
  } else {
    ok = visit_value(r, &s.b) && visit_value(r, &s.c) && visit_value(r, &s.d) &&
         visit_value(r, &s.a);
  }
  const vy__pos *pos = r->in->stmt_pos ? &r->in->stmt_pos[id] : NULL;
  return ok && vy__ir_add_stmt(r->out, &s, pos) != VY__NONE;
}

static bool visit_params(renumber *r) {
  const vy__ir *in = r->in;
  for (uint32_t i = 0; i < in->param_count; i++) {
    vy__param p = in->params[i];
    uint32_t first = r->out->field_count;
    for (uint32_t k = 0; k < p.field_count; k++) {
      uint32_t from = p.first_field + k;
      uint32_t name = in->field_names ? in->field_names[from] : 0;
      if (vy__ir_add_field(r->out, &in->fields[from], name) == VY__NONE)
        return false;
    }
    p.first_field = p.access ? first : 0;
    if (!visit_size(r, &p.length) || !visit_size(r, &p.readback_lo) ||
        !visit_size(r, &p.readback_hi))
      return false;
    const vy__pos *pos = in->param_pos ? &in->param_pos[i] : NULL;
    if (vy__ir_add_param(r->out, &p, pos) == VY__NONE)
      return false;
  }
  return true;
}

// Strings and files are taken over whole: offsets stay as they are.
static bool copy_strings(const vy__ir *in, vy__ir *out) {
  void *data = NULL;
  if (in->string_size) {
    if (!vy__grow(out->alloc, &data, &out->capacity[23], in->string_size, 1))
      return false;
    memcpy(data, in->strings, in->string_size);
  }
  out->strings = data;
  out->string_size = in->string_size;
  if (!in->file_count)
    return true;
  void *files = NULL, *texts = NULL;
  bool ok = vy__grow(out->alloc, &files, &out->capacity[21], in->file_count,
                     sizeof *in->files);
  out->files = files;
  ok = ok && vy__grow(out->alloc, &texts, &out->capacity[22], in->file_count,
                      sizeof *in->file_texts);
  out->file_texts = texts;
  if (!ok)
    return false;
  memcpy(out->files, in->files, in->file_count * sizeof *in->files);
  memcpy(out->file_texts, in->file_texts,
         in->file_count * sizeof *in->file_texts);
  out->file_count = in->file_count;
  return true;
}

bool vy__ir_canonicalize(const vy__ir *in, vy__ir *out) {
  vy__ir fresh;
  vy__ir_init(&fresh, in->alloc, in->has_debug);
  fresh.name = in->name;
  fresh.uses_groups = in->uses_groups;
  fresh.dimensions = in->dimensions;
  memcpy(fresh.domain, in->domain, sizeof in->domain);
  memcpy(fresh.group, in->group, sizeof in->group);
  renumber r = {.in = in, .out = &fresh};
  bool ok = setup(&r) && copy_strings(in, &fresh) && visit_params(&r);
  for (int i = 0; ok && i < 3; i++)
    ok = visit_size(&r, &fresh.domain[i]);
  for (int i = 0; ok && i < 3; i++)
    ok = visit_size(&r, &fresh.group[i]);
  for (uint32_t i = 0; ok && i < in->stmt_count; i++)
    ok = visit_stmt(&r, i);
  vy__free(in->alloc, r.block, r.block_count * sizeof *r.block);
  if (ok)
    *out = fresh;
  else
    vy__ir_free(&fresh);
  return ok;
}

// ---- equality

static bool same_string(const vy__ir *a, uint32_t x, const vy__ir *b,
                        uint32_t y) {
  return !strcmp(vy__ir_string(a, x), vy__ir_string(b, y));
}

static bool same(const void *a, const void *b, uint32_t n, uint32_t m,
                 size_t size) {
  return n == m && (n == 0 || !memcmp(a, b, n * size));
}

static bool same_params(const vy__ir *a, const vy__ir *b) {
  if (a->param_count != b->param_count || a->const_count != b->const_count)
    return false;
  for (uint32_t i = 0; i < a->param_count; i++) {
    vy__param p = a->params[i], q = b->params[i];
    if (!same_string(a, p.name, b, q.name))
      return false;
    p.name = q.name = 0;
    if (memcmp(&p, &q, sizeof p))
      return false;
  }
  for (uint32_t i = 0; i < a->const_count; i++) {
    const vy__const *p = &a->consts[i], *q = &b->consts[i];
    if (!same_string(a, p->name, b, q->name) || p->type != q->type ||
        p->bits != q->bits)
      return false;
  }
  return true;
}

bool vy__ir_equal(const vy__ir *a, const vy__ir *b) {
#define SAME(field, count)                                                     \
  same(a->field, b->field, a->count, b->count, sizeof *a->field)
  return same_string(a, a->name, b, b->name) &&
         a->uses_groups == b->uses_groups && a->dimensions == b->dimensions &&
         !memcmp(a->domain, b->domain, sizeof a->domain) &&
         !memcmp(a->group, b->group, sizeof a->group) && same_params(a, b) &&
         SAME(fields, field_count) && SAME(tables, table_count) &&
         SAME(table_bits, table_bit_count) && SAME(vars, var_count) &&
         SAME(privates, private_count) && SAME(groups, group_count) &&
         SAME(sizes, size_count) && SAME(values, value_count) &&
         SAME(stmts, stmt_count);
#undef SAME
}
