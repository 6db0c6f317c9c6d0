// The fake driver itself. One mutex holds everything but kernels, which run
// while it is let go.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_cuda/fake.h"

enum {
  DEVICES = 2,
  SM = 90,
  MOST_NODES = 4096,
  MOST_HANDLES = 1 << 16,
  ALIGN = 512
};

typedef enum kind {
  CONTEXT = 1,
  STREAM,
  EVENT,
  MODULE,
  FUNCTION,
  LINK,
  GRAPH,
  EXEC,
  DEVICE_MEMORY,
  HOST_MEMORY,
} kind;

typedef struct op {
  struct op *next;
  enum { COPY, FILL, FILL_WORDS, WRITE, RECORD, LAUNCH, HELPER, LOOP } what;
  const struct op *origin; // of a copy in an exec: the graph's node
  uint64_t args[6];        // of a HELPER
  uint64_t handle;         // of a LOOP
  struct object *body;     // likewise: a graph of its own
  uint8_t *to;
  const uint8_t *from;
  size_t size;
  uint32_t value;
  struct object *event;
  uint64_t ticket;
  struct object *function;
  fake_run launch;
  uint8_t *record; // owned
} op;

typedef struct object {
  struct object *next;
  kind kind;
  int refs; // of a context
  uint8_t *data;
  size_t size;
  op *first, *last;        // of a stream
  bool running;            // of a stream: an op is under way
  uint64_t recorded, done; // of an event
  struct object *stream;   // of an event, when recorded
  bool timed;
  char *image; // of a module, link
  struct object *module;
  char name[32];
  op **nodes; // of a graph, exec: MOST_NODES
  int node_count;
} object;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ran = PTHREAD_COND_INITIALIZER;
static object *objects;
static uint32_t live_count;
static uint64_t allocation_count, launch_count, memory_left = UINT64_C(1) << 34;
static fake_kernel run_kernel;
uint64_t fake_calls;
static object *primary[DEVICES];
static __thread object *stack[64];
static __thread int depth;

static void lock(void) { pthread_mutex_lock(&mutex); }
static int leave(int r) {
  pthread_mutex_unlock(&mutex);
  return r;
}

static void die(const char *what) {
  fprintf(stderr, "fake cuda: %s\n", what);
  abort();
}

static object *make(kind k) {
  object *o = calloc(1, sizeof *o);
  if (k == GRAPH || k == EXEC)
    o->nodes = calloc(MOST_NODES, sizeof(op *));
  o->kind = k;
  o->next = objects;
  objects = o;
  live_count++;
  return o;
}

static object *check(const void *p, kind k) {
  for (object *o = objects; o; o = o->next)
    if ((const void *)o == p) {
      if (o->kind != k)
        die("a handle of another kind");
      return o;
    }
  die("a handle of nothing");
  return NULL;
}

static void end(object *o) {
  object **at = &objects;
  while (*at != o)
    at = &(*at)->next;
  *at = o->next;
  live_count--;
  free(o->nodes);
  free(o->image);
  free(o);
}

// The allocation that holds [at, at + size).
static object *memory_at(const void *at, size_t size, bool host_only) {
  const uint8_t *p = at;
  for (object *o = objects; o; o = o->next)
    if ((o->kind == HOST_MEMORY || (!host_only && o->kind == DEVICE_MEMORY)) &&
        p >= o->data && p + size <= o->data + o->size)
      return o;
  return NULL;
}

static void need_memory(const void *at, size_t size, bool host_only) {
  if (size && !memory_at(at, size, host_only))
    die(host_only ? "not pinned memory" : "not device memory");
}

// Under the mutex, or before it is taken: without a context nothing is made.
static bool has_context(void) { return depth && stack[depth - 1]; }

// ---- streams

// Values of the handles of loops, from 1 on.
static struct { uint32_t value, first; } handles[MOST_HANDLES];
static uint32_t handle_count;

static uint32_t *word(uint64_t at) { return (uint32_t *)(uintptr_t)at; }

// The kernels that the runtime brings along.
static void help(const op *o) {
  const uint64_t *a = o->args;
  const char *name = o->function->name;
  if (!strcmp(name, "vy_begin")) {
    *word(a[1]) = 0;
    handles[a[0]].value = 1;
  } else if (!strcmp(name, "vy_again")) {
    uint32_t v = *word(a[1]), *state = word(a[2]);
    state[0]++;
    state[1] = v;
    if (++state[2] == 0)
      state[3]++;
    handles[a[0]].value = v && state[0] < (uint32_t)a[3];
  } else {
    uint64_t *record = (uint64_t *)(uintptr_t)a[0];
    uint64_t n = *word(a[1]);
    *word(a[2]) = (uint32_t)n;
    record[0] = (n < a[3] ? n : a[3]) * a[4];
    record[3] = (record[0] + a[5] - 1) / a[5];
  }
}

static void perform(op *o) {
  if (fake_dead && o->what != RECORD)
    return;
  switch (o->what) {
  case COPY:
    memmove(o->to, o->from, o->size);
    break;
  case FILL:
    memset(o->to, (int)o->value, o->size);
    break;
  case FILL_WORDS:
    for (size_t i = 0; i < o->size; i++)
      memcpy(o->to + 4 * i, &o->value, 4);
    break;
  case WRITE:
    __atomic_store_n((uint32_t *)(void *)o->to, o->value, __ATOMIC_RELEASE);
    break;
  case RECORD:
    if (o->ticket > o->event->done)
      o->event->done = o->ticket;
    break;
  case LAUNCH:
    launch_count++;
    if (run_kernel) {
      fake_kernel k = run_kernel;
      pthread_mutex_unlock(&mutex);
      k(&o->launch);
      pthread_mutex_lock(&mutex);
    }
    break;
  case HELPER:
    help(o);
    break;
  case LOOP:
    while (handles[o->handle].value)
      for (int i = 0; i < o->body->node_count; i++)
        perform(o->body->nodes[i]);
    break;
  }
}

static void end(object *o);

static void free_op(op *o) {
  if (o->body) {
    for (int i = 0; i < o->body->node_count; i++)
      free_op(o->body->nodes[i]);
    end(o->body);
  }
  free(o->record);
  free(o);
}

// Run the first op of a stream, or wait for who does. False: it is empty.
static bool step(object *s) {
  if (s->running) {
    pthread_cond_wait(&ran, &mutex);
    return true;
  }
  op *o = s->first;
  if (!o)
    return false;
  s->running = true;
  perform(o);
  s->first = o->next;
  if (!s->first)
    s->last = NULL;
  s->running = false;
  free_op(o);
  pthread_cond_broadcast(&ran);
  return true;
}

static op *put(object *s, int what) {
  op *o = calloc(1, sizeof *o);
  o->what = what;
  if (s->last)
    s->last->next = o;
  else
    s->first = o;
  s->last = o;
  return o;
}

int fake_stream_create(vy__cu_stream *out, unsigned flags) {
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  if (flags != VY__CU_STREAM_NON_BLOCKING)
    die("a stream that waits for the default stream");
  *out = (vy__cu_stream)(void *)make(STREAM);
  return leave(0);
}
int fake_stream_destroy(vy__cu_stream s) {
  lock();
  object *o = check(s, STREAM);
  while (step(o))
    ;
  end(o);
  return leave(0);
}
int fake_stream_wait(vy__cu_stream s) {
  lock();
  object *o = check(s, STREAM);
  while (step(o))
    ;
  return leave(0);
}
int fake_stream_query(vy__cu_stream s) {
  lock();
  object *o = check(s, STREAM);
  (void)step(o);
  return leave(o->first ? VY__CU_NOT_READY : 0);
}
int fake_stream_write(vy__cu_stream s, vy__cu_address at, uint32_t value,
                      unsigned flags) {
  lock();
  need_memory((void *)(uintptr_t)at, 4, false);
  op *o = put(check(s, STREAM), WRITE);
  o->to = (uint8_t *)(uintptr_t)at;
  o->value = value;
  return leave(flags ? VY__CU_INVALID_VALUE : 0);
}

// ---- events

int fake_event_create(vy__cu_event *out, unsigned flags) {
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  object *o = make(EVENT);
  o->timed = !(flags & VY__CU_EVENT_NO_TIME);
  *out = (vy__cu_event)(void *)o;
  return leave(0);
}
int fake_event_destroy(vy__cu_event e) {
  lock();
  object *o = check(e, EVENT);
  while (o->done < o->recorded && step(o->stream))
    ;
  end(o);
  return leave(0);
}
int fake_event_record(vy__cu_event e, vy__cu_stream s) {
  lock();
  object *o = check(e, EVENT);
  o->stream = check(s, STREAM);
  op *p = put(o->stream, RECORD);
  p->event = o;
  p->ticket = ++o->recorded;
  return leave(0);
}
int fake_event_query(vy__cu_event e) {
  lock();
  object *o = check(e, EVENT);
  if (o->done < o->recorded)
    (void)step(o->stream);
  return leave(o->done < o->recorded ? VY__CU_NOT_READY : 0);
}
int fake_event_wait(vy__cu_event e) {
  lock();
  object *o = check(e, EVENT);
  while (o->done < o->recorded && step(o->stream))
    ;
  return leave(0);
}
int fake_event_elapsed(float *ms, vy__cu_event from, vy__cu_event to) {
  lock();
  object *a = check(from, EVENT), *b = check(to, EVENT);
  if (!a->timed || !b->timed || !a->recorded || !b->recorded)
    die("no time was taken");
  *ms = 0.25f;
  return leave(a->done < a->recorded || b->done < b->recorded ? VY__CU_NOT_READY
                                                              : 0);
}

// ---- the driver and its devices

int fake_error_name(int error, const char **text) {
  *text = error == VY__CU_OUT_OF_MEMORY     ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == VY__CU_ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                                            : "CUDA_ERROR_FAKE";
  return 0;
}
int fake_init(unsigned flags) { return flags ? VY__CU_INVALID_VALUE : 0; }
int fake_driver_version(int *version) {
  const char *v = getenv("FAKE_CUDA_VERSION");
  *version = v ? atoi(v) : 12080;
  return 0;
}
int fake_device_count(int *count) {
  const char *v = getenv("FAKE_CUDA_DEVICES");
  *count = v ? atoi(v) : DEVICES;
  return 0;
}
int fake_device_get(int *device, int ordinal) {
  *device = ordinal;
  return ordinal >= 0 && ordinal < DEVICES ? 0 : VY__CU_INVALID_DEVICE;
}
int fake_device_name(char *name, int size, int device) {
  snprintf(name, (size_t)size, "Fake GPU %d", device);
  return 0;
}
int fake_device_attribute(int *value, int which, int device) {
  (void)device;
  *value = which == VY__CU_MAX_GRID_X          ? INT32_MAX
           : which <= VY__CU_MAX_GRID_Z        ? 65535
           : which == VY__CU_MAJOR             ? SM / 10
           : which == VY__CU_MINOR             ? SM % 10
           : which == VY__CU_PROCESSORS        ? 8
           : which == VY__CU_PROCESSOR_THREADS ? 2048
           : which == VY__CU_UNIFIED           ? 1
           : which == VY__CU_CAN_MAP_HOST      ? 1
                                               : 0;
  return 0;
}
int fake_device_memory(size_t *bytes, int device) {
  (void)device;
  *bytes = (size_t)1 << 34;
  return 0;
}

int fake_primary_retain(vy__cu_context *out, int device) {
  lock();
  object *o = primary[device];
  if (!o) {
    primary[device] = o = make(CONTEXT);
    fake_dead = false;
    o->size = (size_t)device;
  }
  o->refs++;
  *out = (vy__cu_context)(void *)o;
  return leave(0);
}
int fake_primary_release(int device) {
  lock();
  object *o = primary[device];
  if (!o)
    die("a primary context that nobody has");
  if (--o->refs == 0) {
    end(o);
    primary[device] = NULL;
  }
  return leave(0);
}
int fake_context_current(vy__cu_context *out) {
  *out = (vy__cu_context)(void *)(depth ? stack[depth - 1] : NULL);
  return 0;
}
int fake_context_push(vy__cu_context context) {
  lock();
  stack[depth++] = check(context, CONTEXT);
  return leave(0);
}
int fake_context_pop(vy__cu_context *out) {
  if (!depth)
    die("no context to pop");
  *out = (vy__cu_context)(void *)stack[--depth];
  return 0;
}
int fake_context_device(int *device) {
  if (!has_context())
    return VY__CU_INVALID_CONTEXT;
  *device = (int)stack[depth - 1]->size;
  return 0;
}

// ---- memory

static object *allocate(kind k, size_t size) {
  object *o = make(k);
  o->size = size;
  if (posix_memalign((void **)&o->data, ALIGN, size ? size : 1))
    die("out of memory");
  memset(o->data, 0xa5, size);
  allocation_count++;
  return o;
}

int fake_memory_alloc(vy__cu_address *out, size_t size) {
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  if (size > memory_left)
    return leave(VY__CU_OUT_OF_MEMORY);
  memory_left -= size;
  *out = (vy__cu_address)(uintptr_t)allocate(DEVICE_MEMORY, size)->data;
  return leave(0);
}

static int release(void *at, kind k) {
  lock();
  object *o = objects;
  while (o && !(o->kind == k && o->data == at))
    o = o->next;
  if (!o)
    die("memory that was not allocated is freed");
  if (k == DEVICE_MEMORY)
    memory_left += o->size;
  free(o->data);
  end(o);
  return leave(0);
}
int fake_memory_free(vy__cu_address at) {
  return release((void *)(uintptr_t)at, DEVICE_MEMORY);
}
int fake_host_alloc(void **out, size_t size, unsigned flags) {
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  if (flags != (VY__CU_HOST_PORTABLE | VY__CU_HOST_MAPPED))
    die("flags of pinned memory");
  *out = allocate(HOST_MEMORY, size)->data;
  return leave(0);
}
int fake_host_free(void *at) { return release(at, HOST_MEMORY); }
int fake_host_address(vy__cu_address *out, void *at, unsigned flags) {
  *out = (vy__cu_address)(uintptr_t)at;
  return flags ? VY__CU_INVALID_VALUE : 0;
}
int fake_pointer_attribute(void *value, int which, vy__cu_address at) {
  lock();
  object *o = memory_at((void *)(uintptr_t)at, 1, false);
  if (!o)
    return leave(VY__CU_INVALID_VALUE);
  if (which == VY__CU_POINTER_RANGE_START)
    *(vy__cu_address *)value = (vy__cu_address)(uintptr_t)o->data;
  else if (which == VY__CU_POINTER_RANGE_SIZE)
    *(size_t *)value = o->size;
  else
    *(int *)value =
        o->kind == HOST_MEMORY ? VY__CU_MEMORY_HOST : VY__CU_MEMORY_DEVICE;
  return leave(0);
}

static void copy_op(op *o, vy__cu_address to, vy__cu_address from,
                    size_t size) {
  o->to = (uint8_t *)(uintptr_t)to;
  o->from = (const uint8_t *)(uintptr_t)from;
  o->size = size;
}

static int enqueue_copy(vy__cu_address to, vy__cu_address from, size_t size,
                        vy__cu_stream s, bool to_host, bool from_host) {
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  need_memory((void *)(uintptr_t)to, size, to_host);
  need_memory((void *)(uintptr_t)from, size, from_host);
  copy_op(put(check(s, STREAM), COPY), to, from, size);
  return leave(0);
}
int fake_copy_to_device(vy__cu_address to, const void *from, size_t size,
                        vy__cu_stream s) {
  return enqueue_copy(to, (uintptr_t)from, size, s, false, true);
}
int fake_copy_to_host(void *to, vy__cu_address from, size_t size,
                      vy__cu_stream s) {
  return enqueue_copy((uintptr_t)to, from, size, s, true, false);
}
int fake_copy(vy__cu_address to, vy__cu_address from, size_t size,
              vy__cu_stream s) {
  return enqueue_copy(to, from, size, s, false, false);
}
static int enqueue_fill(vy__cu_address at, unsigned value, size_t count,
                        size_t each, vy__cu_stream s) {
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  need_memory((void *)(uintptr_t)at, count * each, false);
  if (at % each)
    die("misaligned fill");
  op *o = put(check(s, STREAM), each == 4 ? FILL_WORDS : FILL);
  o->to = (uint8_t *)(uintptr_t)at;
  o->size = count;
  o->value = value;
  return leave(0);
}
int fake_fill(vy__cu_address at, unsigned char value, size_t size,
              vy__cu_stream s) {
  return enqueue_fill(at, value, size, 1, s);
}
int fake_fill_words(vy__cu_address at, unsigned value, size_t count,
                    vy__cu_stream s) {
  return enqueue_fill(at, value, count, 4, s);
}

// ---- code

int fake_link_create(unsigned count, int *options, void **values,
                     vy__cu_link *out) {
  (void)count, (void)options;
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  object *o = make(LINK);
  o->data = values[0]; // the log
  *out = (vy__cu_link)(void *)o;
  return leave(0);
}
int fake_link_add(vy__cu_link link, int type, void *data, size_t size,
                  const char *name, unsigned count, int *options,
                  void **values) {
  (void)name, (void)count, (void)options, (void)values;
  lock();
  object *o = check(link, LINK);
  if (type != VY__CU_INPUT_PTX || ((char *)data)[size - 1])
    die("PTX without its end");
  if (strstr(data, "REFUSE")) {
    strcpy((char *)o->data, "ptxas fatal: refused");
    return leave(VY__CU_INVALID_PTX);
  }
  o->image = strdup(data);
  return leave(0);
}
int fake_link_complete(vy__cu_link link, void **cubin, size_t *size) {
  lock();
  object *o = check(link, LINK);
  *cubin = o->image;
  *size = strlen(o->image) + 1;
  return leave(0);
}
int fake_link_destroy(vy__cu_link link) {
  lock();
  end(check(link, LINK));
  return leave(0);
}
int fake_module_load(vy__cu_module *out, const void *image) {
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  object *o = make(MODULE);
  o->image = strdup(image);
  *out = (vy__cu_module)(void *)o;
  return leave(0);
}
int fake_module_unload(vy__cu_module module) {
  lock();
  object *o = check(module, MODULE), *next;
  for (object *f = objects; f; f = next) {
    next = f->next;
    if (f->kind == FUNCTION && f->module == o)
      end(f);
  }
  end(o);
  return leave(0);
}
// The bytes of the record: the array that is the parameter of vy_one.
static size_t record_size(const char *image) {
  const char *at = strstr(image, "vy_one(");
  at = at ? strchr(at, '[') : NULL;
  return at ? strtoul(at + 1, NULL, 10) : 0;
}
int fake_module_function(vy__cu_function *out, vy__cu_module module,
                         const char *name) {
  lock();
  object *o = make(FUNCTION);
  o->module = check(module, MODULE);
  o->size = strcmp(name, "vy_one") ? 0 : record_size(o->module->image);
  snprintf(o->name, sizeof o->name, "%s", name);
  *out = (vy__cu_function)(void *)o;
  return leave(0);
}

static void launch_op(op *o, vy__cu_function function, const unsigned grid[3],
                      const unsigned block[3], void **params) {
  object *f = check(function, FUNCTION);
  o->function = f;
  o->launch = (fake_run){.image = f->module->image,
                         .entry = f->name,
                         .grid = {grid[0], grid[1], grid[2]},
                         .block = {block[0], block[1], block[2]},
                         .count = 1};
  for (int d = 0; d < 3; d++)
    if (!grid[d] || !block[d])
      die("an empty grid");
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
  lock();
  if (!has_context())
    return leave(VY__CU_INVALID_CONTEXT);
  if (shared || extra)
    die("launch attributes");
  launch_op(put(check(s, STREAM), LAUNCH), f, (unsigned[]){gx, gy, gz},
            (unsigned[]){bx, by, bz}, params);
  return leave(0);
}

// ---- graphs: nodes run in the order in which they were added

int fake_graph_create(vy__cu_graph *out, unsigned flags) {
  lock();
  *out = (vy__cu_graph)(void *)make(GRAPH);
  return leave(flags ? VY__CU_INVALID_VALUE : 0);
}
static void end_nodes(object *o) {
  for (int i = 0; i < o->node_count; i++)
    free_op(o->nodes[i]);
  end(o);
}
int fake_graph_destroy(vy__cu_graph graph) {
  lock();
  end_nodes(check(graph, GRAPH));
  return leave(0);
}
static op *add_node(vy__cu_node *out, vy__cu_graph graph,
                    const vy__cu_node *after, size_t count, int what) {
  object *g = check(graph, GRAPH);
  if (g->node_count == MOST_NODES)
    die("too many nodes");
  if (count != (g->node_count != 0) ||
      (count && (op *)(void *)after[0] != g->nodes[g->node_count - 1]))
    die("nodes are no chain");
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
    die("a copy of another shape");
  need_memory((void *)(uintptr_t)p->to.device, p->width, false);
  need_memory((void *)(uintptr_t)p->from.device, p->width, false);
  copy_op(o, p->to.device, p->from.device, p->width);
}
static void set_fill(op *o, const vy__cu_fill_node *p) {
  if (p->height != 1)
    die("a fill of another shape");
  need_memory((void *)(uintptr_t)p->at, p->width * p->element, false);
  o->what = p->element == 4 ? FILL_WORDS : FILL;
  o->to = (uint8_t *)(uintptr_t)p->at;
  o->size = p->width;
  o->value = p->value;
}
int fake_graph_add_kernel(vy__cu_node *out, vy__cu_graph graph,
                          const vy__cu_node *after, size_t count,
                          const vy__cu_kernel_node *p) {
  lock();
  launch_op(add_node(out, graph, after, count, LAUNCH), p->function, p->grid,
            p->block, p->params);
  return leave(0);
}
int fake_graph_add_copy(vy__cu_node *out, vy__cu_graph graph,
                        const vy__cu_node *after, size_t count,
                        const vy__cu_copy_node *p, vy__cu_context context) {
  lock();
  (void)check(context, CONTEXT);
  set_copy(add_node(out, graph, after, count, COPY), p);
  return leave(0);
}
int fake_graph_add_fill(vy__cu_node *out, vy__cu_graph graph,
                        const vy__cu_node *after, size_t count,
                        const vy__cu_fill_node *p, vy__cu_context context) {
  lock();
  (void)check(context, CONTEXT);
  set_fill(add_node(out, graph, after, count, FILL), p);
  return leave(0);
}
int fake_conditional_create(uint64_t *out, vy__cu_graph graph,
                            vy__cu_context context, unsigned value,
                            unsigned flags) {
  lock();
  (void)check(graph, GRAPH);
  (void)check(context, CONTEXT);
  if (handle_count + 1 == MOST_HANDLES || flags != VY__CU_ASSIGN_DEFAULT)
    die("handles");
  *out = ++handle_count;
  handles[*out].first = value;
  return leave(0);
}
int fake_graph_add_node(vy__cu_node *out, vy__cu_graph graph,
                        const vy__cu_node *after, const void *edges,
                        size_t count, void *params) {
  lock();
  vy__cu_while_node *p = params;
  if (edges || p->type != VY__CU_NODE_CONDITIONAL ||
      p->condition != VY__CU_WHILE || p->size != 1)
    die("a node of another kind");
  (void)check(p->context, CONTEXT);
  op *o = add_node(out, graph, after, count, LOOP);
  static vy__cu_graph body[1];
  o->handle = p->handle;
  o->body = make(GRAPH);
  body[0] = (vy__cu_graph)(void *)o->body;
  p->body = body;
  return leave(0);
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
    o->body = make(GRAPH);
    for (int i = 0; i < from->body->node_count; i++)
      o->body->nodes[o->body->node_count++] = copy_of(from->body->nodes[i]);
  }
  return o;
}
int fake_graph_instantiate(vy__cu_exec *out, vy__cu_graph graph,
                           unsigned long long flags) {
  lock();
  object *g = check(graph, GRAPH), *e = make(EXEC);
  for (int i = 0; i < g->node_count; i++)
    e->nodes[e->node_count++] = copy_of(g->nodes[i]);
  *out = (vy__cu_exec)(void *)e;
  return leave(flags ? VY__CU_INVALID_VALUE : 0);
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
  op *o = find_node(check(exec, EXEC), node);
  if (!o)
    die("a node of nothing");
  return o;
}
int fake_exec_set_kernel(vy__cu_exec exec, vy__cu_node node,
                         const vy__cu_kernel_node *p) {
  lock();
  launch_op(node_of(exec, node), p->function, p->grid, p->block, p->params);
  return leave(0);
}
int fake_exec_set_copy(vy__cu_exec exec, vy__cu_node node,
                       const vy__cu_copy_node *p, vy__cu_context context) {
  lock();
  (void)check(context, CONTEXT);
  set_copy(node_of(exec, node), p);
  return leave(0);
}
int fake_exec_set_fill(vy__cu_exec exec, vy__cu_node node,
                       const vy__cu_fill_node *p, vy__cu_context context) {
  lock();
  (void)check(context, CONTEXT);
  set_fill(node_of(exec, node), p);
  return leave(0);
}
// Handles get their first values when the graph is launched; only one launch
// of a graph with loops is in flight.
static void assign(object *e) {
  for (int i = 0; i < e->node_count; i++)
    if (e->nodes[i]->what == LOOP) {
      handles[e->nodes[i]->handle].value = handles[e->nodes[i]->handle].first;
      assign(e->nodes[i]->body);
    }
}
int fake_exec_launch(vy__cu_exec exec, vy__cu_stream s) {
  lock();
  object *e = check(exec, EXEC), *o = check(s, STREAM);
  for (int i = 0; i < e->node_count; i++) {
    op *n = copy_of(e->nodes[i]);
    if (o->last)
      o->last->next = n;
    else
      o->first = n;
    o->last = n;
  }
  assign(e);
  return leave(0);
}
int fake_exec_destroy(vy__cu_exec exec) {
  lock();
  end_nodes(check(exec, EXEC));
  return leave(0);
}

// ---- control

void fake_fail(uint64_t n, int code, int sticky);

static uint32_t live(void) {
  lock();
  uint32_t n = live_count;
  pthread_mutex_unlock(&mutex);
  return n;
}
static uint64_t calls(void) {
  return __atomic_load_n(&fake_calls, __ATOMIC_RELAXED);
}
static uint64_t allocations(void) {
  lock();
  uint64_t n = allocation_count;
  pthread_mutex_unlock(&mutex);
  return n;
}
static uint64_t launches(void) {
  lock();
  uint64_t n = launch_count;
  pthread_mutex_unlock(&mutex);
  return n;
}
static void set_kernel(fake_kernel kernel) {
  lock();
  run_kernel = kernel;
  pthread_mutex_unlock(&mutex);
}
static void set_memory(uint64_t bytes) {
  lock();
  memory_left = bytes;
  pthread_mutex_unlock(&mutex);
}

__attribute__((visibility("default"))) const fake_control *
fake_cuda_control(void) {
  static const fake_control c = {live,      calls,      allocations, launches,
                                 fake_fail, set_kernel, set_memory};
  return &c;
}
