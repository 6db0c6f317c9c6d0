// The fake driver: code, launches, graphs.
#include "fake_cuda/inside.h"

// ---- code

int fake_link_create(unsigned count, int *options, void **values,
                     vy__cu_link *out) {
  (void)count, (void)options;
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  object *o = fake_make(LINK);
  o->data = values[0]; // the log
  *out = (vy__cu_link)(void *)o;
  return fake_leave(0);
}
int fake_link_add(vy__cu_link link, int type, void *data, size_t size,
                  const char *name, unsigned count, int *options,
                  void **values) {
  (void)name, (void)count, (void)options, (void)values;
  fake_lock();
  object *o = fake_check(link, LINK);
  if (type != VY__CU_INPUT_PTX || ((char *)data)[size - 1])
    fake_die("PTX without its end");
  if (strstr(data, "REFUSE")) {
    strcpy((char *)o->data, "ptxas fatal: refused");
    return fake_leave(VY__CU_INVALID_PTX);
  }
  o->image = strdup(data);
  return fake_leave(0);
}
int fake_link_complete(vy__cu_link link, void **cubin, size_t *size) {
  fake_lock();
  object *o = fake_check(link, LINK);
  *cubin = o->image;
  *size = strlen(o->image) + 1;
  return fake_leave(0);
}
int fake_link_destroy(vy__cu_link link) {
  fake_lock();
  fake_end(fake_check(link, LINK));
  return fake_leave(0);
}
int fake_module_load(vy__cu_module *out, const void *image) {
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  object *o = fake_make(MODULE);
  o->image = strdup(image);
  *out = (vy__cu_module)(void *)o;
  return fake_leave(0);
}
int fake_module_unload(vy__cu_module module) {
  fake_lock();
  object *o = fake_check(module, MODULE), *next;
  for (object *f = fake_objects; f; f = next) {
    next = f->next;
    if (f->kind == FUNCTION && f->module == o)
      fake_end(f);
  }
  fake_end(o);
  return fake_leave(0);
}
// The bytes of the record: the array that is the parameter of vy_one.
static size_t record_size(const char *image) {
  const char *at = strstr(image, "vy_one(");
  at = at ? strchr(at, '[') : NULL;
  return at ? strtoul(at + 1, NULL, 10) : 0;
}
int fake_module_function(vy__cu_function *out, vy__cu_module module,
                         const char *name) {
  fake_lock();
  object *o = fake_make(FUNCTION);
  o->module = fake_check(module, MODULE);
  o->size = strcmp(name, "vy_one") ? 0 : record_size(o->module->image);
  snprintf(o->name, sizeof o->name, "%s", name);
  *out = (vy__cu_function)(void *)o;
  return fake_leave(0);
}

static void launch_op(op *o, vy__cu_function function, const unsigned grid[3],
                      const unsigned block[3], void **params) {
  object *f = fake_check_here(function, FUNCTION);
  o->function = f;
  o->launch = (fake_run){.image = f->module->image,
                         .entry = f->name,
                         .grid = {grid[0], grid[1], grid[2]},
                         .block = {block[0], block[1], block[2]},
                         .count = 1};
  for (int d = 0; d < 3; d++)
    if (!grid[d] || !block[d])
      fake_die("an empty grid");
  free(o->record);
  o->record = NULL;
  bool again = !strcmp(f->name, "vy_again");
  if (again || !strcmp(f->name, "vy_begin") || !strcmp(f->name, "vy_count")) {
    int count = again ? 3 : f->name[3] == 'b' ? 2 : 6;
    o->what = HELPER;
    for (int i = 0; i < count; i++)
      memcpy(&o->args[i], params[i], 8);
    if (again)
      memcpy(&o->args[3], params[3], 4);
    return;
  }
  if (!strcmp(f->name, "vy_one")) {
    o->record = malloc(f->size ? f->size : 1);
    memcpy(o->record, params[0], f->size);
    o->launch.records = o->record;
  } else {
    uint64_t at;
    memcpy(&at, params[0], 8);
    memcpy(&o->launch.count, params[1], 4);
    o->launch.records = (const uint8_t *)(uintptr_t)at;
  }
}
int fake_launch(vy__cu_function f, unsigned gx, unsigned gy, unsigned gz,
                unsigned bx, unsigned by, unsigned bz, unsigned shared,
                vy__cu_stream s, void **params, void **extra) {
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  if (shared || extra)
    fake_die("launch attributes");
  launch_op(fake_put(fake_check_here(s, STREAM), LAUNCH), f,
            (unsigned[]){gx, gy, gz}, (unsigned[]){bx, by, bz}, params);
  return fake_leave(0);
}

// ---- graphs: nodes run in the order in which they were added

int fake_graph_create(vy__cu_graph *out, unsigned flags) {
  fake_lock();
  *out = (vy__cu_graph)(void *)fake_make(GRAPH);
  return fake_leave(flags ? VY__CU_INVALID_VALUE : 0);
}
static void end_nodes(object *o) {
  for (int i = 0; i < o->node_count; i++)
    fake_free_op(o->nodes[i]);
  fake_end(o);
}
int fake_graph_destroy(vy__cu_graph graph) {
  fake_lock();
  end_nodes(fake_check(graph, GRAPH));
  return fake_leave(0);
}
static op *add_node(vy__cu_node *out, vy__cu_graph graph,
                    const vy__cu_node *after, size_t count, int what) {
  object *g = fake_check(graph, GRAPH);
  if (g->node_count == MOST_NODES)
    fake_die("too many nodes");
  if (count != (g->node_count != 0) ||
      (count && (op *)(void *)after[0] != g->nodes[g->node_count - 1]))
    fake_die("nodes are no chain");
  op *o = calloc(1, sizeof *o);
  o->what = what;
  g->nodes[g->node_count++] = o;
  *out = (vy__cu_node)(void *)o;
  return o;
}
static void set_copy(op *o, const vy__cu_copy_node *p) {
  if (p->height != 1 || p->depth != 1 ||
      p->from.type != VY__CU_MEMORY_UNIFIED ||
      p->to.type != VY__CU_MEMORY_UNIFIED)
    fake_die("a copy of another shape");
  fake_need_memory((void *)(uintptr_t)p->to.device, p->width, false);
  fake_need_memory((void *)(uintptr_t)p->from.device, p->width, false);
  fake_copy_op(o, p->to.device, p->from.device, p->width);
}
static void set_fill(op *o, const vy__cu_fill_node *p) {
  if (p->height != 1)
    fake_die("a fill of another shape");
  fake_need_memory((void *)(uintptr_t)p->at, p->width * p->element, false);
  o->what = p->element == 4 ? FILL_WORDS : FILL;
  o->to = (uint8_t *)(uintptr_t)p->at;
  o->size = p->width;
  o->value = p->value;
}
int fake_graph_add_kernel(vy__cu_node *out, vy__cu_graph graph,
                          const vy__cu_node *after, size_t count,
                          const vy__cu_kernel_node *p) {
  fake_lock();
  launch_op(add_node(out, graph, after, count, LAUNCH), p->function, p->grid,
            p->block, p->params);
  return fake_leave(0);
}
int fake_graph_add_copy(vy__cu_node *out, vy__cu_graph graph,
                        const vy__cu_node *after, size_t count,
                        const vy__cu_copy_node *p, vy__cu_context context) {
  fake_lock();
  (void)fake_check(context, CONTEXT);
  set_copy(add_node(out, graph, after, count, COPY), p);
  return fake_leave(0);
}
int fake_graph_add_fill(vy__cu_node *out, vy__cu_graph graph,
                        const vy__cu_node *after, size_t count,
                        const vy__cu_fill_node *p, vy__cu_context context) {
  fake_lock();
  (void)fake_check(context, CONTEXT);
  set_fill(add_node(out, graph, after, count, FILL), p);
  return fake_leave(0);
}
static uint32_t handle_count;

int fake_conditional_create(uint64_t *out, vy__cu_graph graph,
                            vy__cu_context context, unsigned value,
                            unsigned flags) {
  fake_lock();
  (void)fake_check(graph, GRAPH);
  (void)fake_check(context, CONTEXT);
  if (handle_count + 1 == MOST_HANDLES || flags != VY__CU_ASSIGN_DEFAULT)
    fake_die("handles");
  *out = ++handle_count;
  fake_handles[*out].first = value;
  return fake_leave(0);
}
int fake_graph_add_node(vy__cu_node *out, vy__cu_graph graph,
                        const vy__cu_node *after, const void *edges,
                        size_t count, void *params) {
  fake_lock();
  vy__cu_while_node *p = params;
  if (edges || p->type != VY__CU_NODE_CONDITIONAL ||
      p->condition != VY__CU_WHILE || p->size != 1)
    fake_die("a node of another kind");
  (void)fake_check(p->context, CONTEXT);
  op *o = add_node(out, graph, after, count, LOOP);
  static vy__cu_graph body[1];
  o->handle = p->handle;
  o->body = fake_make(GRAPH);
  body[0] = (vy__cu_graph)(void *)o->body;
  p->body = body;
  return fake_leave(0);
}
static op *copy_of(const op *from) {
  op *o = malloc(sizeof *o);
  *o = *from;
  o->next = NULL;
  o->origin = from->origin ? from->origin : from;
  if (from->record) {
    o->record = malloc(from->function->size ? from->function->size : 1);
    memcpy(o->record, from->record, from->function->size);
    o->launch.records = o->record;
  }
  if (from->body) {
    o->body = fake_make(GRAPH);
    for (int i = 0; i < from->body->node_count; i++)
      o->body->nodes[o->body->node_count++] = copy_of(from->body->nodes[i]);
  }
  return o;
}
int fake_graph_instantiate(vy__cu_exec *out, vy__cu_graph graph,
                           unsigned long long flags) {
  fake_lock();
  object *g = fake_check(graph, GRAPH), *e = fake_make(EXEC);
  for (int i = 0; i < g->node_count; i++)
    e->nodes[e->node_count++] = copy_of(g->nodes[i]);
  *out = (vy__cu_exec)(void *)e;
  return fake_leave(flags ? VY__CU_INVALID_VALUE : 0);
}
static op *find_node(object *e, const void *node) {
  for (int i = 0; i < e->node_count; i++) {
    op *o = e->nodes[i];
    if (o->origin == node)
      return o;
    if (o->body && (o = find_node(o->body, node)) != NULL)
      return o;
  }
  return NULL;
}
static op *node_of(vy__cu_exec exec, vy__cu_node node) {
  op *o = find_node(fake_check(exec, EXEC), node);
  if (!o)
    fake_die("a node of nothing");
  return o;
}
int fake_exec_set_kernel(vy__cu_exec exec, vy__cu_node node,
                         const vy__cu_kernel_node *p) {
  fake_lock();
  launch_op(node_of(exec, node), p->function, p->grid, p->block, p->params);
  return fake_leave(0);
}
int fake_exec_set_copy(vy__cu_exec exec, vy__cu_node node,
                       const vy__cu_copy_node *p, vy__cu_context context) {
  fake_lock();
  (void)fake_check(context, CONTEXT);
  set_copy(node_of(exec, node), p);
  return fake_leave(0);
}
int fake_exec_set_fill(vy__cu_exec exec, vy__cu_node node,
                       const vy__cu_fill_node *p, vy__cu_context context) {
  fake_lock();
  (void)fake_check(context, CONTEXT);
  set_fill(node_of(exec, node), p);
  return fake_leave(0);
}
// Handles get their first values when the graph is launched; only one launch
// of a graph with loops is in flight.
static void assign(object *e) {
  for (int i = 0; i < e->node_count; i++)
    if (e->nodes[i]->what == LOOP) {
      fake_handles[e->nodes[i]->handle].value =
          fake_handles[e->nodes[i]->handle].first;
      assign(e->nodes[i]->body);
    }
}
int fake_exec_launch(vy__cu_exec exec, vy__cu_stream s) {
  fake_lock();
  object *e = fake_check_here(exec, EXEC), *o = fake_check_here(s, STREAM);
  for (int i = 0; i < e->node_count; i++) {
    op *n = copy_of(e->nodes[i]);
    if (o->last)
      o->last->next = n;
    else
      o->first = n;
    o->last = n;
  }
  assign(e);
  return fake_leave(0);
}
int fake_exec_destroy(vy__cu_exec exec) {
  fake_lock();
  end_nodes(fake_check(exec, EXEC));
  return fake_leave(0);
}
