// What a backend is: two const tables of functions. The rules of dispatch
// (argument checks, slots, batches, counters, tickets) stand above, once, in
// dispatch/; a backend gets launches that are already right. All functions
// are required. A new backend is a folder, a row in backend.c and a name for
// the conformance suite.
#ifndef VY__BACKEND_H
#define VY__BACKEND_H

#include <vyre/pipeline.h>

#include "base/context.h"
#include "validate/validate.h"

// One buffer parameter of one item. Contents before the run: the resident
// range's (zeroed for `write`), else the bytes at `in`, else zeros. After it,
// bytes [lo, hi) go to `out`. `in` may equal `out` (update); else no overlap.
typedef struct vy__bind {
  const void *in;            // host; NULL: none
  void *out;                 // host; NULL: nothing returns
  struct vy__memory *memory; // backend's resident memory; NULL: host
  uint64_t offset;           // bytes into memory
  uint64_t size;             // bytes bound
  uint64_t length;           // elements bound
  uint64_t lo, hi;           // bytes returned, lo <= hi <= size
} vy__bind;

typedef enum vy__fault_kind {
  VY__FAULT_NONE,
  VY__FAULT_BOUNDS,
  VY__FAULT_BUDGET,
  VY__FAULT_MEMORY, // no memory to run
} vy__fault_kind;

// What went wrong in an item: of the lowest lane, its first in program order.
typedef struct vy__fault {
  uint32_t kind;
  uint32_t value;    // BOUNDS: the access; else VY__NONE
  uint32_t stmt;     // BUDGET: the loop; else VY__NONE
  uint32_t negative; // BOUNDS: `index` is a negative i64
  uint64_t lane;     // linear in the domain, x fastest
  uint64_t index;    // BOUNDS
  uint64_t length;   // BOUNDS
} vy__fault;

typedef struct vy__launch_item {
  const vy__bind *binds;   // one per parameter; scalars' are unused
  const uint64_t *scalars; // bits per parameter; buffers' are unused
  // A hint. 1: all buffers are resident, nothing returns, there is no count,
  // and all is as of the item before it in the launch, but for `offset` of the
  // binds.
  uint32_t alike;
  uint64_t lanes[3];  // all lanes of the domain; 1 for absent dimensions
  uint64_t groups[3]; // groups of the domain (`groups` programs)
  // When `count` is not NULL, the u32 at byte `count_offset` of it, read when
  // the run starts and passed to vy__launch_count, replaces x of the domain;
  // until then that is its upper bound. What the backend completes with holds
  // the domain that ran. No `write` or `update` of the item overlaps the u32.
  struct vy__memory *count;
  uint64_t count_offset;
  uint64_t count_most; // lanes or groups of x at most
  vy__fault fault;     // the backend's answer
} vy__launch_item;

// Set x of the item's domain to `count`, or to its bound if that is less.
void vy__launch_count(vy__launch_item *item, const vy_program *program,
                      uint32_t count);

typedef struct vy__launch vy__launch;
struct vy__launch {
  struct vy__recording *recording; // of `replay`; else NULL
  struct vy__code *code;           // of this device
  vy__launch_item *items;
  uint32_t item_count;
  uint32_t iterations;     // at least 1
  uint64_t budget;         // 0: none
  uint32_t want_timing;    // 1: fill the times below if they can be measured
  uint32_t timing_present; // VY_TIMING_DEVICE, UPLOAD, READBACK
  uint64_t device_ns, upload_ns, readback_ns;
  uint32_t blocking; // 1: the submitter waits at once, so may as well run it
  // When set, call before the run on the thread that runs it; may block.
  void (*before)(vy__launch *launch);
  // Call exactly once, from any thread, when all memory is written; the
  // launch must not be touched after. VY_OK (look at the faults) or
  // VY_ERROR_DEVICE_LOST, VY_ERROR_OUT_OF_DEVICE_MEMORY, DISPATCH_FAILED.
  void (*complete)(vy__launch *launch, vy_status status);
  vy__launch *next;    // backend's, while submitted
  uint64_t scratch[4]; // backend's, while submitted
};

// ---- sequences

typedef enum vy__step_kind {
  VY__STEP_LAUNCH,
  VY__STEP_COPY,
  VY__STEP_FILL,
  VY__STEP_REPEAT, // steps up to its END
  VY__STEP_END,
} vy__step_kind;

// One step. Kinds, `partner`, `value`, `max`, code, budget and iterations of
// launches never change; what else a replay may change is marked.
typedef struct vy__step {
  uint32_t kind;
  // 1: something of this step is not as in the replay before: memory, offset,
  // size, or of its launch binds, scalars, domain, count. Host memory is the
  // same memory, not the same contents, if it is 0.
  uint32_t changed;
  // One item. Only `code`, `items`, `iterations`, `budget` count, and backends
  // may use `scratch`; it is never completed.
  vy__launch *launch;
  // COPY, FILL: what is written, no bytes if `size` is 0. REPEAT: its u32.
  struct vy__memory *memory;
  uint64_t offset, size;
  struct vy__memory *from; // COPY; does not overlap
  uint64_t from_offset;
  uint32_t value;   // FILL: the byte
  uint32_t partner; // REPEAT: index of its END; END: index of its REPEAT
  uint32_t max;     // REPEAT: passes at most; 0: its steps do not run
  uint32_t left;    // REPEAT, answer: the u32 after its last pass; else 0
  uint64_t passes;  // REPEAT, answer: passes, over all runs of the repeat
} vy__step;

// The steps of a sequence, the same object in every replay. As if run in
// order by one thread: each execution of a launch starts with its host memory
// as it was before the replay and with zeroed `write` buffers, and leaves in
// `out` the bytes as they were after it (a later execution replaces them).
// Spans that are read (`in`) and those that return (`out`) do not overlap, but
// for an `update` outside all repeats whose `in` is its own `out`.
typedef struct vy__recording vy__recording;
struct vy__recording {
  vy__recording *next; // the device's, when done with
  vy__step *steps;
  uint32_t step_count;
  uint32_t launch_count; // steps that are launches
  bool changed;          // some step is
  // The backend's, for instance an instantiated graph; NULL at the first
  // replay. recording_free ends it.
  void *native;
  // Answer: the step whose launch was the first, in order of execution, to
  // have a fault, which its item then holds; VY__NONE: all went well. What
  // comes after the fault may run or not.
  uint32_t failed;
};

typedef struct vy__device_ops {
  void (*close)(void *device); // nothing is in flight
  void (*describe)(const void *device, vy_device_info *out);
  // What besides program and options decides the code: name, version,
  // device class, lane order. At most `size` bytes with the terminator.
  void (*identity)(const void *device, char *out, size_t size);

  // `program` has no constants left and outlives the code. flags:
  // VY_COMPILE_*. UNSUPPORTED for a flag or feature it cannot honour.
  vy_status (*compile)(void *device, const vy_program *program, uint32_t flags,
                       struct vy__code **out, vy_diags *diags);
  void (*code_free)(void *device, struct vy__code *code);
  // For the disk cache, if the backend is `kept`; else never called.
  // Bytes that code_load can make the same code from; they live as the code.
  // UNSUPPORTED: it cannot be kept.
  vy_status (*code_save)(void *device, const struct vy__code *code,
                         const uint8_t **bytes, size_t *size);
  // Code from bytes saved for an equal program with equal flags on a device
  // of equal identity; they are unchanged, copied, of any alignment. Any
  // failure means that the program is compiled instead.
  vy_status (*code_load)(void *device, const vy_program *program,
                         uint32_t flags, const uint8_t *bytes, size_t size,
                         struct vy__code **out);
  // The code of such a compile as text of form `target`, for reading; *out is
  // allocated with the context's allocator. UNSUPPORTED: no such form here.
  vy_status (*emit)(void *device, const vy_program *program, uint32_t flags,
                    const char *target, uint8_t **out, size_t *size,
                    vy_diags *diags);

  // Zeroed, aligned to 256. Never called with size 0.
  vy_status (*memory_create)(void *device, uint64_t size,
                             struct vy__memory **out, vy_diags *diags);
  void (*memory_free)(void *device, struct vy__memory *memory);
  // Blocking; in order with the calling thread's submissions. Ranges checked.
  vy_status (*memory_write)(void *device, struct vy__memory *memory,
                            uint64_t offset, const void *from, uint64_t size);
  vy_status (*memory_read)(void *device, struct vy__memory *memory,
                           uint64_t offset, void *to, uint64_t size);
  vy_status (*memory_copy)(void *device, struct vy__memory *from,
                           uint64_t from_offset, struct vy__memory *to,
                           uint64_t to_offset, uint64_t size);
  vy_status (*memory_fill)(void *device, struct vy__memory *memory,
                           uint64_t offset, uint64_t size, uint8_t value);

  // Queue a launch. It runs after all launches that this thread queued before;
  // what it must wait for besides stands behind `before`. May complete it
  // before returning. Allocates nothing once warm. On failure complete is not
  // called.
  vy_status (*submit)(void *device, vy__launch *launch);
  // The same for a launch that is a recording and has no code and items. It
  // is the only one of its recording in flight. Times are sums over all steps.
  // Host backends use vy__host_replay.
  vy_status (*replay)(void *device, vy__launch *launch);
  // Free `recording->native`, which is not NULL. Not in flight, and never
  // called from within `complete`.
  void (*recording_free)(void *device, vy__recording *recording);
  // Help or wait until something may have completed, at most to the deadline
  // (vy__now_ns; 0: poll only). The caller looks at its own state after.
  // `done` turns true when the launch waited for has completed.
  void (*wait)(void *device, const _Atomic uint32_t *done,
               uint64_t deadline_ns);
  // The null device's release; others return UNSUPPORTED.
  vy_status (*release)(void *device, uint32_t count);
} vy__device_ops;

typedef struct vy__backend {
  const char *name;
  uint32_t hidden; // never chosen by auto
  uint32_t kept;   // its code goes to the disk cache
  // Whether its device `index` can be opened here, and as what; `out` is
  // zeroed. False: it has not so many. There is always a device 0.
  bool (*describe)(uint32_t index, vy_device_info *out);
  vy_status (*open)(vy_context *context, const vy_device_desc *desc,
                    uint32_t index, void **out, vy_diags *diags);
  const vy__device_ops *ops;
} vy__backend;

// All backends, in the order in which auto tries them; NULL past the end.
const vy__backend *vy__backend_at(uint32_t index);
extern const vy__backend vy__cuda_backend;
extern const vy__backend vy__cpu_backend;
extern const vy__backend vy__reference_backend;
extern const vy__backend vy__null_backend;

#endif
