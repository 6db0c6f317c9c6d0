// What the parts of the fake driver share. All of it is under one mutex, which
// kernels run without.
#ifndef TESTS_FAKE_CUDA_INSIDE_H
#define TESTS_FAKE_CUDA_INSIDE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_cuda/fake.h"

enum {
  MOST_NODES = 4096,
  MOST_HANDLES = 1 << 16,
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
  int refs;               // of a context
  struct object *context; // that was current when it was made; may be NULL
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

extern pthread_mutex_t fake_mutex;
extern object *fake_objects;
extern uint64_t fake_launch_count;
extern fake_kernel fake_run_kernel;
extern _Atomic bool fake_dead; // the context is: nothing runs any more
extern _Atomic uint64_t fake_calls;

// Values of the handles of loops, from 1 on.
typedef struct fake_handle {
  uint32_t value, first;
} fake_handle;
extern fake_handle fake_handles[MOST_HANDLES];

void fake_lock(void);
int fake_leave(int result); // unlocks
// Wrong use ends the process.
void fake_die(const char *what);
object *fake_make(kind k);
object *fake_check(const void *handle, kind k);
// Likewise of the current context: two devices' objects do not mix.
object *fake_check_here(const void *handle, kind k);
void fake_end(object *o);
// Pinned memory serves all contexts, the device's its own.
void fake_need_memory(const void *at, size_t size, bool host_only);
// Without one nothing is made.
bool fake_has_context(void);

// Add to a stream.
op *fake_put(object *stream, int what);
void fake_free_op(op *o);
void fake_copy_op(op *o, vy__cu_address to, vy__cu_address from, size_t size);

// export.c. Before each call: 0, or what it fails with.
int fake_fault(void);
// Call `n` from now on fails; see fake_control.
void fake_fail(uint64_t n, int code, int sticky);

#define CU(since, name, symbol, takes, passes) int fake_##name takes;
#include "backend/cuda/driver.def"
#undef CU

#endif
