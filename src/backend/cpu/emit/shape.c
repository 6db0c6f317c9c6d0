// How many lanes go side by side. Vectors pay where lanes do the same on
// registers or on neighbouring memory. Lanes that go round loops of their own,
// to places of their own, run better one by one: then each costs its own
// trips only, and memory is reached by plain loads and stores. And where lanes
// go round loops that only compute, each step of which waits for the one
// before, two vectors and more cost little more than one.
#include "backend/cpu/emit/emitter.h"

typedef struct tally {
  const vy__emit *e;
  const vy_program *program;
  double alone;    // cost of a lane by itself
  double together; // of a lane in a vector of sixteen
  bool divides;    // lanes leave a loop one by one
  bool reaches;    // memory, in a loop
  uint32_t steps;  // operations on lanes in loops
} tally;

enum { FEW = 32 }; // steps that several vectors have registers for

bool vy__meets(const vy_program *program) {
  const vy__ir *ir = &program->ir;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    uint32_t effect = vy__op_row(ir->values[i].op)->effect;
    if (effect == VY__EFFECT_COLLECTIVE || effect == VY__EFFECT_SYNC)
      return true;
  }
  return false;
}

// Could neighbouring lanes' indices be neighbours? Sums of lane numbers and
// of what all lanes have alike.
static bool is_regular(const vy_program *p, uint32_t value, int depth) {
  const vy__value *v = &p->ir.values[value];
  if (p->value_uniform[value] || v->op == VY__OP_LANE || v->op == VY__OP_LOCAL)
    return true;
  if (depth == 0 || !(vy__op_row(v->op)->laws & VY__LAW_LINEAR))
    return false;
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++)
    if (!is_regular(p, v->a[k], depth - 1))
      return false;
  return true;
}

// Targets gather words, not bytes.
static bool is_small(const vy__ir *ir, const vy__value *v) {
  uint32_t type = VY_TYPE_U8;
  if (v->space == VY__SPACE_BUFFER)
    type = ir->fields[ir->params[v->ref].first_field + v->field].type;
  else if (v->space == VY__SPACE_GROUP)
    type = ir->groups[v->ref].type;
  else if (v->space == VY__SPACE_PRIVATE)
    type = ir->privates[v->ref].type;
  else if (v->space == VY__SPACE_TABLE)
    type = ir->tables[v->ref].type;
  else if (v->op != VY__OP_LOAD_U16)
    return false;
  return vy__type_bytes((vy_type)type) < 4;
}

static void count(tally *t, uint32_t value, double weight, bool divides) {
  const vy_program *p = t->program;
  const vy__value *v = &p->ir.values[value];
  uint32_t effect = vy__op_row(v->op)->effect;
  double waste = divides ? 1.5 : 1; // lanes that only wait
  t->divides |= divides;
  t->reaches |= weight > 1 && vy__op_elements(v->op);
  t->steps +=
      weight > 1 && effect == VY__EFFECT_PURE && !p->value_uniform[value];
  if (vy__op_elements(v->op)) {
    bool even = is_regular(p, v->a[0], 8);
    t->alone += weight * (effect == VY__EFFECT_ATOMIC ? 4 : 1);
    t->together += weight * waste *
                   (effect == VY__EFFECT_ATOMIC            ? 6
                    : vy__table_fits(t->e, t->e->width, v) ? 0.1
                    : even                                 ? 0.15
                    : effect == VY__EFFECT_WRITE           ? 3
                    : is_small(&p->ir, v)                  ? 3
                                                           : 1.5);
  } else if (effect == VY__EFFECT_PURE && !p->value_uniform[value]) {
    t->alone += weight * 0.4;
    t->together += weight * waste * 0.08;
  }
}

// How often each value is needed is taken from the loop around the statement
// that was last to use it.
static void weigh_values(const vy_program *p, double *weights,
                         uint8_t *divides) {
  const vy__ir *ir = &p->ir;
  double weight = 1;
  uint32_t depth = 0, first_divided = 0;
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    const vy__stmt *s = &ir->stmts[i];
    bool opens = s->kind == VY__STMT_WHILE || s->kind == VY__STMT_FOR;
    if (opens) {
      weight = weight < 1e6 ? weight * 16 : weight;
      depth++;
      bool same = p->stmt_uniform[i] &&
                  (s->kind == VY__STMT_WHILE || p->value_uniform[s->c]);
      if (!same && !first_divided)
        first_divided = depth;
    } else if (s->kind == VY__STMT_END) {
      uint32_t of = ir->stmts[p->match[i]].kind;
      if (of == VY__STMT_FOR || of == VY__STMT_WHILE || of == VY__STMT_COND) {
        weight = weight > 1 ? weight / 16 : 1;
        if (first_divided == depth)
          first_divided = 0;
        depth--;
      }
    }
    uint32_t used = s->kind == VY__STMT_EXEC || s->kind == VY__STMT_IF ||
                            s->kind == VY__STMT_COND
                        ? s->a
                        : VY__NONE;
    if (used != VY__NONE && weight > weights[used]) {
      weights[used] = weight;
      divides[used] = first_divided != 0;
    }
  }
  for (uint32_t v = ir->value_count; v-- > 0;)
    for (uint32_t k = 0; k < 3; k++) {
      uint32_t a = ir->values[v].a[k];
      if (a != VY__NONE && !vy__is_ordered(ir, &ir->values[a]) &&
          weights[v] > weights[a]) {
        weights[a] = weights[v];
        divides[a] = divides[v];
      }
    }
}

vy__abreast vy__lanes_abreast(vy__emit *e) {
  const vy_allocator *a = e->job->alloc;
  tally t = {.e = e, .program = e->program};
  uint32_t n = t.program->ir.value_count;
  if (vy__meets(t.program))
    return VY__SOME_ABREAST;
  double *weights = vy__calloc(a, n + 1, sizeof *weights);
  uint8_t *divides = vy__calloc(a, n + 1, 1);
  if (weights && divides) {
    weigh_values(t.program, weights, divides);
    for (uint32_t v = 0; v < n; v++)
      count(&t, v, weights[v], divides[v]);
  } else {
    e->oom = true;
  }
  if (weights)
    vy__free(a, weights, (n + 1) * sizeof *weights);
  if (divides)
    vy__free(a, divides, n + 1);
  return t.alone < t.together                        ? VY__ONE_ABREAST
         : t.divides && !t.reaches && t.steps <= FEW ? VY__MANY_ABREAST
                                                     : VY__SOME_ABREAST;
}
