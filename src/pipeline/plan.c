// Facts about a program that every dispatch needs, worked out once.
#include "pipeline/pipeline.h"

// What a size expression uses.
typedef struct uses {
  uint64_t scalars, lengths; // parameters
  uint32_t elements;         // SIZE_ELEMENT nodes
} uses;

static void collect(const vy__ir *ir, uint32_t node, uses *u) {
  const vy__size *s = &ir->sizes[node];
  if (s->op == VY__SIZE_PARAM)
    u->scalars |= UINT64_C(1) << s->ref;
  if (s->op == VY__SIZE_LEN)
    u->lengths |= UINT64_C(1) << s->ref;
  if (s->op == VY__SIZE_ELEMENT)
    u->elements++;
  if (s->a != VY__NONE)
    collect(ir, s->a, u);
  if (s->b != VY__NONE)
    collect(ir, s->b, u);
}

static void list_late(vy__plan *plan, uint32_t node, uint32_t output) {
  const vy__ir *ir = &plan->program->ir;
  const vy__size *s = &ir->sizes[node];
  if (s->op == VY__SIZE_ELEMENT)
    plan->late[plan->late_count++] = (vy__late){node, output};
  if (s->a != VY__NONE)
    list_late(plan, s->a, output);
  if (s->b != VY__NONE)
    list_late(plan, s->b, output);
}

// Sized writes in an order in which each one's length can be computed; the
// validator has refused circles.
static void order_sizes(vy__plan *plan, const uint64_t *needs,
                        uint64_t pending) {
  bool moved = true;
  while (pending && moved) {
    moved = false;
    for (uint32_t p = 0; p < plan->param_count; p++) {
      uint64_t bit = UINT64_C(1) << p;
      if (!(pending & bit) || (needs[p] & pending))
        continue;
      plan->size_order[plan->size_count++] = (uint8_t)p;
      pending &= ~bit;
      moved = true;
    }
  }
}

static bool find_late(vy__plan *plan, uint32_t elements) {
  const vy__ir *ir = &plan->program->ir;
  plan->late = vy__calloc(ir->alloc, elements, sizeof *plan->late);
  if (!plan->late)
    return false;
  for (uint32_t o = 0; o < plan->output_count; o++) {
    const vy__param *p = &ir->params[plan->output_param[o]];
    uint32_t before = plan->late_count;
    if (p->readback_lo == VY__NONE)
      continue;
    list_late(plan, p->readback_lo, o);
    list_late(plan, p->readback_hi, o);
    if (plan->late_count > before)
      plan->late_outputs |= UINT64_C(1) << o;
  }
  return true;
}

static void scan_params(vy__plan *plan, uses *all, uint32_t *elements) {
  const vy__ir *ir = &plan->program->ir;
  uint64_t needs[VY__MAX_PARAMS] = {0}, pending = 0;
  for (uint32_t i = 0; i < ir->param_count; i++) {
    const vy__param *p = &ir->params[i];
    plan->params[i].output = UINT8_MAX;
    if (p->access == VY_ACCESS_WRITE || p->access == VY_ACCESS_UPDATE) {
      plan->outputs |= UINT64_C(1) << i;
      plan->params[i].output = (uint8_t)plan->output_count;
      plan->output_param[plan->output_count++] = (uint8_t)i;
    }
    uses u = {0}, back = {0};
    if (p->length != VY__NONE)
      collect(ir, p->length, &u);
    if (p->length != VY__NONE)
      plan->sized |= UINT64_C(1) << i;
    if (p->readback_lo != VY__NONE) {
      plan->reads_back = true;
      collect(ir, p->readback_lo, &back);
      collect(ir, p->readback_hi, &back);
    }
    needs[i] = u.lengths;
    if (p->length != VY__NONE && p->access == VY_ACCESS_WRITE)
      pending |= UINT64_C(1) << i;
    all->scalars |= u.scalars | back.scalars;
    *elements += back.elements;
  }
  order_sizes(plan, needs, pending);
}

static uint8_t kinds_of(const vy__param *p) {
  switch (p->access) {
  case VY_ACCESS_NONE:
    return 1 << VY_ARG_SCALAR;
  case VY_ACCESS_WRITE:
    return (
        uint8_t)(1 << VY_ARG_BUFFER |
                 1 << (p->length == VY__NONE ? VY_ARG_LENGTH : VY_ARG_NONE));
  default:
    return 1 << VY_ARG_BUFFER | 1 << VY_ARG_HOST;
  }
}

// The parameter whose length `node` is; 255: it is something else.
static uint8_t length_of(const vy__ir *ir, uint32_t node) {
  bool is = node != VY__NONE && ir->sizes[node].op == VY__SIZE_LEN;
  return is ? (uint8_t)ir->sizes[node].ref : UINT8_MAX;
}

static void find_usual(vy__plan *plan) {
  const vy__ir *ir = &plan->program->ir;
  const uint32_t *group = plan->program->group_size;
  for (uint32_t i = 0; i < ir->param_count; i++) {
    uint32_t size = ir->params[i].element_size;
    bool power = size && (size & (size - 1)) == 0;
    plan->params[i].shift = power ? (uint8_t)__builtin_ctz(size) : UINT8_MAX;
    plan->params[i].kinds = kinds_of(&ir->params[i]);
    plan->params[i].same_length = length_of(ir, ir->params[i].length);
  }
  plan->same_lanes = UINT8_MAX;
  if (ir->dimensions == 1 && !ir->uses_groups && group[0] <= 1 &&
      group[1] <= 1 && group[2] <= 1)
    plan->same_lanes = length_of(ir, ir->domain[0]);
}

bool vy__plan_init(vy__plan *plan, const vy_program *program) {
  const vy__ir *ir = &program->ir;
  uses all = {0};
  uint32_t elements = 0;
  *plan = (vy__plan){.program = program, .param_count = ir->param_count};
  scan_params(plan, &all, &elements);
  find_usual(plan);
  for (uint32_t d = 0; d < ir->dimensions; d++)
    collect(ir, ir->domain[d], &all);
  plan->size_scalars = all.scalars;
  for (uint32_t v = 0; v < ir->value_count; v++)
    if (ir->values[v].op == VY__OP_LEN)
      plan->uses_len |= UINT64_C(1) << ir->values[v].ref;
  return elements == 0 || find_late(plan, elements);
}

void vy__plan_free(vy__plan *plan) {
  if (plan->late)
    vy__free(plan->program->ir.alloc, plan->late,
             plan->late_count * sizeof *plan->late);
}
