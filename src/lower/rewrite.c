// Writing a program anew, statement by statement.
#include "lower/pass.h"

bool vy__rewrite_begin(vy__rewrite *r, const vy__pass_env *env,
                       const vy__ir *in) {
  *r = (vy__rewrite){.env = env, .in = in};
  if (!vy__ir_copy(in, &r->out))
    return false;
  r->out.value_count = r->out.stmt_count = 0;
  r->map = vy__alloc(in->alloc, in->value_count * sizeof *r->map);
  r->match = vy__alloc(in->alloc, in->stmt_count * sizeof *r->match);
  // Of a program that was valid before, so it is balanced.
  if (r->map && r->match && vy__ir_match(in, r->match)) {
    memset(r->map, 0xff, in->value_count * sizeof *r->map);
    return true;
  }
  r->failed = true;
  vy__rewrite_end(r, NULL);
  return false;
}

bool vy__rewrite_end(vy__rewrite *r, vy__ir *result) {
  const vy_allocator *a = r->in->alloc;
  bool ok = !r->failed && vy__ir_canonicalize(&r->out, result);
  vy__ir_free(&r->out);
  vy__free(a, r->map, r->in->value_count * sizeof *r->map);
  vy__free(a, r->match, r->in->stmt_count * sizeof *r->match);
  return ok;
}

static bool has_own_value(const vy__stmt *s) {
  return s->kind == VY__STMT_EXEC || s->kind == VY__STMT_FOR;
}

// One more than the highest value that a statement reaches, its own left out.
static uint32_t reached(const vy__stmt *s) {
  if (s->kind == VY__STMT_EXEC)
    return s->a;
  uint32_t end = 0;
  const uint32_t ids[] = {s->a, s->b, s->c, s->d};
  if (s->kind == VY__STMT_ARRAY)
    return 0;
  for (uint32_t k = s->kind == VY__STMT_FOR ? 1 : 0; k < VY__COUNT(ids); k++)
    if (ids[k] != VY__NONE && ids[k] + 1 > end)
      end = ids[k] + 1;
  return end;
}

void vy__rewrite_reach(vy__rewrite *r, uint32_t i, vy__rewrite_value *make) {
  const vy__stmt *s = &r->in->stmts[i];
  for (uint32_t end = reached(s); r->next < end; r->next++)
    r->map[r->next] = make(r, r->next);
  if (has_own_value(s) && s->a >= r->next)
    r->next = s->a + 1;
}

bool vy__rewrite_operands(const vy__rewrite *r, uint32_t id, vy__value *v) {
  *v = r->in->values[id];
  for (int k = 0; k < 3; k++) {
    if (v->a[k] == VY__NONE)
      continue;
    v->a[k] = r->map[v->a[k]];
    if (v->a[k] == VY__NONE)
      return false;
  }
  return true;
}

uint32_t vy__rewrite_add(vy__rewrite *r, const vy__value *v, uint32_t from) {
  const vy__ir *in = r->in;
  uint32_t id = vy__ir_add_value(&r->out, v, &in->value_pos[from]);
  if (id == VY__NONE)
    r->failed = true;
  else
    r->out.value_names[id] = in->value_names[from];
  return id;
}

uint32_t vy__rewrite_const(vy__rewrite *r, vy_type type, uint64_t bits,
                           uint32_t from) {
  vy__value v = {.op = VY__OP_CONST,
                 .type = (uint8_t)type,
                 .a = {VY__NONE, VY__NONE, VY__NONE},
                 .imm = bits};
  return vy__rewrite_add(r, &v, from);
}

uint32_t vy__rewrite_copy(vy__rewrite *r, uint32_t id) {
  vy__value v;
  return vy__rewrite_operands(r, id, &v) ? vy__rewrite_add(r, &v, id)
                                         : VY__NONE;
}

void vy__rewrite_stmt(vy__rewrite *r, uint32_t i) {
  vy__stmt s = r->in->stmts[i];
  if (has_own_value(&s))
    r->map[s.a] = vy__rewrite_copy(r, s.a);
  uint32_t *ids[] = {&s.a, &s.b, &s.c, &s.d};
  for (size_t k = 0; s.kind != VY__STMT_ARRAY && k < VY__COUNT(ids); k++)
    if (*ids[k] != VY__NONE)
      *ids[k] = r->map[*ids[k]];
  if (vy__ir_add_stmt(&r->out, &s, &r->in->stmt_pos[i]) == VY__NONE)
    r->failed = true;
}

static uint64_t mix(uint64_t h, uint64_t x) {
  h = (h ^ x) * 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}

uint64_t vy__value_hash(const vy__value *v) {
  uint64_t h =
      mix(v->op | (uint32_t)v->type << 16 | (uint32_t)v->space << 24, v->imm);
  h = mix(h, v->ref | (uint64_t)v->field << 32);
  h = mix(h, v->a[0] | (uint64_t)v->a[1] << 32);
  return mix(h, v->a[2]);
}

bool vy__value_equal(const vy__value *a, const vy__value *b) {
  return a->op == b->op && a->type == b->type && a->space == b->space &&
         a->a[0] == b->a[0] && a->a[1] == b->a[1] && a->a[2] == b->a[2] &&
         a->ref == b->ref && a->field == b->field && a->imm == b->imm;
}
