// Atomics: one instruction each, relaxed, guarded by the bounds check; those
// whose old value nobody uses are reductions, if there is one.
#include <stdio.h>

#include "backend/cuda/emit/emit.h"

// An atomic operation by the instruction's name, and the kind of its type:
// 'b' bits, 'u' unsigned, 't' that of the element; `red`: a reduction can do
// it, which leaves no old value.
typedef struct row {
  const char *name;
  char kind;
  bool red;
} row;

static const row rows[VY__OP_LIMIT] = {
    [VY__OP_ATOMIC_LOAD] = {"ld", 'b'},
    [VY__OP_ATOMIC_STORE] = {"st", 'b'},
    [VY__OP_ATOMIC_ADD] = {"add", 'u', true},
    [VY__OP_ATOMIC_SUB] = {"add", 'u', true}, // of the negated operand
    [VY__OP_ATOMIC_MIN] = {"min", 't', true},
    [VY__OP_ATOMIC_MAX] = {"max", 't', true},
    [VY__OP_ATOMIC_AND] = {"and", 'b', true},
    [VY__OP_ATOMIC_OR] = {"or", 'b', true},
    [VY__OP_ATOMIC_XOR] = {"xor", 'b', true},
    [VY__OP_ATOMIC_EXCHANGE] = {"exch", 'b'},
    [VY__OP_ATOMIC_COMPARE_EXCHANGE] = {"cas", 'b'},
};

static vy__reg negated(vy__ptx *p, vy_type type, uint32_t v) {
  uint64_t bits;
  if (vy__ptx_constant(p, v, &bits))
    return vy__ptx_imm(type, 0 - bits);
  vy__reg d = vy__ptx_temp(p, vy__ptx_class_of(type));
  vy__ptx_apply(p, VY__OP_NEG, type, type, d.s,
                (const char *const[3]){vy__ptx_use(p, v).s});
  return d;
}

// "[rt0+4], r1, r2": the place and the operands.
static void operands(vy__ptx *p, const vy__value *v, const vy__ptx_access *a,
                     char *out, size_t size) {
  vy__reg x[2] = {{""}, {""}};
  for (uint32_t k = 0; k < 2 && v->a[k + 1] != VY__NONE; k++)
    x[k] = v->op == VY__OP_ATOMIC_SUB ? negated(p, a->stored, v->a[k + 1])
                                      : vy__ptx_use(p, v->a[k + 1]);
  (void)snprintf(out, size, "[%s+%lld]%s%s%s%s", a->address.s,
                 (long long)a->offset, x[0].s[0] ? ", " : "", x[0].s,
                 x[1].s[0] ? ", " : "", x[1].s);
}

void vy__ptx_atomic(vy__ptx *p, uint32_t value) {
  const vy__value *v = &p->ir->values[value];
  vy__ptx_access a = vy__ptx_at(p, value);
  const row *r = &rows[v->op];
  const char *scope = strcmp(a.space, "shared") == 0 ? "cta" : "gpu";
  uint32_t bits = vy__type_bits(a.stored);
  char kind = r->kind;
  if (kind == 't')
    kind = vy__is_signed(a.stored) ? 's' : 'u';
  char to[4 * VY__PTX_NAME + 32];
  operands(p, v, &a, to, sizeof to);
  vy__reg guard = vy__ptx_guard(&a), d = {""};
  if (r->red && !p->uses[value]) {
    vy__ptx_line(p, "%sred.relaxed.%s.%s.%s.%c%u %s", guard.s, scope, a.space,
                 r->name, kind, bits, to);
    return;
  }
  if (v->op != VY__OP_ATOMIC_STORE) {
    d = vy__ptx_use(p, value);
    if (guard.s[0])
      vy__ptx_line(p, "mov.b%u %s, 0", bits, d.s);
  }
  if (v->op == VY__OP_ATOMIC_LOAD || v->op == VY__OP_ATOMIC_STORE)
    vy__ptx_line(p, "%s%s.relaxed.%s.%s.b%u %s%s%s", guard.s, r->name, scope,
                 a.space, bits, d.s, d.s[0] ? ", " : "", to);
  else
    vy__ptx_line(p, "%satom.relaxed.%s.%s.%s.%c%u %s, %s", guard.s, scope,
                 a.space, r->name, kind, bits, d.s, to);
}
