// The fake driver: objects, devices, memory.
#include "fake_cuda/inside.h"

enum { DEVICES = 2, SM = 90, ALIGN = 512 };

pthread_mutex_t fake_mutex = PTHREAD_MUTEX_INITIALIZER;
object *fake_objects;
static uint32_t live_count;
uint64_t fake_launch_count;
static uint64_t allocation_count, memory_left = UINT64_C(1) << 34;
fake_kernel fake_run_kernel;
static object *primary[DEVICES];
static __thread object *stack[64];
static __thread int depth;

void fake_lock(void) { pthread_mutex_lock(&fake_mutex); }
int fake_leave(int r) {
  pthread_mutex_unlock(&fake_mutex);
  return r;
}

void fake_die(const char *what) {
  fprintf(stderr, "fake cuda: %s\n", what);
  abort();
}

object *fake_make(kind k) {
  object *o = calloc(1, sizeof *o);
  if (k == GRAPH || k == EXEC)
    o->nodes = calloc(MOST_NODES, sizeof(op *));
  o->kind = k;
  o->context = depth ? stack[depth - 1] : NULL;
  o->next = fake_objects;
  fake_objects = o;
  live_count++;
  return o;
}

object *fake_check(const void *p, kind k) {
  for (object *o = fake_objects; o; o = o->next)
    if ((const void *)o == p) {
      if (o->kind != k)
        fake_die("a handle of another kind");
      return o;
    }
  fake_die("a handle of nothing");
  return NULL;
}

object *fake_check_here(const void *p, kind k) {
  object *o = fake_check(p, k);
  if (!depth || o->context != stack[depth - 1])
    fake_die("a handle of another context");
  return o;
}

void fake_end(object *o) {
  object **at = &fake_objects;
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
  for (object *o = fake_objects; o; o = o->next)
    if ((o->kind == HOST_MEMORY || (!host_only && o->kind == DEVICE_MEMORY)) &&
        p >= o->data && p + size <= o->data + o->size)
      return o;
  return NULL;
}

void fake_need_memory(const void *at, size_t size, bool host_only) {
  object *o = size ? memory_at(at, size, host_only) : NULL;
  if (size && !o)
    fake_die(host_only ? "not pinned memory" : "not device memory");
  if (o && o->kind == DEVICE_MEMORY &&
      (!depth || o->context != stack[depth - 1]))
    fake_die("memory of another context");
}

bool fake_has_context(void) { return depth && stack[depth - 1]; }

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
  fake_lock();
  object *o = primary[device];
  if (!o) {
    primary[device] = o = fake_make(CONTEXT);
    fake_dead = false;
    o->size = (size_t)device;
  }
  o->refs++;
  *out = (vy__cu_context)(void *)o;
  return fake_leave(0);
}
int fake_primary_release(int device) {
  fake_lock();
  object *o = primary[device];
  if (!o)
    fake_die("a primary context that nobody has");
  if (--o->refs == 0) {
    fake_end(o);
    primary[device] = NULL;
  }
  return fake_leave(0);
}
int fake_context_current(vy__cu_context *out) {
  *out = (vy__cu_context)(void *)(depth ? stack[depth - 1] : NULL);
  return 0;
}
int fake_context_push(vy__cu_context context) {
  fake_lock();
  stack[depth++] = fake_check(context, CONTEXT);
  return fake_leave(0);
}
int fake_context_pop(vy__cu_context *out) {
  if (!depth)
    fake_die("no context to pop");
  *out = (vy__cu_context)(void *)stack[--depth];
  return 0;
}
int fake_context_device(int *device) {
  if (!fake_has_context())
    return VY__CU_INVALID_CONTEXT;
  *device = (int)stack[depth - 1]->size;
  return 0;
}

// ---- memory

static object *allocate(kind k, size_t size) {
  object *o = fake_make(k);
  o->size = size;
  if (posix_memalign((void **)&o->data, ALIGN, size ? size : 1))
    fake_die("out of memory");
  memset(o->data, 0xa5, size);
  allocation_count++;
  return o;
}

int fake_memory_alloc(vy__cu_address *out, size_t size) {
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  if (size > memory_left)
    return fake_leave(VY__CU_OUT_OF_MEMORY);
  memory_left -= size;
  *out = (vy__cu_address)(uintptr_t)allocate(DEVICE_MEMORY, size)->data;
  return fake_leave(0);
}

static int release(void *at, kind k) {
  fake_lock();
  object *o = fake_objects;
  while (o && !(o->kind == k && o->data == at))
    o = o->next;
  if (!o)
    fake_die("memory that was not allocated is freed");
  if (k == DEVICE_MEMORY)
    memory_left += o->size;
  free(o->data);
  fake_end(o);
  return fake_leave(0);
}
int fake_memory_free(vy__cu_address at) {
  return release((void *)(uintptr_t)at, DEVICE_MEMORY);
}
int fake_host_alloc(void **out, size_t size, unsigned flags) {
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  if (flags != (VY__CU_HOST_PORTABLE | VY__CU_HOST_MAPPED))
    fake_die("flags of pinned memory");
  *out = allocate(HOST_MEMORY, size)->data;
  return fake_leave(0);
}
int fake_host_free(void *at) { return release(at, HOST_MEMORY); }
int fake_host_address(vy__cu_address *out, void *at, unsigned flags) {
  *out = (vy__cu_address)(uintptr_t)at;
  return flags ? VY__CU_INVALID_VALUE : 0;
}
int fake_pointer_attribute(void *value, int which, vy__cu_address at) {
  fake_lock();
  object *o = memory_at((void *)(uintptr_t)at, 1, false);
  if (!o)
    return fake_leave(VY__CU_INVALID_VALUE);
  if (which == VY__CU_POINTER_RANGE_START)
    *(vy__cu_address *)value = (vy__cu_address)(uintptr_t)o->data;
  else if (which == VY__CU_POINTER_RANGE_SIZE)
    *(size_t *)value = o->size;
  else
    *(int *)value =
        o->kind == HOST_MEMORY ? VY__CU_MEMORY_HOST : VY__CU_MEMORY_DEVICE;
  return fake_leave(0);
}

void fake_copy_op(op *o, vy__cu_address to, vy__cu_address from, size_t size) {
  o->to = (uint8_t *)(uintptr_t)to;
  o->from = (const uint8_t *)(uintptr_t)from;
  o->size = size;
}

static int enqueue_copy(vy__cu_address to, vy__cu_address from, size_t size,
                        vy__cu_stream s, bool to_host, bool from_host) {
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  fake_need_memory((void *)(uintptr_t)to, size, to_host);
  fake_need_memory((void *)(uintptr_t)from, size, from_host);
  fake_copy_op(fake_put(fake_check_here(s, STREAM), COPY), to, from, size);
  return fake_leave(0);
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
  fake_lock();
  if (!fake_has_context())
    return fake_leave(VY__CU_INVALID_CONTEXT);
  fake_need_memory((void *)(uintptr_t)at, count * each, false);
  if (at % each)
    fake_die("misaligned fill");
  op *o = fake_put(fake_check_here(s, STREAM), each == 4 ? FILL_WORDS : FILL);
  o->to = (uint8_t *)(uintptr_t)at;
  o->size = count;
  o->value = value;
  return fake_leave(0);
}
int fake_fill(vy__cu_address at, unsigned char value, size_t size,
              vy__cu_stream s) {
  return enqueue_fill(at, value, size, 1, s);
}
int fake_fill_words(vy__cu_address at, unsigned value, size_t count,
                    vy__cu_stream s) {
  return enqueue_fill(at, value, count, 4, s);
}

// ---- control

static uint32_t live(void) {
  fake_lock();
  uint32_t n = live_count;
  pthread_mutex_unlock(&fake_mutex);
  return n;
}
static uint64_t calls(void) { return fake_calls; }
static uint64_t allocations(void) {
  fake_lock();
  uint64_t n = allocation_count;
  pthread_mutex_unlock(&fake_mutex);
  return n;
}
static uint64_t launches(void) {
  fake_lock();
  uint64_t n = fake_launch_count;
  pthread_mutex_unlock(&fake_mutex);
  return n;
}
static void set_kernel(fake_kernel kernel) {
  fake_lock();
  fake_run_kernel = kernel;
  pthread_mutex_unlock(&fake_mutex);
}
static void set_memory(uint64_t bytes) {
  fake_lock();
  memory_left = bytes;
  pthread_mutex_unlock(&fake_mutex);
}

__attribute__((visibility("default"))) const fake_control *
fake_cuda_control(void) {
  static const fake_control c = {live,      calls,      allocations, launches,
                                 fake_fail, set_kernel, set_memory};
  return &c;
}
