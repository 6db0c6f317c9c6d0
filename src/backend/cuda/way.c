// See way.h.
#include "backend/cuda/way.h"

// ---- memory

uint64_t vy__cuda_stored(const vy__launch *l, const vy__launch_item *item) {
  const vy__cuda_info *info = &l->code->info;
  if (item->count) // how much it stores is not known
    return 0;
  return vy__covered(info->covers, info->cover_count, &l->code->program->ir,
                     item);
}

static bool is_host(const vy__ir *ir, const vy__launch_item *item, uint32_t p) {
  return vy__cuda_is_buffer(ir, p) && !item->binds[p].memory;
}

uint64_t vy__cuda_host_bytes(const vy__ir *ir, const vy__launch_item *item) {
  uint64_t sum = 0;
  for (uint32_t p = 0; p < ir->param_count; p++)
    if (is_host(ir, item, p) &&
        __builtin_add_overflow(sum, item->binds[p].size, &sum))
      return UINT64_MAX;
  return sum;
}

bool vy__cuda_may_map(const vy__cuda *d, const vy__launch *l,
                      const vy__launch_item *item) {
  const vy__ir *ir = &l->code->program->ir;
  uint64_t atomics = l->code->info.atomics;
  if (l->iterations > 1)
    return false;
  for (uint32_t p = 0; p < ir->param_count; p++)
    if ((atomics >> p & 1) && is_host(ir, item, p))
      return false;
  return vy__cuda_host_bytes(ir, item) <= d->tuning.mapped_most;
}

// ---- kernels

vy__cuda_entry vy__cuda_entry_of(const vy__cuda *d, const vy__launch_item *item,
                                 const vy__cuda_item *head) {
  if (item->count)
    return VY__CUDA_COUNTED_ENTRY;
  if (!vy__cuda_blocks(head))
    return VY__CUDA_NO_ENTRY;
  return vy__cuda_is_grid(d, head) ? VY__CUDA_ONE_ENTRY : VY__CUDA_MANY_ENTRY;
}

vy__cuda_grid vy__cuda_grid_one(const vy__cuda_item *head) {
  vy__cuda_grid g;
  for (uint32_t d = 0; d < 3; d++)
    g.n[d] = (uint32_t)head->blocks[d];
  return g;
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

vy__cuda_grid vy__cuda_grid_many(const vy__cuda *d, uint64_t blocks,
                                 uint32_t count) {
  return (vy__cuda_grid){{(uint32_t)least(blocks, d->grid[0]),
                          (uint32_t)least(count, d->grid[1]), 1}};
}

static void call(vy__cuda_call *c, const struct vy__code *code,
                 vy__cu_function function, const vy__cuda_grid *grid) {
  *c = (vy__cuda_call){.node = {.function = function, .params = c->params}};
  memcpy(c->node.grid, grid->n, sizeof c->node.grid);
  memcpy(c->node.block, code->info.block, sizeof c->node.block);
}

void vy__cuda_call_one(vy__cuda_call *c, const struct vy__code *code,
                       const vy__cuda_grid *grid, const uint8_t *record) {
  call(c, code, code->one, grid);
  c->params[0] = (void *)(uintptr_t)record;
}

void vy__cuda_call_many(vy__cuda_call *c, const struct vy__code *code,
                        const vy__cuda_grid *grid,
                        const vy__cu_address *records, uint32_t count) {
  call(c, code, code->many, grid);
  c->count = count;
  c->params[0] = (void *)(uintptr_t)records;
  c->params[1] = &c->count;
}

void vy__cuda_call_helper(vy__cuda_call *c, vy__cu_function function) {
  *c = (vy__cuda_call){.node = {.function = function,
                                .grid = {1, 1, 1},
                                .block = {1, 1, 1},
                                .params = c->params}};
}

void vy__cuda_call_count(vy__cuda_call *c, vy__cu_function function,
                         const vy__cuda_counting *k) {
  const uint64_t *all[] = {&k->record, &k->count, &k->seen,
                           &k->most,   &k->lanes, &k->block};
  vy__cuda_call_helper(c, function);
  for (uint32_t i = 0; i < VY__COUNT(all); i++)
    c->params[i] = (void *)(uintptr_t)all[i];
}

vy_status vy__cuda_call_launch(const vy__cuda *d, const vy__cuda_call *c,
                               vy__cu_stream stream) {
  const vy__cu_kernel_node *n = &c->node;
  return vy__cu_status(d->cu->launch(n->function, n->grid[0], n->grid[1],
                                     n->grid[2], n->block[0], n->block[1],
                                     n->block[2], 0, stream, n->params, NULL));
}
