// Size expressions: signed 128-bit arithmetic over scalars, constants and
// lengths. Nodes may be shared, so evaluation counts its steps; the validator
// refuses what would need more than VY__MAX_SIZE_NODES of them.
#include <stdio.h>

#include "ir/ir.h"

typedef struct size_run {
  const vy__ir *ir;
  const vy__size_env *env;
  uint32_t steps;
} size_run;

static __int128 from_bits(vy_type type, uint64_t bits) {
  switch (type) {
  case VY_TYPE_I32:
    return (int32_t)(uint32_t)bits;
  case VY_TYPE_I64:
    return (int64_t)bits;
  default:
    return bits;
  }
}

static vy__size_result leaf(const size_run *r, const vy__size *s,
                            __int128 *out) {
  const vy__size_env *env = r->env;
  if (s->op == VY__SIZE_LITERAL) {
    *out = (int64_t)s->imm;
  } else if (s->op == VY__SIZE_SPEC) {
    const vy__const *c = &r->ir->consts[s->ref];
    *out = from_bits(c->type, env->consts ? env->consts[s->ref] : c->bits);
  } else if (s->op == VY__SIZE_PARAM) {
    if (!env->scalars)
      return VY__SIZE_UNKNOWN;
    *out = from_bits(r->ir->params[s->ref].type, env->scalars[s->ref]);
  } else {
    if (!env->lengths)
      return VY__SIZE_UNKNOWN;
    *out = env->lengths[s->ref];
  }
  return VY__SIZE_OK;
}

static vy__size_result combine(uint32_t op, __int128 a, __int128 b,
                               __int128 *out) {
  bool overflow = false;
  if ((op == VY__SIZE_DIV || op == VY__SIZE_REM) && b == 0)
    return VY__SIZE_DIV_ZERO;
  if (op == VY__SIZE_ADD)
    overflow = __builtin_add_overflow(a, b, out);
  else if (op == VY__SIZE_SUB)
    overflow = __builtin_sub_overflow(a, b, out);
  else if (op == VY__SIZE_MUL)
    overflow = __builtin_mul_overflow(a, b, out);
  else if (op == VY__SIZE_DIV && b == -1)
    overflow = __builtin_sub_overflow((__int128)0, a, out);
  else if (op == VY__SIZE_DIV)
    *out = a / b;
  else if (op == VY__SIZE_REM)
    *out = b == -1 ? 0 : a % b;
  else if (op == VY__SIZE_MIN)
    *out = a < b ? a : b;
  else
    *out = a > b ? a : b;
  return overflow ? VY__SIZE_OVERFLOW : VY__SIZE_OK;
}

static vy__size_result eval(size_run *r, uint32_t node, uint32_t depth,
                            __int128 *out) {
  if (depth > VY__MAX_NESTING || ++r->steps > VY__MAX_SIZE_NODES)
    return VY__SIZE_OVERFLOW;
  const vy__size *s = &r->ir->sizes[node];
  if (s->op <= VY__SIZE_LEN)
    return leaf(r, s, out);
  __int128 a = 0, b = 0;
  vy__size_result got = eval(r, s->a, depth + 1, &a);
  if (got != VY__SIZE_OK)
    return got;
  if (s->op == VY__SIZE_ELEMENT) {
    uint64_t bits = 0;
    if (a < 0)
      return VY__SIZE_NEGATIVE;
    if (a > INT64_MAX)
      return VY__SIZE_TOO_LARGE;
    if (!r->env->element || !r->env->element(r->env->user, s->ref, (uint64_t)a,
                                             (uint32_t)s->imm, &bits))
      return VY__SIZE_UNKNOWN;
    const vy__param *p = &r->ir->params[s->ref];
    vy_type stored = r->ir->fields[p->first_field + s->imm].type;
    *out = from_bits(vy__value_type(stored), bits);
    return VY__SIZE_OK;
  }
  got = eval(r, s->b, depth + 1, &b);
  return got == VY__SIZE_OK ? combine(s->op, a, b, out) : got;
}

vy__size_result vy__size_eval(const vy__ir *ir, uint32_t node,
                              const vy__size_env *env, uint64_t *out) {
  size_run r = {.ir = ir, .env = env};
  __int128 v = 0;
  vy__size_result got = eval(&r, node, 0, &v);
  if (got != VY__SIZE_OK)
    return got;
  if (v < 0)
    return VY__SIZE_NEGATIVE;
  if (v > INT64_MAX)
    return VY__SIZE_TOO_LARGE;
  *out = (uint64_t)v;
  return VY__SIZE_OK;
}

uint32_t vy__size_root(const vy__ir *ir, uint32_t param) {
  for (uint32_t n = 0; n < ir->param_count; n++) {
    uint32_t node = ir->params[param].length;
    if (node == VY__NONE || ir->sizes[node].op != VY__SIZE_LEN)
      break;
    param = ir->sizes[node].ref;
  }
  return param;
}

static void count(const vy__ir *ir, uint32_t node, uint32_t depth,
                  uint32_t *steps) {
  if (depth > VY__MAX_NESTING)
    *steps = VY__MAX_SIZE_NODES + 1;
  if (*steps > VY__MAX_SIZE_NODES)
    return;
  ++*steps;
  const vy__size *s = &ir->sizes[node];
  if (s->a != VY__NONE)
    count(ir, s->a, depth + 1, steps);
  if (s->b != VY__NONE)
    count(ir, s->b, depth + 1, steps);
}

bool vy__size_is_simple(const vy__ir *ir, uint32_t node) {
  uint32_t steps = 0;
  count(ir, node, 0, &steps);
  return steps <= VY__MAX_SIZE_NODES;
}

// ---- as text

typedef struct text_out {
  char *at;
  size_t room; // with the terminator
} text_out;

static void put(text_out *t, const char *s) {
  while (*s && t->room > 1) {
    *t->at++ = *s++;
    t->room--;
  }
  *t->at = 0;
}

static void write_size(const vy__ir *ir, uint32_t node, text_out *t,
                       uint32_t depth);

static void write_leaf(const vy__ir *ir, const vy__size *s, text_out *t,
                       uint32_t depth) {
  char number[32];
  if (s->op == VY__SIZE_LITERAL) {
    snprintf(number, sizeof number, "%lld", (long long)(int64_t)s->imm);
    put(t, number);
  } else if (s->op == VY__SIZE_SPEC) {
    put(t, vy__ir_string(ir, ir->consts[s->ref].name));
  } else {
    bool len = s->op == VY__SIZE_LEN;
    put(t, len ? "len(" : "");
    put(t, vy__ir_string(ir, ir->params[s->ref].name));
    put(t, len ? ")" : "");
  }
  if (s->op == VY__SIZE_ELEMENT) {
    put(t, "[");
    write_size(ir, s->a, t, depth + 1);
    put(t, "]");
  }
}

static void write_size(const vy__ir *ir, uint32_t node, text_out *t,
                       uint32_t depth) {
  static const char *const signs[] = {
      [VY__SIZE_ADD] = " + ", [VY__SIZE_SUB] = " - ", [VY__SIZE_MUL] = " * ",
      [VY__SIZE_DIV] = " / ", [VY__SIZE_REM] = " % ", [VY__SIZE_MIN] = ", ",
      [VY__SIZE_MAX] = ", "};
  const vy__size *s = &ir->sizes[node];
  if (depth > 8 || t->room <= 1) {
    put(t, "...");
    return;
  }
  if (s->op <= VY__SIZE_LEN || s->op == VY__SIZE_ELEMENT) {
    write_leaf(ir, s, t, depth);
    return;
  }
  put(t, s->op == VY__SIZE_MIN ? "min" : s->op == VY__SIZE_MAX ? "max" : "");
  bool call = s->op == VY__SIZE_MIN || s->op == VY__SIZE_MAX;
  put(t, call || depth ? "(" : "");
  write_size(ir, s->a, t, depth + 1);
  put(t, signs[s->op]);
  write_size(ir, s->b, t, depth + 1);
  put(t, call || depth ? ")" : "");
}

void vy__size_text(const vy__ir *ir, uint32_t node, char *out, size_t size) {
  text_out t = {out, size};
  if (!size)
    return;
  *out = 0;
  if (node < ir->size_count)
    write_size(ir, node, &t, 0);
}
