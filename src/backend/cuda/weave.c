// Making the graphs of a recording: nodes from commands, in chains; a loop is a
// node with a chain of its own.
#include <vyre/sequence.h>

#include "backend/cuda/sequence.h"
#include "backend/cuda/way.h"

enum { WAIT_BYTES = 64 }; // the last word of pinned memory is for waiting

// ---- nodes

static void set_kernel(const vy__cuda *d, const vy__cuda_sequence *q,
                       vy__cuda_command *x, vy__cuda_call *out) {
  switch (x->kind) {
  case VY__CUDA_KERNEL:
    vy__cuda_call_one(out, x->code, &x->grid, q->commands.records + x->record);
    return;
  case VY__CUDA_ENTRY:
    vy__cuda_call_many(out, x->code, &x->grid, &x->to, 1);
    return;
  case VY__CUDA_COUNT:
    vy__cuda_call_count(out, d->helpers.count, &x->counting);
    return;
  case VY__CUDA_BEGIN:
    vy__cuda_call_helper(out, d->helpers.begin);
    out->params[0] = &x->handle;
    out->params[1] = &x->to;
    return;
  default: // AGAIN
    vy__cuda_call_helper(out, d->helpers.again);
    out->params[0] = &x->handle;
    out->params[1] = &x->from;
    out->params[2] = &x->to;
    out->params[3] = &x->value;
  }
}

static void set_copy(const vy__cuda_command *x, vy__cu_copy_node *out) {
  *out = (vy__cu_copy_node){
      .from = {.type = VY__CU_MEMORY_UNIFIED, .device = x->from},
      .to = {.type = VY__CU_MEMORY_UNIFIED, .device = x->to},
      .width = x->size,
      .height = 1,
      .depth = 1,
  };
}

static void set_fill(const vy__cuda_command *x, vy__cu_fill_node *out) {
  bool words = x->size % 4 == 0 && x->to % 4 == 0;
  uint32_t byte = x->value & 0xff;
  *out = (vy__cu_fill_node){
      .at = x->to,
      .value = words ? byte * 0x01010101u : byte,
      .element = words ? 4 : 1,
      .width = words ? x->size / 4 : x->size,
      .height = 1,
  };
}

static int add_node(vy__cuda *d, const vy__cuda_sequence *q, vy__cu_graph graph,
                    vy__cuda_command *x, const vy__cu_node *after) {
  const vy__cu *cu = d->cu;
  vy__cuda_call call;
  vy__cu_copy_node copy;
  vy__cu_fill_node fill;
  size_t count = *after != NULL;
  if (x->kind == VY__CUDA_COPY) {
    set_copy(x, &copy);
    return cu->graph_add_copy(&x->node, graph, after, count, &copy, d->native);
  }
  if (x->kind == VY__CUDA_FILL) {
    set_fill(x, &fill);
    return cu->graph_add_fill(&x->node, graph, after, count, &fill, d->native);
  }
  set_kernel(d, q, x, &call);
  return cu->graph_add_kernel(&x->node, graph, after, count, &call.node);
}

int vy__cuda_set_node(vy__cuda *d, const vy__cuda_sequence *q, vy__cu_exec exec,
                      vy__cuda_command *x) {
  const vy__cu *cu = d->cu;
  vy__cuda_call call;
  vy__cu_copy_node copy;
  vy__cu_fill_node fill;
  if (x->kind == VY__CUDA_COPY) {
    set_copy(x, &copy);
    return cu->exec_set_copy(exec, x->node, &copy, d->native);
  }
  if (x->kind == VY__CUDA_FILL) {
    set_fill(x, &fill);
    return cu->exec_set_fill(exec, x->node, &fill, d->native);
  }
  set_kernel(d, q, x, &call);
  return cu->exec_set_kernel(exec, x->node, &call.node);
}

// ---- making graphs

void vy__cuda_drop_graphs(vy__cuda *d, vy__cuda_sequence *q) {
  for (uint32_t i = 0; i < q->segment_count; i++) {
    if (q->segments[i].exec)
      (void)d->cu->exec_destroy(q->segments[i].exec);
    if (q->segments[i].graph)
      (void)d->cu->graph_destroy(q->segments[i].graph);
  }
  q->segment_count = 0;
  q->built = false;
}

// Which steps are a segment, and which are in repeats. Those of a repeat
// without passes are in none if the device walks.
static void find_segments(vy__cuda_sequence *q, const vy__recording *r) {
  uint32_t depth = 0, open = VY__NONE, idle = 0;
  q->segment_count = 0;
  for (uint32_t k = 0; k < r->step_count; k++) {
    vy__cuda_step *c = &q->steps[k];
    const vy__step *s = &r->steps[k];
    bool begins = s->kind == VY__STEP_REPEAT, ends = s->kind == VY__STEP_END;
    c->in_repeat = depth;
    c->segment = VY__NONE;
    depth += begins;
    if (begins && !s->max && idle < k + 1)
      idle = s->partner + 1;
    if (q->device ? k < idle : begins) {
      depth -= ends;
      open = q->device ? open : VY__NONE;
      continue;
    }
    if (open == VY__NONE) {
      open = q->segment_count++;
      q->segments[open] = (vy__cuda_segment){.first = k};
    }
    c->segment = open;
    q->segments[open].end = k + 1;
    depth -= ends;
    if (ends && !q->device)
      open = VY__NONE;
  }
}

// Describe all steps; *pinned and *block are what they need.
static bool describe_all(vy__cuda *d, vy__cuda_sequence *q,
                         const vy__recording *r, uint64_t *pinned,
                         uint64_t *block) {
  bool ok = true;
  *pinned = *block = 0;
  q->commands.count = q->commands.record_bytes = 0;
  for (uint32_t k = 0; k < r->step_count && ok; k++) {
    vy__cuda_step *c = &q->steps[k];
    c->first = q->commands.count;
    c->pinned = *pinned;
    c->block = *block;
    ok = vy__cuda_describe(d, q, r, k, pinned, block, &q->commands);
    c->count = q->commands.count - c->first;
    c->pinned_end = *pinned;
    c->block_end = *block;
  }
  q->hosts = false;
  for (size_t i = 0; i < q->commands.count; i++)
    q->hosts = q->hosts || !vy__cuda_is_node(&q->commands.list[i]);
  return ok;
}

// A graph being made, and the loops that are open in it.
typedef struct weaver {
  vy__cuda *d;
  vy__cuda_sequence *q;
  struct {
    vy__cu_graph graph;
    vy__cu_node last; // NULL: none yet
    uint64_t handle;
  } at[VY_SEQUENCE_MAX_NESTING + 1];
  uint32_t depth;
} weaver;

static int add_commands(weaver *w, uint32_t step, uint64_t handle) {
  vy__cuda_sequence *q = w->q;
  const vy__cuda_step *c = &q->steps[step];
  int r = VY__CU_OK;
  for (size_t i = c->first; i < c->first + c->count && r == VY__CU_OK; i++) {
    vy__cuda_command *x = &q->commands.list[i];
    if (!vy__cuda_is_node(x))
      continue;
    x->handle = handle;
    r = add_node(w->d, q, w->at[w->depth].graph, x, &w->at[w->depth].last);
    w->at[w->depth].last = x->node;
  }
  return r;
}

static int open_loop(weaver *w, uint32_t step) {
  const vy__cu *cu = w->d->cu;
  vy__cu_graph graph = w->at[w->depth].graph;
  vy__cu_node *last = &w->at[w->depth].last, node = NULL;
  vy__cu_while_node loop = {.type = VY__CU_NODE_CONDITIONAL,
                            .condition = VY__CU_WHILE,
                            .size = 1,
                            .context = w->d->native};
  int r = cu->conditional_create(&loop.handle, graph, w->d->native, 1,
                                 VY__CU_ASSIGN_DEFAULT);
  if (r == VY__CU_OK)
    r = add_commands(w, step, loop.handle);
  if (r == VY__CU_OK)
    r = cu->graph_add_node(&node, graph, last, NULL, *last != NULL, &loop);
  if (r != VY__CU_OK)
    return r;
  *last = node;
  w->depth++;
  w->at[w->depth].graph = loop.body[0];
  w->at[w->depth].last = NULL;
  w->at[w->depth].handle = loop.handle;
  return r;
}

static int add_step(weaver *w, const vy__recording *r, uint32_t step) {
  uint32_t kind = r->steps[step].kind;
  if (!w->q->device || (kind != VY__STEP_REPEAT && kind != VY__STEP_END))
    return add_commands(w, step, 0);
  if (kind == VY__STEP_REPEAT)
    return open_loop(w, step);
  int result = add_commands(w, step, w->at[w->depth].handle);
  w->depth--;
  return result;
}

static int make_segment(vy__cuda *d, vy__cuda_sequence *q,
                        const vy__recording *rec, vy__cuda_segment *g) {
  const vy__cu *cu = d->cu;
  weaver w = {.d = d, .q = q};
  int r = cu->graph_create(&g->graph, 0);
  if (r != VY__CU_OK)
    g->graph = NULL;
  w.at[0].graph = g->graph;
  for (uint32_t k = g->first; k < g->end && r == VY__CU_OK; k++)
    if (q->steps[k].segment != VY__NONE)
      r = add_step(&w, rec, k);
  if (r == VY__CU_OK && w.at[0].last)
    r = cu->graph_instantiate(&g->exec, g->graph, 0);
  if (r != VY__CU_OK)
    g->exec = NULL;
  return r;
}

static bool has_counts(const vy__recording *r) {
  for (uint32_t k = 0; k < r->step_count; k++)
    if (r->steps[k].kind == VY__STEP_LAUNCH &&
        r->steps[k].launch->items[0].count)
      return true;
  return false;
}

static vy_status make_graphs(vy__cuda *d, vy__cuda_sequence *q,
                             const vy__recording *r) {
  uint64_t pinned, block;
  int result = VY__CU_OK;
  vy__cu_function count;
  vy__cuda_drop_graphs(d, q);
  if (has_counts(r))
    VY_TRY(vy__cuda_count_function(d, &count));
  find_segments(q, r);
  // Once to see how much memory it is, then with its addresses.
  if (!describe_all(d, q, r, &pinned, &block))
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  VY_TRY(vy__cuda_pinned_fit(d->cu, &q->pinned, pinned + WAIT_BYTES));
  if (block && (!q->block || q->block->size < block)) {
    vy__cuda_pool_give(&d->pool, q->block);
    q->block = NULL;
    VY_TRY(vy__cuda_pool_take(&d->pool, block, &q->block, NULL));
  }
  if (!describe_all(d, q, r, &pinned, &block))
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  for (uint32_t i = 0; i < q->segment_count && result == VY__CU_OK; i++)
    result = make_segment(d, q, r, &q->segments[i]);
  q->built = result == VY__CU_OK;
  return vy__cu_status(result);
}

static bool has_repeats(const vy__recording *r) {
  for (uint32_t k = 0; k < r->step_count; k++)
    if (r->steps[k].kind == VY__STEP_REPEAT)
      return true;
  return false;
}

vy_status vy__cuda_make_graphs(vy__cuda *d, vy__cuda_sequence *q,
                               const vy__recording *r) {
  q->device = has_repeats(r) && vy__cuda_has_repeats(d);
  vy_status s = make_graphs(d, q, r);
  if (s != VY_ERROR_DISPATCH_FAILED || !q->device)
    return s;
  // A driver that says it has loops and cannot make them.
  vy__cuda_refuse_repeats(d);
  q->device = false;
  return make_graphs(d, q, r);
}
