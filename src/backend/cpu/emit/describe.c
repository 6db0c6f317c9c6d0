// What the runtime is told of a kernel: memory, cost, which buffers need what.
#include "backend/cpu/emit/flow.h"

// Rough operations of one unit: loops count for sixteen trips.
static uint32_t cost_of(const vy__flow *f) {
  double weight = 1, sum = 0;
  for (uint32_t i = 0; i < f->ir->stmt_count; i++) {
    uint32_t kind = f->ir->stmts[i].kind;
    bool loop = kind == VY__STMT_WHILE || kind == VY__STMT_FOR;
    if (loop && weight < 1e6)
      weight *= 16;
    if (kind == VY__STMT_END) {
      uint32_t o = f->ir->stmts[f->e->program->match[i]].kind;
      if ((o == VY__STMT_WHILE || o == VY__STMT_FOR || o == VY__STMT_COND) &&
          weight > 1)
        weight /= 16;
    }
    sum += weight * 4;
  }
  sum += f->ir->value_count;
  if (f->ir->uses_groups) {
    const uint32_t *g = f->e->program->group_size;
    sum *= (double)g[0] * g[1] * g[2];
  }
  return sum < 1 ? 1 : sum > 4e9 ? (uint32_t)4e9 : (uint32_t)sum;
}

static uint64_t aligned_params(const vy__ir *ir) {
  uint64_t out = 0;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *v = &ir->values[i];
    if (vy__op_row(v->op)->effect == VY__EFFECT_ATOMIC &&
        v->space == VY__SPACE_BUFFER)
      out |= UINT64_C(1) << v->ref;
  }
  return out;
}

static uint8_t fold_of(uint32_t op) {
  uint8_t fold = VY__FOLD_MAX;
  while (fold && vy__kernel_fold_op((vy__kernel_fold)fold) != op)
    fold--;
  return fold;
}

// All or nothing: code that finds itself alone uses no lock anywhere.
static void find_folds(const vy__flow *f, uint8_t folds[VY__MAX_PARAMS]) {
  uint64_t atomic = aligned_params(f->ir);
  bool ok = true;
  for (uint32_t i = 0; i < f->ir->value_count; i++) {
    const vy__value *v = &f->ir->values[i];
    uint32_t effect = vy__op_row(v->op)->effect;
    if (v->space != VY__SPACE_BUFFER || effect == VY__EFFECT_LEAF ||
        !(atomic >> v->ref & 1))
      continue;
    uint8_t fold = f->uses[i] ? VY__FOLD_NONE : fold_of(vy__op_gathers(v->op));
    ok = ok && fold && (!folds[v->ref] || folds[v->ref] == fold);
    folds[v->ref] = fold;
  }
  if (!ok)
    memset(folds, 0, VY__MAX_PARAMS);
}

void vy__flow_describe(const vy__flow *f, vy__kernel_info *info) {
  memcpy(info->magic, "VYKERN", 7);
  info->magic[7] = VY__KERNEL_ABI;
  info->aligned = aligned_params(f->ir);
  info->scratch = f->scratch_size;
  info->width = f->e->width;
  info->cost = cost_of(f);
  info->grain = f->ir->uses_groups ? 1 : f->e->width;
  info->isa = f->e->isa;
  find_folds(f, info->folds);
  info->cover_count = f->e->lowered->cover_count;
  memcpy(info->covers, f->e->lowered->covers, sizeof info->covers);
}
