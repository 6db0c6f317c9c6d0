// Where things stand in printed text. A value used once is part of its user's
// expression; one used more often, or too deep, is a `let` before the first
// statement of the smallest block around all uses; ordered operations are
// `let`s at their EXEC, except in a loop's condition that is one expression.
// Operands have smaller ids than users, so one pass down meets every use of a
// value before the value itself.
#include <stdio.h>

#include "text/print.h"

static void *room(vy__print *p, size_t count, size_t size) {
  void *a = vy__arena_alloc(&p->arena, (count + 1) * size);
  p->failed |= !a;
  return a;
}

static uint32_t *ids(vy__print *p, size_t count) {
  uint32_t *a = room(p, count, sizeof *a);
  for (size_t i = 0; a && i < count; i++)
    a[i] = VY__NONE;
  return a;
}

// ---- names

static uint32_t hash(const char *s) {
  uint32_t h = 2166136261u;
  for (; *s; s++)
    h = (h ^ (unsigned char)*s) * 16777619u;
  return h ^ h >> 15;
}

static bool take(vy__print *p, const char *name) {
  if (vy__is_reserved(vy_str_c(name)))
    return false;
  uint32_t at = hash(name) & (p->taken_size - 1);
  for (; p->taken[at]; at = (at + 1) & (p->taken_size - 1))
    if (!strcmp(p->taken[at], name))
      return false;
  if (p->taken_count * 2 >= p->taken_size) {
    p->failed = true;
    return true;
  }
  p->taken[at] = name;
  p->taken_count++;
  return true;
}

static bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (c >= '0' && c <= '9');
}

const char *vy__print_name(vy__print *p, const char *base, const char *other) {
  char text[VY__MAX_NAME + 1];
  size_t n = 0;
  if (!*base || (*base >= '0' && *base <= '9'))
    base = other;
  for (; base[n] && n < VY__MAX_NAME - 16; n++)
    text[n] = letter(base[n]) ? base[n] : '_';
  text[n] = 0;
  const char *name = vy__arena_str(&p->arena, text, n);
  while (name && !p->failed && !take(p, name)) {
    int size = snprintf(text + n, sizeof text - n, "_%u", ++p->counter);
    name = vy__arena_str(&p->arena, text, n + (size_t)size);
  }
  p->failed |= !name;
  return name ? name : "";
}

static void name_all(vy__print *p, const char ***out, uint32_t count,
                     const uint32_t *names, const char *other) {
  *out = room(p, count, sizeof **out);
  for (uint32_t i = 0; !p->failed && i < count; i++)
    (*out)[i] =
        vy__print_name(p, names ? vy__ir_string(p->ir, names[i]) : "", other);
}

static void plan_names(vy__print *p) {
  const vy__ir *ir = p->ir;
  uint64_t need = 2ull * (ir->param_count * 2 + ir->const_count +
                          ir->var_count + ir->private_count + ir->group_count +
                          ir->table_count + ir->value_count + 8);
  for (p->taken_size = 64; p->taken_size < need + 1;)
    p->taken_size *= 2;
  p->taken = room(p, p->taken_size, sizeof *p->taken);
  if (p->failed)
    return;
  take(p, vy__ir_string(ir, ir->name));
  for (uint32_t i = 0; i < ir->param_count; i++)
    take(p, vy__ir_string(ir, ir->params[i].name));
  for (uint32_t i = 0; i < ir->const_count; i++)
    take(p, vy__ir_string(ir, ir->consts[i].name));
  name_all(p, &p->table_names, ir->table_count, ir->table_names, "table");
  name_all(p, &p->group_names, ir->group_count, ir->group_names, "s");
  name_all(p, &p->private_names, ir->private_count, ir->private_names, "p");
  name_all(p, &p->var_names, ir->var_count, ir->var_names, "t");
  p->names = room(p, ir->value_count, sizeof *p->names);
  p->structs = room(p, ir->param_count, sizeof *p->structs);
  p->field_places = room(p, ir->field_count, sizeof *p->field_places);
  for (uint32_t i = 0; !p->failed && i < ir->value_count; i++)
    if (p->is_let[i])
      p->names[i] = vy__print_name(
          p, ir->value_names ? vy__ir_string(ir, ir->value_names[i]) : "",
          ir->values[i].op == VY__OP_LOOP_INDEX ? "i" : "v");
}

// ---- blocks

static void plan_blocks(vy__print *p) {
  const vy__ir *ir = p->ir;
  uint32_t open[VY__MAX_NESTING + 1], depth = 0;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    uint32_t kind = ir->stmts[i].kind;
    if (kind == VY__STMT_END || kind == VY__STMT_ELSE)
      depth--;
    if (kind == VY__STMT_END && ir->stmts[open[depth]].kind == VY__STMT_COND)
      depth--;
    p->parent[i] = depth ? open[depth - 1] : VY__NONE;
    p->depth[i] = depth;
    if (kind == VY__STMT_IF || kind == VY__STMT_ELSE ||
        kind == VY__STMT_WHILE || kind == VY__STMT_COND ||
        kind == VY__STMT_FOR || kind == VY__STMT_BLOCK)
      open[depth++] = i;
  }
}

// First statement, in the smallest common block, of the two's.
static uint32_t meet(const vy__print *p, uint32_t a, uint32_t b) {
  if (a == VY__NONE || b == VY__NONE)
    return a == VY__NONE ? b : a;
  while (p->depth[a] > p->depth[b])
    a = p->parent[a];
  while (p->depth[b] > p->depth[a])
    b = p->parent[b];
  while (p->parent[a] != p->parent[b]) {
    a = p->parent[a];
    b = p->parent[b];
  }
  return a < b ? a : b;
}

// Nothing can be declared before an ELSE: it goes before the IF.
static uint32_t before_else(const vy__print *p, uint32_t s) {
  while (s != VY__NONE && p->ir->stmts[s].kind == VY__STMT_ELSE)
    s = p->match[p->match[s]];
  return s;
}

// ---- values

static bool is_pure(const vy__print *p, uint32_t id) {
  const vy__value *v = &p->ir->values[id];
  return v->op != VY__OP_LOOP_INDEX && !vy__is_ordered(p->ir, v);
}

static void use(vy__print *p, uint32_t id, uint32_t stmt) {
  if (id == VY__NONE)
    return;
  p->uses[id]++;
  if (is_pure(p, id))
    p->place[id] = meet(p, p->place[id], stmt);
}

static void plan_places(vy__print *p) {
  const vy__ir *ir = p->ir;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    const vy__stmt *s = &ir->stmts[i];
    if (s->kind == VY__STMT_ARRAY)
      continue;
    if (s->kind == VY__STMT_EXEC || s->kind == VY__STMT_FOR)
      p->place[s->a] = i;
    else
      use(p, s->a, i);
    use(p, s->b, i);
    use(p, s->c, i);
    use(p, s->d, i);
  }
  for (uint32_t i = ir->value_count; i-- > 0;) {
    const vy__value *v = &ir->values[i];
    if (is_pure(p, i))
      p->place[i] = before_else(p, p->place[i]);
    for (int k = 0; k < 3; k++)
      use(p, v->a[k], p->place[i]);
    bool access = vy__op_is_variable(v->op);
    if (access)
      p->var_place[v->ref] = meet(p, p->var_place[v->ref], p->place[i]);
  }
  for (uint32_t i = 0; i < ir->var_count; i++) {
    uint32_t at = p->var_place[i] = before_else(p, p->var_place[i]);
    const vy__stmt *s = at == VY__NONE ? NULL : &ir->stmts[at];
    const vy__value *v =
        s && s->kind == VY__STMT_EXEC ? &ir->values[s->a] : NULL;
    p->var_set[i] = v && v->op == VY__OP_VAR_SET && v->ref == i;
  }
}

// Must not stand inside an expression: what the parser reads otherwise.
static bool alone(const vy__print *p, uint32_t id) {
  const vy__value *v = &p->ir->values[id];
  return v->op == VY__OP_CONST && !vy__print_finite((vy_type)v->type, v->imm);
}

// Does evaluating `id` as one expression run exactly the EXECs from *next on,
// in order?
static bool in_order(const vy__print *p, uint32_t id, uint32_t *next,
                     uint32_t end, uint32_t depth) {
  const vy__ir *ir = p->ir;
  if (p->uses[id] > 1 || depth == VY__PRINT_DEPTH || alone(p, id)) {
    // A `let`: fine when it stands before the loop.
    bool outside = is_pure(p, id) || ir->values[id].op == VY__OP_LOOP_INDEX ||
                   p->place[id] < *next;
    return outside && p->depth[p->place[id]] < p->depth[end];
  }
  bool ordered = !is_pure(p, id);
  if (ordered && p->depth[p->place[id]] < p->depth[end])
    return true;
  for (int k = 0; k < 3; k++) {
    uint32_t a = ir->values[id].a[k];
    if (a != VY__NONE && !in_order(p, a, next, end, depth + 1))
      return false;
  }
  return !ordered || (*next < end && p->place[id] == (*next)++);
}

static void plan_conditions(vy__print *p) {
  const vy__ir *ir = p->ir;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    if (ir->stmts[i].kind != VY__STMT_WHILE)
      continue;
    uint32_t end = p->match[i], next = i + 1;
    bool fine = true;
    for (uint32_t k = i + 1; fine && k < end; k++)
      fine = ir->stmts[k].kind == VY__STMT_EXEC &&
             ir->values[ir->stmts[k].a].type != VY_TYPE_NONE;
    p->simple[i] =
        fine && in_order(p, ir->stmts[end].a, &next, end, 0) && next == end;
  }
  for (uint32_t i = 0; i < ir->var_count; i++)
    if (p->var_place[i] != VY__NONE) {
      uint32_t around = p->parent[p->var_place[i]];
      if (around != VY__NONE && ir->stmts[around].kind == VY__STMT_WHILE)
        p->simple[around] = 0;
    }
}

static bool in_simple_condition(const vy__print *p, uint32_t stmt) {
  uint32_t around = p->parent[stmt];
  return around != VY__NONE && p->ir->stmts[around].kind == VY__STMT_WHILE &&
         p->simple[around];
}

static void plan_lets(vy__print *p) {
  const vy__ir *ir = p->ir;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *v = &ir->values[i];
    uint8_t height = 0;
    for (int k = 0; k < 3; k++) {
      uint32_t a = v->a[k];
      if (a != VY__NONE && !p->is_let[a] && p->height[a] > height)
        height = p->height[a];
      // `-5` is one literal: its negation names the operand.
      if (a != VY__NONE && v->op == VY__OP_NEG &&
          ir->values[a].op == VY__OP_CONST && !p->is_let[a])
        p->is_let[a] = 1;
    }
    p->height[i] = (uint8_t)(height + 1);
    if (v->op == VY__OP_LOOP_INDEX)
      p->is_let[i] = 1;
    else if (!is_pure(p, i))
      p->is_let[i] =
          v->type != VY_TYPE_NONE && !in_simple_condition(p, p->place[i]);
    else
      p->is_let[i] =
          p->uses[i] > 1 || p->height[i] > VY__PRINT_DEPTH || alone(p, i);
  }
}

static void plan_lists(vy__print *p) {
  const vy__ir *ir = p->ir;
  for (uint32_t i = ir->value_count; i-- > 0;)
    if (p->is_let[i] && is_pure(p, i)) {
      uint32_t *first = &p->first_let[p->place[i]];
      p->next_let[i] = *first;
      *first = i;
    }
  for (uint32_t i = ir->var_count; i-- > 0;)
    if (p->var_place[i] != VY__NONE && !p->var_set[i]) {
      uint32_t *first = &p->first_var[p->var_place[i]];
      p->next_var[i] = *first;
      *first = i;
    }
}

bool vy__print_plan(vy__print *p) {
  const vy__ir *ir = p->ir;
  uint32_t stmts = ir->stmt_count, values = ir->value_count;
  p->parent = ids(p, stmts);
  p->depth = ids(p, stmts);
  p->match = ids(p, stmts);
  p->first_let = ids(p, stmts);
  p->first_var = ids(p, stmts);
  p->simple = room(p, stmts, 1);
  p->uses = room(p, values, sizeof *p->uses);
  p->place = ids(p, values);
  p->next_let = ids(p, values);
  p->is_let = room(p, values, 1);
  p->height = room(p, values, 1);
  p->var_place = ids(p, ir->var_count);
  p->next_var = ids(p, ir->var_count);
  p->var_set = room(p, ir->var_count, 1);
  if (p->failed || !vy__ir_match(ir, p->match))
    return false;
  plan_blocks(p);
  plan_places(p);
  plan_conditions(p);
  plan_lets(p);
  plan_lists(p);
  plan_names(p);
  return !p->failed;
}
