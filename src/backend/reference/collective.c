// The points where all lanes of a group stand. Operands are gathered at their
// local index, the collective is done over the array, results go to the
// lanes' registers. Lanes that have ended do not take part.
#include "backend/collective.h"
#include "backend/reference/code.h"

typedef struct mask {
  uint64_t bits[VY__MAX_GROUP_LANES / 64];
} mask;

static bool here(const vy__runner *r, uint32_t i) {
  return r->lanes[i].state == VY__LANE_MEETS;
}

static int64_t index_of(const vy__ins *ins, const vy__lane *lane) {
  uint64_t bits = lane->regs[ins->b];
  return ins->index_type == VY_TYPE_I32 ? (int32_t)(uint32_t)bits
                                        : (int64_t)bits;
}

// Operands of those who are here, and who they are.
static void gather(vy__runner *r, const vy__ins *ins, bool shuffles,
                   uint64_t *v, int64_t *index, mask *alive) {
  for (uint32_t i = 0; i < r->slots; i++) {
    bool is_here = here(r, i);
    v[i] = is_here ? r->lanes[i].regs[ins->a] : 0;
    index[i] = is_here && shuffles ? index_of(ins, &r->lanes[i]) : -1;
    alive->bits[i / 64] |= (uint64_t)is_here << (i % 64);
  }
}

static void combine(vy__runner *r, const vy__ins *ins, vy__op op) {
  const vy__value *value = &r->code->program->ir.values[ins->id];
  uint64_t *v = r->gather;
  int64_t *index = (int64_t *)r->gather + 2 * (size_t)r->slots;
  mask alive = {{0}};
  gather(r, ins, vy__op_row(op)->sig == VY__SIG_SHUFFLE, v, index, &alive);
  vy__collective_run(op, &(vy__party){.size = r->slots,
                                      .bits = (uint32_t)value->imm,
                                      .combine = ins->fn,
                                      .alive = alive.bits,
                                      .index = index,
                                      .v = v,
                                      .temp = r->gather + r->slots});
  for (uint32_t i = 0; i < r->slots; i++)
    if (here(r, i))
      r->lanes[i].regs[ins->dst] = v[i];
}

void vy__collective(vy__runner *r, const vy__ins *ins) {
  vy__op op = (vy__op)r->code->program->ir.values[ins->id].op;
  if (op == VY__OP_BARRIER)
    r->interval++;
  else
    combine(r, ins, op);
  for (uint32_t i = 0; i < r->slots; i++)
    if (here(r, i)) {
      r->lanes[i].pc++;
      r->lanes[i].state = VY__LANE_RUNS;
    }
}
