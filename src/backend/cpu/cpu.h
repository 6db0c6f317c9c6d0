// The parts of the CPU backend's runtime. A launch runs on the thread that
// submits it when it is small or when that thread is going to wait anyway;
// else it stands in a queue that workers, and callers who wait, serve in
// order. Large items are cut into chunks, which idle workers help with.
#ifndef VY__CPU_H
#define VY__CPU_H

#include "backend/cpu/kernel.h"
#include "backend/host_memory.h"

// ---- loader.c: code in memory

typedef struct vy__kernel {
  vy__kernel_info info;
  vy__kernel_fn run;
  uint8_t *map;
  size_t map_size;
} vy__kernel;

// Why `blob` cannot run on a host of level `isa`; NULL: it can.
const char *vy__kernel_problem(const uint8_t *blob, size_t size,
                               vy__kernel_isa isa);
// Map a copy of `blob`, which may then go: first writable, then executable,
// never both.
vy_status vy__kernel_map(const uint8_t *blob, size_t size, vy__kernel_isa isa,
                         vy__kernel *out, vy_diags *diags);
void vy__kernel_unmap(vy__kernel *kernel);

// ---- scratch.c: working memory that callers never share

typedef struct vy__scratch {
  vy__host_scratch host;   // of an item's buffers
  vy__host_scratch kernel; // of a call
  vy__host_scratch tables; // of calls, one after the other
} vy__scratch;

// Idle blocks, each in the slot nearest to the thread that used it last. A
// take and a give are one exchange each.
typedef struct vy__scratches {
  const vy_allocator *alloc;
  struct {
    _Alignas(64) _Atomic(vy__scratch *) idle;
  } slots[VY__THREAD_SLOTS];
} vy__scratches;

void vy__scratches_init(vy__scratches *s, const vy_allocator *alloc);
void vy__scratches_free(vy__scratches *s);       // all are idle
vy__scratch *vy__scratch_take(vy__scratches *s); // NULL: out of memory
void vy__scratch_give(vy__scratches *s, vy__scratch *scratch);

// ---- tables.c: tables of calls' own

enum { VY__MAX_TABLE_SETS = 64 };

// For a launch whose calls only combine into some buffers (vy__kernel_fold):
// sets of tables that stand for these buffers, one set for each call that runs
// at the same time.
typedef struct vy__tables {
  const vy__kernel_info *info;
  const vy__ir *ir;
  const vy__kernel_buffer *buffers; // the launch's
  vy__scratches *scratches;
  size_t size;    // bytes of a set
  uint32_t count; // of sets; 0: there are none
  struct {
    _Atomic uint32_t state;
    vy__scratch *memory; // the call's vy__kernel_buffers, then the tables
  } sets[VY__MAX_TABLE_SETS];
} vy__tables;

// Sets for `threads` threads, or none if the buffers, which are `buffers`, are
// large beside the work, `cost` operations.
void vy__tables_open(vy__tables *t, const vy__kernel_info *info,
                     const vy__ir *ir, const vy__kernel_buffer *buffers,
                     vy__scratches *scratches, uint32_t threads, uint64_t cost);
// A set for one call, any thread: its buffers, and in *set what to give back.
// NULL: there is none, and the call works on the launch's buffers.
const vy__kernel_buffer *vy__tables_take(vy__tables *t, uint32_t *set);
void vy__tables_give(vy__tables *t, uint32_t set);
// All calls are through: combine the sets into the launch's buffers.
void vy__tables_close(vy__tables *t);

// ---- crew.c: worker threads

// A loop whose rounds may run in any order and at once.
typedef struct vy__work {
  void (*body)(void *data, uint64_t index);
  void *data;
  uint64_t count;
  _Alignas(64) _Atomic uint64_t next; // round to take
  _Alignas(64) _Atomic uint32_t helpers;
  struct vy__work *after; // in the crew's list
} vy__work;

typedef struct vy__crew {
  const vy_allocator *alloc;
  // Runs what the owner has queued; called with the mutex held, on a worker or
  // in vy__crew_wait. False: there is nothing.
  bool (*lead)(void *user);
  void *user;
  vy__mutex mutex;   // of what follows, and of the owner's queue
  vy__cond arrived;  // something to do for workers
  vy__cond finished; // something ended
  vy__work *works;
  bool closing;
  uint32_t count; // worker threads
  vy__thread *threads;
  const uint32_t *cpus; // worker i is bound to cpus[i % cpu_count]
  uint32_t cpu_count;   // 0: not bound
  _Atomic uint32_t starting;
  _Atomic uint32_t signal; // changes when something arrives
} vy__crew;

// `count` may be 0. The fields up to `user`, cpus and cpu_count are set.
vy_status vy__crew_start(vy__crew *crew, uint32_t count, vy_diags *diags);
void vy__crew_stop(vy__crew *crew);
// Tell workers that there is something to lead. The mutex is held.
void vy__crew_signal(vy__crew *crew);
// Run all rounds, with whoever is free; returns when all are done.
void vy__crew_run(vy__crew *crew, vy__work *work);
// Help, lead or sleep until *done or the deadline, as vy__device_ops.wait.
void vy__crew_wait(vy__crew *crew, const _Atomic uint32_t *done,
                   uint64_t deadline_ns);

// ---- the device

typedef struct vy__cpu {
  vy__host_device host;
  vy__kernel_isa isa;
  uint32_t width; // 0: the emitter chooses
  uint32_t threads;
  vy_parallel_for parallel_for; // NULL: the crew's
  void *parallel_user;
  uint32_t *cpus;
  uint32_t cpu_count;
  vy__scratches scratch;
  vy__crew crew;
  // The queue, under the crew's mutex.
  vy__launch *first, *last;
  bool leading; // someone runs the launch that was first
  uint64_t submitted, finished;
  // Launches in the queue or running from it, by submitter's thread slot.
  _Alignas(64) _Atomic uint32_t queued[VY__THREAD_SLOTS];
} vy__cpu;

struct vy__code {
  vy__kernel kernel;
  const vy_program *program;
  // How much longer runs take than the kernel's cost says, as measured last:
  // the emitter cannot know how often loops run. 0: as it says.
  _Atomic uint32_t weight;
};

// compile.c
vy_status vy__cpu_compile(void *device, const vy_program *program,
                          uint32_t flags, struct vy__code **out,
                          vy_diags *diags);
vy_status vy__cpu_code_save(void *device, const struct vy__code *code,
                            const uint8_t **bytes, size_t *size);
vy_status vy__cpu_code_load(void *device, const vy_program *program,
                            uint32_t flags, const uint8_t *bytes, size_t size,
                            struct vy__code **out);
void vy__cpu_code_free(void *device, struct vy__code *code);
vy_status vy__cpu_emit(void *device, const vy_program *program, uint32_t flags,
                       const char *target, uint8_t **out, size_t *size,
                       vy_diags *diags);

// run.c: run a launch on this thread, chunks of it on others; the launch is
// complete after.
void vy__cpu_run(vy__cpu *d, vy__launch *l);
// Short enough to run where it is submitted?
bool vy__cpu_is_small(const vy__launch *l);

// queue.c
vy_status vy__cpu_submit(void *device, vy__launch *launch);
bool vy__cpu_lead(void *device);
// Wait for what the calling thread has submitted.
void vy__cpu_drain(void *device);

// module.c: where the emitter's module is; false with the reason.
bool vy__module_find(char *path, size_t path_size, char *why, size_t why_size);

#endif
