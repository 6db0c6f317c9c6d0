// Pure values that ranges after the one that makes them use: made again where
// that is cheap, else kept in memory like the results of loads. Without that,
// a chain of operations across many barriers would be computed from its
// beginning between any two of them.
//
// The range that makes a value comes before the other in the same list of
// statements or in one around it, and makes it for all its lanes: control
// reaches the other only through it, and the value is never stale, since its
// operands can only be executed anew by leaving that list.
//
// Values that grow evenly from lane to lane, sums of lane numbers, are worth
// more than their bits: they are made again.
#include "backend/cpu/emit/flow.h"

#ifndef VY__KEEP_COST
#define VY__KEEP_COST 6 // operations that are cheaper than memory
#endif

static bool is_uneven(const vy__flow *f, const uint8_t *uneven, uint32_t i) {
  const vy__value *v = &f->ir->values[i];
  uint32_t effect = vy__op_row(v->op)->effect;
  if (f->e->program->value_uniform[i])
    return false;
  if (effect == VY__EFFECT_LEAF)
    return v->op == VY__OP_LOOP_INDEX;
  if (!(vy__op_row(v->op)->laws & VY__LAW_LINEAR))
    return true;
  for (uint32_t k = 0; k < 3 && v->a[k] != VY__NONE; k++)
    if (uneven[v->a[k]])
      return true;
  return false;
}

static bool is_pure(const vy__flow *f, uint32_t value) {
  return vy__op_row(f->ir->values[value].op)->effect == VY__EFFECT_PURE &&
         !f->is_launch[value] && !f->e->program->value_uniform[value];
}

// Operations to make it again, from what is kept.
static void find_dear(vy__flow *f, uint8_t *uneven, uint32_t *cost) {
  for (uint32_t i = 0; i < f->ir->value_count; i++) {
    const vy__value *v = &f->ir->values[i];
    uneven[i] = is_uneven(f, uneven, i);
    bool is_free = vy__op_row(v->op)->effect == VY__EFFECT_LEAF ||
                   vy__is_ordered(f->ir, v);
    cost[i] = is_free ? 0 : 1;
    for (uint32_t k = 0; !is_free && k < 3 && v->a[k] != VY__NONE; k++)
      cost[i] += f->dear[v->a[k]] ? 0 : cost[v->a[k]];
    if (cost[i] > VY__KEEP_COST && uneven[i] && is_pure(f, i))
      f->dear[i] = 1;
    else if (cost[i] > 1000)
      cost[i] = 1000;
  }
}

static bool is_there(const void *flow, uint32_t value) {
  return vy__is_kept(flow, value);
}

bool vy__keep_plan(vy__flow *f) {
  const vy_allocator *a = f->e->job->alloc;
  size_t n = (size_t)f->ir->value_count + 1;
  uint8_t *uneven = vy__alloc(a, n);
  uint32_t *cost = vy__alloc(a, n * sizeof *cost);
  f->made_in = vy__alloc(a, n * sizeof *f->made_in);
  f->dear = vy__calloc(a, n, 1);
  bool ok = uneven && cost && f->made_in && f->dear;
  if (ok) {
    memset(f->made_in, 0xff, n * sizeof *f->made_in);
    find_dear(f, uneven, cost);
  }
  if (uneven)
    vy__free(a, uneven, n);
  if (cost)
    vy__free(a, cost, n * sizeof *cost);
  f->schedule.is_there = is_there;
  f->schedule.user = f;
  return ok;
}

void vy__keep_made(vy__flow *f, uint32_t r) {
  const vy__schedule *s = &f->schedule;
  for (uint32_t k = 0; k < s->order_count; k++) {
    uint32_t v = s->order[k];
    if (f->dear[v] && s->scope[v] == f->ranges[r].block &&
        f->made_in[v] == VY__NONE)
      f->made_in[v] = r;
  }
}

bool vy__is_kept(const vy__flow *f, uint32_t value) {
  uint32_t r = f->range_now;
  if (r == VY__NONE || !f->made_in || f->made_in[value] >= r)
    return false;
  uint32_t outer = f->ranges[f->made_in[value]].block;
  uint32_t block = f->ranges[r].block;
  while (f->schedule.depth[block] > f->schedule.depth[outer])
    block = f->schedule.parent[block];
  return block == outer;
}
