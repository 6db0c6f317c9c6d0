// Collectives, over lanes that all stand at one. A lane that has ended (out of
// budget) takes part with the identity: a combination with it is the other
// operand. Each lane's operand is gathered at its local index, the result goes
// to its destination register.
#include "backend/reference/code.h"

typedef struct party {
  vy__runner *r;
  const vy__ins *ins;
  uint32_t size;
  uint64_t *v;    // operands, then results
  uint64_t *temp; // as many
} party;

static bool here(const party *p, uint32_t i) {
  return p->r->lanes[i].state == VY__LANE_MEETS;
}

// v[i] = v[i] (or nothing) combined with v[j] on its left or right. A slot is
// filled once anything was combined into it.
typedef struct fill {
  uint32_t bits[VY__MAX_GROUP_LANES / 32];
} fill;

static bool filled(const fill *f, uint32_t i) {
  return f->bits[i / 32] >> (i % 32) & 1;
}
static void set_filled(fill *f, uint32_t i) {
  f->bits[i / 32] |= 1u << (i % 32);
}

static void combine(const party *p, fill *f, uint32_t to, uint32_t left,
                    uint32_t right) {
  if (filled(f, left) && filled(f, right))
    p->v[to] = p->ins->fn(p->v[left], p->v[right], 0);
  else if (filled(f, left) || filled(f, right))
    p->v[to] = p->v[filled(f, left) ? left : right];
  else
    return;
  set_filled(f, to);
}

static fill who(const party *p) {
  fill f = {{0}};
  for (uint32_t i = 0; i < p->size; i++)
    if (here(p, i))
      set_filled(&f, i);
  return f;
}

static void spread(const party *p, uint64_t value) {
  for (uint32_t i = 0; i < p->size; i++)
    p->v[i] = value;
}

static void do_barrier(const party *p) { p->r->interval++; }

static void do_reduce(const party *p) {
  fill f = who(p);
  for (uint32_t d = 1; d < p->size; d *= 2)
    for (uint32_t i = 0; i + d < p->size; i += 2 * d)
      combine(p, &f, i, i, i + d);
  spread(p, p->v[0]);
}

static void do_scan(const party *p) {
  fill f = who(p);
  for (uint32_t d = 1; d < p->size; d *= 2)
    for (uint32_t i = 0; i < p->size; i++)
      if (i & d)
        combine(p, &f, i, (i & ~(2 * d - 1)) + d - 1, i);
}

static void do_scan_before(const party *p) {
  do_scan(p);
  memmove(p->v + 1, p->v, (p->size - 1) * sizeof *p->v);
  p->v[0] = 0;
}

static void do_shuffle(const party *p) {
  memcpy(p->temp, p->v, p->size * sizeof *p->v);
  for (uint32_t i = 0; i < p->size; i++) {
    if (!here(p, i))
      continue;
    uint64_t from = p->r->lanes[i].regs[p->ins->b];
    if (p->ins->index_type == VY_TYPE_I32)
      from = (uint64_t)(int64_t)(int32_t)(uint32_t)from;
    bool is_there = from < p->size && here(p, (uint32_t)from);
    p->v[i] = is_there ? p->temp[from] : 0;
  }
}

static void do_any(const party *p) {
  uint64_t any = 0;
  for (uint32_t i = 0; i < p->size; i++)
    any |= here(p, i) && p->v[i];
  spread(p, any);
}

static void do_all(const party *p) {
  uint64_t all = 1;
  for (uint32_t i = 0; i < p->size; i++)
    all &= !here(p, i) || p->v[i];
  spread(p, all);
}

static void do_ballot(const party *p) {
  for (uint32_t at = 0; at < p->size; at += 32) {
    uint32_t end = at + 32 < p->size ? at + 32 : p->size;
    uint64_t mask = 0;
    for (uint32_t i = at; i < end; i++)
      mask |= (uint64_t)(here(p, i) && p->v[i]) << (i - at);
    for (uint32_t i = at; i < end; i++)
      p->v[i] = mask;
  }
}

static void do_rank(const party *p) {
  const vy__value *value = &p->r->code->program->ir.values[p->ins->id];
  uint32_t mask = (1u << value->imm) - 1, starts[257] = {0};
  for (uint32_t i = 0; i < p->size; i++)
    if (here(p, i))
      starts[(p->v[i] & mask) + 1]++;
  for (uint32_t k = 0; k < 256; k++)
    starts[k + 1] += starts[k];
  for (uint32_t i = 0; i < p->size; i++)
    if (here(p, i))
      p->v[i] = starts[p->v[i] & mask]++;
}

typedef struct collective {
  void (*run)(const party *p);
  uint8_t combines; // vy__op
} collective;

// The lowering of each operation at which lanes meet.
static const collective collectives[VY__OP_LIMIT] = {
    [VY__OP_BARRIER] = {do_barrier, VY__OP_INVALID},
    [VY__OP_GROUP_REDUCE_ADD] = {do_reduce, VY__OP_ADD},
    [VY__OP_GROUP_REDUCE_MIN] = {do_reduce, VY__OP_MIN},
    [VY__OP_GROUP_REDUCE_MAX] = {do_reduce, VY__OP_MAX},
    [VY__OP_GROUP_REDUCE_AND] = {do_reduce, VY__OP_AND},
    [VY__OP_GROUP_REDUCE_OR] = {do_reduce, VY__OP_OR},
    [VY__OP_GROUP_REDUCE_XOR] = {do_reduce, VY__OP_XOR},
    [VY__OP_GROUP_SCAN_INCL_ADD] = {do_scan, VY__OP_ADD},
    [VY__OP_GROUP_SCAN_EXCL_ADD] = {do_scan_before, VY__OP_ADD},
    [VY__OP_GROUP_BROADCAST] = {do_shuffle, VY__OP_INVALID},
    [VY__OP_GROUP_SHUFFLE] = {do_shuffle, VY__OP_INVALID},
    [VY__OP_GROUP_ANY] = {do_any, VY__OP_INVALID},
    [VY__OP_GROUP_ALL] = {do_all, VY__OP_INVALID},
    [VY__OP_GROUP_BALLOT] = {do_ballot, VY__OP_INVALID},
    [VY__OP_GROUP_RANK] = {do_rank, VY__OP_INVALID},
};

vy__op vy__collective_combines(vy__op op) {
  return (vy__op)collectives[op].combines;
}

void vy__collective(vy__runner *r, const vy__ins *ins) {
  party p = {.r = r,
             .ins = ins,
             .size = r->slots,
             .v = r->gather,
             .temp = r->gather + r->slots};
  vy__op op = (vy__op)r->code->program->ir.values[ins->id].op;
  bool has_result = op != VY__OP_BARRIER;
  for (uint32_t i = 0; has_result && i < p.size; i++)
    p.v[i] = here(&p, i) ? r->lanes[i].regs[ins->a] : 0;
  collectives[op].run(&p);
  for (uint32_t i = 0; i < p.size; i++) {
    vy__lane *lane = &r->lanes[i];
    if (!here(&p, i))
      continue;
    if (has_result)
      lane->regs[ins->dst] = p.v[i];
    lane->pc++;
  }
  for (uint32_t i = 0; i < p.size; i++)
    if (here(&p, i))
      r->lanes[i].state = VY__LANE_RUNS;
}
