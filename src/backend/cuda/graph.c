// A launch by itself as a graph of one node, which is made once for each code
// and lane. What differs between launches is set in place; what is in flight
// is not touched by that.
#include "backend/cuda/way.h"

static void destroy(vy__cuda *d, vy__cuda_graph *g, size_t record_size) {
  if (g->exec)
    (void)d->cu->exec_destroy(g->exec);
  if (g->graph)
    (void)d->cu->graph_destroy(g->graph);
  vy__free(&d->context->alloc, g->record, record_size);
  *g = (vy__cuda_graph){0};
}

static vy_status make(vy__cuda *d, vy__cuda_graph *g, size_t size,
                      const vy__cu_kernel_node *node) {
  const vy__cu *cu = d->cu;
  g->record = vy__alloc(&d->context->alloc, size);
  if (!g->record)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  int r = cu->graph_create(&g->graph, 0);
  if (r == VY__CU_OK)
    r = cu->graph_add_kernel(&g->node, g->graph, NULL, 0, node);
  if (r == VY__CU_OK)
    r = cu->graph_instantiate(&g->exec, g->graph, 0);
  return vy__cu_status(r);
}

vy_status vy__cuda_launch_graph(vy__cuda *d, vy__cuda_lane *lane,
                                struct vy__code *code, const uint8_t *record,
                                const vy__cuda_grid *grid) {
  vy__cuda_graph *g = &code->graphs[lane->index];
  size_t size = vy__cuda_record_size(code->info.params);
  vy__cuda_call c;
  vy_status s = VY_OK;
  vy__cuda_call_one(&c, code, grid, record);
  if (!g->exec)
    s = make(d, g, size, &c.node);
  else if (memcmp(g->record, record, size) ||
           memcmp(&g->grid, grid, sizeof *grid))
    s = vy__cu_status(d->cu->exec_set_kernel(g->exec, g->node, &c.node));
  if (s == VY_OK) {
    memcpy(g->record, record, size);
    g->grid = *grid;
    s = vy__cu_status(d->cu->exec_launch(g->exec, lane->stream));
  }
  if (s != VY_OK)
    destroy(d, g, size);
  return s;
}

void vy__cuda_graphs_free(vy__cuda *d, struct vy__code *code) {
  for (uint32_t i = 0; i < VY__CUDA_LANES; i++)
    destroy(d, &code->graphs[i], vy__cuda_record_size(code->info.params));
}
