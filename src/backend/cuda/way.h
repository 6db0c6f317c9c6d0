// How an item of a launch is worked on: where its parameters are, what must be
// zeroed before it, and which entry of its code runs, with what. Decided here
// for launches by themselves (enter.c, launch.c) and for steps of graphs
// (commands.c) alike.
#ifndef VY__CUDA_WAY_H
#define VY__CUDA_WAY_H

#include "backend/cuda/cuda.h"

typedef enum vy__cuda_place {
  VY__CUDA_SCALAR,   // not a buffer
  VY__CUDA_NOTHING,  // without elements: the device's `nothing` stands for it
  VY__CUDA_RESIDENT, // where it is
  VY__CUDA_MAPPED,   // host memory: pinned memory that the kernel works on
  VY__CUDA_BLOCK,    // host memory: device memory of the flight or sequence
} vy__cuda_place;

typedef struct vy__cuda_way {
  const vy__launch *launch;
  const vy__launch_item *item;
  const vy__ir *ir;
  const vy__cuda *device;
  uint64_t stored; // bit p: all of parameter p is stored, so no zeroes
  bool repeated;   // it runs again with what pinned memory holds by then
  int8_t mapped;   // -1: not looked at yet
} vy__cuda_way;

// way.c
// Which parameters the item stores whole, whatever it does.
uint64_t vy__cuda_stored(const vy__launch *l, const vy__launch_item *item);
// Of all parameters in host memory together; UINT64_MAX: more than there is.
uint64_t vy__cuda_host_bytes(const vy__ir *ir, const vy__launch_item *item);
// May the item's host memory be worked on where it is mapped?
bool vy__cuda_may_map(const vy__cuda *d, const vy__launch *l,
                      const vy__launch_item *item);

static inline vy__cuda_way vy__cuda_way_of(const vy__cuda *d,
                                           const vy__launch *l,
                                           const vy__launch_item *item,
                                           uint64_t stored) {
  return (vy__cuda_way){.launch = l,
                        .item = item,
                        .ir = &l->code->program->ir,
                        .device = d,
                        .stored = stored,
                        .mapped = -1};
}

static inline bool vy__cuda_is_buffer(const vy__ir *ir, uint32_t p) {
  return ir->params[p].access != VY_ACCESS_NONE;
}

static inline vy__cuda_place vy__cuda_place_of(vy__cuda_way *w, uint32_t p) {
  const vy__bind *b = &w->item->binds[p];
  if (!vy__cuda_is_buffer(w->ir, p))
    return VY__CUDA_SCALAR;
  if (!b->size)
    return VY__CUDA_NOTHING;
  if (b->memory)
    return VY__CUDA_RESIDENT;
  if (w->mapped < 0)
    w->mapped = vy__cuda_may_map(w->device, w->launch, w->item);
  // Run again, it must find what it found the first time; updates and zeroes
  // are no more what they were.
  bool lasts =
      b->in ? w->ir->params[p].access == VY_ACCESS_READ : w->stored >> p & 1;
  return w->mapped && (!w->repeated || lasts) ? VY__CUDA_MAPPED
                                              : VY__CUDA_BLOCK;
}

static inline bool vy__cuda_needs_zeroes(const vy__cuda_way *w, uint32_t p) {
  const vy__bind *b = &w->item->binds[p];
  bool fresh = b->memory ? w->ir->params[p].access == VY_ACCESS_WRITE : !b->in;
  return fresh && b->size && !(w->stored >> p & 1);
}

static inline bool vy__cuda_returns(const vy__bind *b) {
  return b->out && b->hi > b->lo;
}

// Does it return in pieces, after the run?
static inline bool vy__cuda_is_late(const vy__cuda *d, const vy__bind *b) {
  return b->out && b->hi - b->lo > d->tuning.staged_most;
}

// ---- kernels

typedef enum vy__cuda_entry {
  VY__CUDA_NO_ENTRY,      // it has no lanes
  VY__CUDA_ONE_ENTRY,     // vy_one, in a grid of its own
  VY__CUDA_MANY_ENTRY,    // vy_many, from a record in memory
  VY__CUDA_COUNTED_ENTRY, // likewise, after its count went to the record
} vy__cuda_entry;

// Of an item by itself, given the head of its record.
vy__cuda_entry vy__cuda_entry_of(const vy__cuda *d, const vy__launch_item *item,
                                 const vy__cuda_item *head);
vy__cuda_grid vy__cuda_grid_one(const vy__cuda_item *head);
// For `count` records, none of which has more than `blocks`, not 0.
vy__cuda_grid vy__cuda_grid_many(const vy__cuda *d, uint64_t blocks,
                                 uint32_t count);

// A kernel and what it is given, to launch or to make a node of. It points into
// itself and to what it was made from.
typedef struct vy__cuda_call {
  vy__cu_kernel_node node;
  void *params[6];
  uint32_t count;
} vy__cuda_call;

void vy__cuda_call_one(vy__cuda_call *c, const struct vy__code *code,
                       const vy__cuda_grid *grid, const uint8_t *record);
// `records` is on the device.
void vy__cuda_call_many(vy__cuda_call *c, const struct vy__code *code,
                        const vy__cuda_grid *grid,
                        const vy__cu_address *records, uint32_t count);
// One thread of a helper.
void vy__cuda_call_helper(vy__cuda_call *c, vy__cu_function function);
void vy__cuda_call_count(vy__cuda_call *c, vy__cu_function function,
                         const vy__cuda_counting *counting);
vy_status vy__cuda_call_launch(const vy__cuda *d, const vy__cuda_call *c,
                               vy__cu_stream stream);

#endif
