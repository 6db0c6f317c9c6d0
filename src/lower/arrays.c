// arrays: a private array that is only accessed at constant indices becomes
// variables, one for each element that is used; later passes and the emitter
// know what to do with those. Loads outside give zero and stores outside are
// dropped here. (With strict bounds there are no passes, so none is missed.)
#include "lower/pass.h"

enum { MAX_ELEMENTS = 256 }; // of an array that is looked at

typedef struct arrays {
  vy__rewrite r;
  uint32_t *length;  // by private array: elements; 0: it stays
  uint32_t *first;   // by private array: into element[]
  uint32_t *element; // NONE: not used; else its variable, of `out`
  uint32_t element_count;
  void *block;
  size_t block_size;
} arrays;

// The storage types whose narrowing can be written with operations.
static bool can_narrow(vy_type t) {
  return t != VY_TYPE_F16 && t != VY_TYPE_BF16;
}

bool vy__array_suits(const vy__ir *ir, uint32_t id, uint32_t *length) {
  const vy__array *a = &ir->privates[id];
  vy__size_env none = {0};
  uint64_t n;
  if (!can_narrow((vy_type)a->type) ||
      vy__size_eval(ir, a->length, &none, &n) != VY__SIZE_OK ||
      n > MAX_ELEMENTS)
    return false;
  *length = (uint32_t)n;
  return true;
}

// ---- which arrays, which elements

static bool setup(arrays *p) {
  const vy__ir *in = p->r.in;
  size_t n = in->private_count, elements = 0;
  for (uint32_t k = 0, length; k < n; k++)
    elements += vy__array_suits(in, k, &length) ? length : 0;
  p->block_size = (2 * n + elements) * sizeof(uint32_t);
  p->block = vy__alloc(in->alloc, p->block_size);
  if (!p->block)
    return false;
  memset(p->block, 0xff, p->block_size);
  p->length = p->block;
  p->first = p->length + n;
  p->element = p->first + n;
  for (uint32_t k = 0; k < n; k++) {
    p->first[k] = p->element_count;
    if (!vy__array_suits(in, k, &p->length[k]))
      p->length[k] = 0;
    p->element_count += p->length[k];
  }
  return true;
}

// The place in element[] of an access inside the array; VY__NONE: outside.
static uint32_t place(const arrays *p, const vy__value *v) {
  uint64_t at = p->r.in->values[v->a[0]].imm; // negative ones are large
  return at < p->length[v->ref] ? p->first[v->ref] + (uint32_t)at : VY__NONE;
}

// Marks the elements in use, with anything but VY__NONE.
static void look(arrays *p) {
  const vy__ir *in = p->r.in;
  for (uint32_t i = 0; i < in->value_count; i++) {
    const vy__value *v = &in->values[i];
    if (vy__is_private(v) && in->values[v->a[0]].op != VY__OP_CONST)
      p->length[v->ref] = 0;
  }
  for (uint32_t i = 0; i < in->value_count; i++) {
    const vy__value *v = &in->values[i];
    if (vy__is_private(v) && p->length[v->ref] && place(p, v) != VY__NONE)
      p->element[place(p, v)] = 0;
  }
}

static void add_variables(arrays *p, uint32_t id) {
  vy__ir *out = &p->r.out;
  uint32_t *e = &p->element[p->first[id]], used = 0;
  for (uint32_t k = 0; k < p->length[id]; k++)
    used += e[k] != VY__NONE;
  if (out->var_count + used > VY__MAX_VARS) {
    p->length[id] = 0;
    return;
  }
  vy_type t = vy__value_type((vy_type)out->privates[id].type);
  for (uint32_t k = 0; k < p->length[id]; k++) {
    if (e[k] == VY__NONE)
      continue;
    e[k] = vy__ir_add_var(out, t, out->private_names[id]);
    p->r.failed |= e[k] == VY__NONE;
  }
}

// ---- their statements

static void add_exec(arrays *p, uint32_t value, uint32_t i) {
  vy__stmt s = {VY__STMT_EXEC, value, VY__NONE, VY__NONE, VY__NONE};
  if (vy__ir_add_stmt(&p->r.out, &s, &p->r.in->stmt_pos[i]) == VY__NONE)
    p->r.failed = true;
}

static vy__value access(vy__op op, vy_type type, uint32_t value, uint32_t var) {
  vy__value v = vy__op1(op, type, value);
  v.ref = var;
  return v;
}

static uint32_t made_here(arrays *p, const vy__value *v) {
  uint32_t id = vy__ir_add_value(&p->r.out, v, NULL);
  p->r.failed |= id == VY__NONE;
  return id;
}

static void zero(arrays *p, uint32_t i) {
  uint32_t array = p->r.in->stmts[i].a;
  vy_type t = vy__value_type((vy_type)p->r.in->privates[array].type);
  vy__value none = vy__op1(VY__OP_CONST, t, VY__NONE);
  uint32_t value = made_here(p, &none);
  for (uint32_t k = 0; k < p->length[array] && !p->r.failed; k++) {
    uint32_t var = p->element[p->first[array] + k];
    if (var == VY__NONE)
      continue;
    vy__value v = access(VY__OP_VAR_SET, VY_TYPE_NONE, value, var);
    add_exec(p, made_here(p, &v), i);
  }
}

static uint32_t shift(arrays *p, vy__op op, uint32_t x, uint32_t by,
                      uint32_t from) {
  vy__value v = vy__op2(op, VY_TYPE_I32, x,
                        vy__rewrite_const(&p->r, VY_TYPE_U32, by, from));
  return vy__rewrite_add(&p->r, &v, from);
}

// What a load gives after `x` was stored.
static uint32_t narrowed(arrays *p, vy_type t, uint32_t x, uint32_t from) {
  uint32_t bits = vy__type_bits(t);
  if (bits >= 32)
    return x;
  if (t == VY_TYPE_I8 || t == VY_TYPE_I16)
    return shift(p, VY__OP_SHR, shift(p, VY__OP_SHL, x, 32 - bits, from),
                 32 - bits, from);
  vy__value v =
      vy__op2(VY__OP_AND, VY_TYPE_U32, x,
              vy__rewrite_const(&p->r, VY_TYPE_U32, vy__all_ones(t), from));
  return vy__rewrite_add(&p->r, &v, from);
}

static void exec(arrays *p, uint32_t i) {
  uint32_t id = p->r.in->stmts[i].a;
  const vy__value *v = &p->r.in->values[id];
  uint32_t at = place(p, v);
  if (v->op == VY__OP_LOAD && at == VY__NONE) {
    p->r.map[id] = vy__rewrite_const(&p->r, (vy_type)v->type, 0, id);
  } else if (v->op == VY__OP_LOAD) {
    vy__value get =
        access(VY__OP_VAR_GET, (vy_type)v->type, VY__NONE, p->element[at]);
    p->r.map[id] = vy__rewrite_add(&p->r, &get, id);
    add_exec(p, p->r.map[id], i);
  } else if (at != VY__NONE) {
    vy_type t = (vy_type)p->r.in->privates[v->ref].type;
    uint32_t x = narrowed(p, t, p->r.map[v->a[1]], id);
    vy__value set = access(VY__OP_VAR_SET, VY_TYPE_NONE, x, p->element[at]);
    add_exec(p, vy__rewrite_add(&p->r, &set, id), i);
  }
}

static void step(arrays *p, uint32_t i) {
  const vy__stmt *s = &p->r.in->stmts[i];
  vy__rewrite_reach(&p->r, i, vy__rewrite_copy);
  if (s->kind == VY__STMT_ARRAY && p->length[s->a]) {
    zero(p, i);
    return;
  }
  if (s->kind == VY__STMT_EXEC) {
    const vy__value *v = &p->r.in->values[s->a];
    if (vy__is_private(v) && p->length[v->ref]) {
      exec(p, i);
      return;
    }
  }
  vy__rewrite_stmt(&p->r, i);
}

bool vy__pass_arrays(const vy__pass_env *env, const vy__ir *in, vy__ir *out) {
  arrays p = {.element_count = 0};
  if (!in->private_count)
    return vy__ir_copy(in, out);
  if (!vy__rewrite_begin(&p.r, env, in))
    return false;
  if (setup(&p)) {
    look(&p);
    for (uint32_t k = 0; k < in->private_count && !p.r.failed; k++)
      add_variables(&p, k);
  } else {
    p.r.failed = true;
  }
  for (uint32_t i = 0; i < in->stmt_count && !p.r.failed; i++)
    step(&p, i);
  if (p.block)
    vy__free(in->alloc, p.block, p.block_size);
  return vy__rewrite_end(&p.r, out);
}
