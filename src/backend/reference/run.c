// Running one item: leaves into registers, then the lanes in the order asked
// for. Lanes of a group run one after another to the next barrier or
// collective, then all go on; without those, one lane state serves all lanes.
// A shuffled order is a keyed permutation, so that no list of lanes is needed.
#include "backend/reference/shadow.h"

void vy__runner_init(vy__runner *r, const vy_allocator *alloc, uint32_t order,
                     uint64_t seed) {
  *r = (vy__runner){.alloc = alloc, .order = order, .seed = seed};
  vy__host_scratch_init(&r->scratch, alloc);
}

void vy__runner_free(vy__runner *r) {
  const vy_allocator *a = r->alloc;
  vy__free(a, r->regs, r->regs_size * sizeof *r->regs);
  vy__free(a, r->views, r->views_size * sizeof *r->views);
  vy__free(a, r->privates, r->privates_size);
  vy__free(a, r->group_memory, r->group_memory_size);
  vy__free(a, r->lanes, r->lanes_size * sizeof *r->lanes);
  vy__free(a, r->gather, r->gather_size * sizeof *r->gather);
  vy__host_scratch_free(&r->scratch);
  *r = (vy__runner){0};
}

static uint32_t group_lanes(const vy_program *p) {
  if (!p->ir.uses_groups)
    return 1;
  return p->group_size[0] * p->group_size[1] * p->group_size[2];
}

bool vy__runner_fit(vy__runner *r, const struct vy__code *code) {
  const vy_allocator *a = r->alloc;
  const vy_program *p = code->program;
  size_t lanes = group_lanes(p), slots = code->meets ? lanes : 1, regs, priv;
  if (!vy__mul_size(slots, code->registers, &regs) ||
      !vy__mul_size(slots, p->private_bytes, &priv))
    return false;
  if (!vy__grow(a, (void **)&r->regs, &r->regs_size, regs, sizeof *r->regs) ||
      !vy__grow(a, (void **)&r->views, &r->views_size, code->views,
                sizeof *r->views) ||
      !vy__grow(a, (void **)&r->privates, &r->privates_size, priv, 1) ||
      !vy__grow(a, (void **)&r->group_memory, &r->group_memory_size,
                p->group_memory_bytes, 1) ||
      !vy__grow(a, (void **)&r->lanes, &r->lanes_size, slots,
                sizeof *r->lanes) ||
      !vy__grow(a, (void **)&r->gather, &r->gather_size, 3 * slots,
                sizeof *r->gather))
    return false;
  r->slots = (uint32_t)slots;
  return true;
}

// ---- orders

static uint64_t scramble(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

// The k-th of n in a shuffled order: a Feistel network over the next even
// power of two, walked until it lands inside.
static uint64_t shuffled(uint64_t k, uint64_t n, uint64_t seed) {
  uint32_t half = 1;
  while (half < 32 && (uint64_t)1 << (2 * half) < n)
    half++;
  uint64_t mask = ((uint64_t)1 << half) - 1;
  do {
    uint64_t left = k >> half, right = k & mask;
    for (uint64_t round = 0; round < 4; round++) {
      uint64_t mixed = scramble(seed + round * 0x9e3779b97f4a7c15u + right);
      uint64_t next = left ^ (mixed & mask);
      left = right;
      right = next;
    }
    k = left << half | right;
  } while (k >= n);
  return k;
}

static uint64_t pick(const vy__runner *r, uint64_t k, uint64_t n,
                     uint64_t salt) {
  if (r->order == VY_ORDER_REVERSED)
    return n - 1 - k;
  if (r->order == VY_ORDER_SHUFFLED)
    return shuffled(k, n, scramble(r->seed ^ scramble(salt + 1)));
  return k;
}

// ---- faults

static bool is_lower(const vy__fault *f, const vy__lane *lane) {
  return f->kind == VY__FAULT_NONE || lane->linear < f->lane;
}

void vy__out_of_bounds(vy__runner *r, const vy__lane *lane,
                       const vy__site *site, uint64_t index, uint64_t length) {
  if (r->shadow)
    vy__shadow_outside(r->shadow, lane, site, index, length);
  vy__fault *f = &r->item->fault;
  if (r->code->flags & VY_COMPILE_STRICT && is_lower(f, lane))
    *f = (vy__fault){.kind = VY__FAULT_BOUNDS,
                     .value = site->value,
                     .stmt = VY__NONE,
                     .negative = site->is_signed && (int64_t)index < 0,
                     .lane = lane->linear,
                     .index = index,
                     .length = length};
}

void vy__out_of_budget(vy__runner *r, const vy__lane *lane, uint32_t stmt) {
  vy__fault *f = &r->item->fault;
  if (is_lower(f, lane))
    *f = (vy__fault){.kind = VY__FAULT_BUDGET,
                     .value = VY__NONE,
                     .stmt = stmt,
                     .lane = lane->linear};
}

// ---- setting up

static uint64_t launch_leaf(const vy__runner *r, const vy__leaf *l) {
  const vy__launch_item *item = r->item;
  const vy_program *p = r->code->program;
  if (l->op == VY__OP_PARAM)
    return item->scalars[l->ref];
  if (l->op == VY__OP_SPEC)
    return p->ir.consts[l->ref].bits;
  if (l->op == VY__OP_LEN)
    return (uint32_t)item->binds[l->ref].length;
  if (l->op == VY__OP_LEN64)
    return item->binds[l->ref].length;
  if (l->op == VY__OP_NUM_GROUPS)
    return item->groups[l->ref];
  if (l->op == VY__OP_GROUP_SIZE)
    return p->group_size[l->ref];
  if (l->op == VY__OP_NUM_LANES)
    return item->lanes[l->ref];
  return l->imm;
}

static void set_views(vy__runner *r) {
  const struct vy__code *c = r->code;
  const vy__ir *ir = &c->program->ir;
  for (uint32_t i = 0; i < ir->param_count; i++)
    r->views[i] = (vy__view){
        r->work[i], ir->params[i].access ? r->item->binds[i].length : 0};
  for (uint32_t i = 0; i < ir->table_count; i++) {
    uint32_t v = c->first_table + i;
    uint64_t *first = c->table_values + c->view_offsets[v];
    r->views[v] = (vy__view){(uint8_t *)first, ir->tables[i].count};
  }
  for (uint32_t i = 0; i < ir->group_count; i++) {
    uint32_t v = c->first_group + i;
    r->views[v] = (vy__view){r->group_memory + c->view_offsets[v],
                             c->program->group_lengths[i]};
  }
}

static void set_private_views(vy__runner *r, const vy__lane *lane) {
  const struct vy__code *c = r->code;
  for (uint32_t i = 0; i < c->program->ir.private_count; i++) {
    uint32_t v = c->first_private + i;
    r->views[v] = (vy__view){lane->privates + c->view_offsets[v],
                             c->program->private_lengths[i]};
  }
}

static void set_slots(vy__runner *r) {
  const struct vy__code *c = r->code;
  for (uint32_t i = 0; i < r->slots; i++) {
    vy__lane *lane = &r->lanes[i];
    *lane = (vy__lane){.regs = r->regs + (size_t)i * c->registers,
                       .privates =
                           r->privates + (size_t)i * c->program->private_bytes};
    for (uint32_t k = 0; k < c->launch_leaves; k++)
      lane->regs[c->leaves[k].reg] = launch_leaf(r, &c->leaves[k]);
  }
}

typedef struct place {
  uint64_t lane[3], local[3], group[3];
} place;

static void unravel(uint64_t i, const uint64_t size[3], uint64_t out[3]) {
  if (i < size[0]) { // most often: one dimension
    out[0] = i;
    out[1] = out[2] = 0;
    return;
  }
  out[0] = i % size[0];
  out[1] = i / size[0] % size[1];
  out[2] = i / size[0] / size[1];
}

static void start_lane(vy__runner *r, vy__lane *lane, const place *p) {
  const struct vy__code *c = r->code;
  const uint64_t *n = r->item->lanes;
  for (size_t k = c->launch_leaves; k < c->leaf_count; k++) {
    const vy__leaf *l = &c->leaves[k];
    const uint64_t *from = l->op == VY__OP_LANE    ? p->lane
                           : l->op == VY__OP_LOCAL ? p->local
                                                   : p->group;
    lane->regs[l->reg] = from[l->ref];
  }
  for (uint32_t k = c->first_var; k < c->first_temp; k++)
    lane->regs[k] = 0;
  if (c->program->private_bytes)
    memset(lane->privates, 0, c->program->private_bytes);
  lane->linear = p->lane[0] + n[0] * (p->lane[1] + n[1] * p->lane[2]);
  lane->pc = 0;
  lane->state = VY__LANE_RUNS;
  lane->ticks[0] = lane->ticks[1] = 0;
}

static void go_on(vy__runner *r, vy__lane *lane) {
  set_private_views(r, lane);
  vy__lane_run(r, lane);
}

// ---- domains

static void run_lanes(vy__runner *r) {
  const uint64_t *n = r->item->lanes;
  uint64_t total = n[0] * n[1] * n[2];
  vy__lane *lane = &r->lanes[0];
  place p = {{0}, {0}, {0}};
  r->interval++; // the shadow's touches are void in interval 0
  for (uint64_t k = 0; k < total; k++) {
    uint64_t i = pick(r, k, total, 0);
    unravel(i, n, p.lane);
    lane->sequence = (uint32_t)i;
    start_lane(r, lane, &p);
    go_on(r, lane);
  }
}

static void place_in_group(const vy__runner *r, vy__lane *lane, uint32_t local,
                           uint64_t group, uint32_t size, place *p) {
  const uint32_t *g = r->code->program->group_size;
  unravel(local, (const uint64_t[3]){g[0], g[1], g[2]}, p->local);
  for (uint32_t d = 0; d < 3; d++)
    p->lane[d] = p->group[d] * g[d] + p->local[d];
  lane->local = local;
  lane->sequence = (uint32_t)(group * size + local);
}

// The instruction at which the lanes of the group stand; NULL: all ended.
static const vy__ins *standing(const vy__runner *r) {
  for (uint32_t i = 0; i < r->slots; i++)
    if (r->lanes[i].state == VY__LANE_MEETS)
      return &r->code->ins[r->lanes[i].pc];
  return NULL;
}

static void run_group(vy__runner *r, uint64_t group, uint32_t size) {
  place p;
  unravel(group, r->item->groups, p.group);
  if (r->code->program->group_memory_bytes)
    memset(r->group_memory, 0, r->code->program->group_memory_bytes);
  r->interval++;
  bool meets = r->code->meets;
  for (uint32_t i = 0; meets && i < size; i++) {
    place_in_group(r, &r->lanes[i], i, group, size, &p);
    start_lane(r, &r->lanes[i], &p);
  }
  for (uint64_t round = 0;; round++) {
    for (uint32_t k = 0; k < size; k++) {
      uint32_t i = (uint32_t)pick(r, k, size, group ^ (round + 1) << 40);
      vy__lane *lane = &r->lanes[meets ? i : 0];
      if (!meets) {
        place_in_group(r, lane, i, group, size, &p);
        start_lane(r, lane, &p);
      }
      if (lane->state == VY__LANE_RUNS)
        go_on(r, lane);
    }
    const vy__ins *at = meets ? standing(r) : NULL;
    if (!at)
      return;
    vy__collective(r, at);
  }
}

void vy__runner_run(vy__runner *r, const struct vy__code *code,
                    vy__launch_item *item, uint64_t budget) {
  r->code = code;
  r->item = item;
  r->budget = budget;
  set_views(r);
  set_slots(r);
  if (!code->program->ir.uses_groups) {
    run_lanes(r);
    return;
  }
  uint32_t size = group_lanes(code->program);
  const uint64_t *n = item->groups;
  uint64_t total = n[0] * n[1] * n[2];
  for (uint64_t k = 0; k < total; k++)
    run_group(r, pick(r, k, total, 0), size);
}
