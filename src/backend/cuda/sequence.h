// A recording as graphs, instantiated once and updated in place where a replay
// has other bindings: one graph where the device decides when repeats end, else
// one for each run of steps between their ends. See sequence.c.
#ifndef VY__CUDA_SEQUENCE_H
#define VY__CUDA_SEQUENCE_H

#include "backend/cuda/cuda.h"

typedef enum vy__cuda_command_kind {
  // Nodes of a graph.
  VY__CUDA_COPY,
  VY__CUDA_FILL,
  VY__CUDA_KERNEL,
  VY__CUDA_BEGIN, // a run of a repeat begins: its state is at `to`
  VY__CUDA_AGAIN, // a pass has ended: look at the element at `from`
  VY__CUDA_COUNT, // the record at `to` gets its count
  VY__CUDA_ENTRY, // the kernel that takes its record from `to`
  // What the host does: before a replay, then after it.
  VY__CUDA_BRING,  // `host` to pinned memory; NULL: zeroes
  VY__CUDA_RECORD, // a record to pinned memory
  VY__CUDA_TAKE,   // pinned memory to `host`
  VY__CUDA_LEARN,  // the count that a launch had
} vy__cuda_command_kind;

// What is done for a step.
typedef struct vy__cuda_command {
  uint32_t kind;
  uint32_t value;          // FILL; AGAIN: most passes
  vy__cu_address to, from; // COPY, FILL
  uint64_t size;
  void *host;      // BRING, TAKE; LEARN: its vy__launch
  uint64_t pinned; // likewise: offset
  const struct vy__code *code;
  vy__cuda_grid grid;
  size_t record; // offset in the records
  vy__cu_node node;
  uint64_t handle;            // BEGIN, AGAIN: of the loop
  vy__cuda_counting counting; // COUNT
} vy__cuda_command;

// What the device keeps of a repeat, in pinned memory.
typedef struct vy__cuda_repeat {
  uint32_t run;  // passes of the run at hand
  uint32_t left; // the element after the last pass
  uint64_t passes;
} vy__cuda_repeat;

// Commands, and the records of kernels among them.
typedef struct vy__cuda_commands {
  vy__cuda_command *list;
  size_t count, capacity;
  uint8_t *records;
  size_t record_bytes, record_capacity;
} vy__cuda_commands;

// Of one step: its commands, and where its pieces of memory begin and end.
typedef struct vy__cuda_step {
  size_t first, count;
  uint64_t pinned, block, pinned_end, block_end;
  uint32_t segment; // VY__NONE: it has no commands
  uint32_t in_repeat;
} vy__cuda_step;

typedef struct vy__cuda_segment {
  uint32_t first, end; // steps
  vy__cu_graph graph;
  vy__cu_exec exec;
  bool ran; // in the replay at hand
} vy__cuda_segment;

typedef struct vy__cuda_sequence {
  vy__cuda_commands commands, scratch;
  vy__cuda_step *steps; // by step
  uint32_t step_count;
  vy__cuda_segment *segments; // room for as many as steps
  uint32_t segment_count;
  vy__cuda_pinned pinned;
  struct vy__memory *block;
  vy__cu_event times[2];
  bool hosts;  // some command is the host's
  bool device; // the device ends the repeats
  bool built;
} vy__cuda_sequence;

// commands.c: what a step does, its memory beginning at *pinned and *block of
// `q`, which then are where the next one's begins; appended to `out`. False:
// out of memory.
bool vy__cuda_describe(vy__cuda *d, const vy__cuda_sequence *q,
                       const vy__recording *r, uint32_t step, uint64_t *pinned,
                       uint64_t *block, vy__cuda_commands *out);
// Are the resident addresses in a step's commands those of its bindings?
bool vy__cuda_is_current(const vy__cuda_sequence *q, const vy__recording *r,
                         uint32_t step);
void vy__cuda_commands_free(const vy_allocator *a, vy__cuda_commands *c);

// weave.c
static inline bool vy__cuda_is_node(const vy__cuda_command *x) {
  return x->kind < VY__CUDA_BRING;
}
// Describe all steps and make graphs of them.
vy_status vy__cuda_make_graphs(vy__cuda *d, vy__cuda_sequence *q,
                               const vy__recording *r);
void vy__cuda_drop_graphs(vy__cuda *d, vy__cuda_sequence *q);
// Set a node to its command, which has changed. Returns the driver's result.
int vy__cuda_set_node(vy__cuda *d, const vy__cuda_sequence *q, vy__cu_exec exec,
                      vy__cuda_command *x);

// sequence.c
// Can this recording be graphs?
bool vy__cuda_has_graphs(const vy__cuda *d, const vy__recording *r);
vy_status vy__cuda_replay_graphs(vy__cuda *d, vy__cuda_lane *lane,
                                 vy__launch *l);

#endif
