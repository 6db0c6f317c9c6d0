// The parts of the CUDA backend's runtime. A thread's submissions go to one
// of a few lanes, chosen by its slot: a lane is a stream, so they take effect
// in order and those of several threads overlap. What a submission needs for
// its time on the device is a flight, kept by its lane for the next one.
//
// A blocking launch is enqueued, waited for and finished by its caller. Others
// are finished by whoever sees first that they are ready: a thread that waits,
// or the device's finisher. What must wait for something before it can be
// enqueued stands in a queue, which the device's runner serves in order.
#ifndef VY__CUDA_H
#define VY__CUDA_H

#include "backend/cover.h"
#include "backend/cuda/driver.h"
#include "backend/cuda/kernel.h"

// ---- tuning.c: what measurements decide

typedef enum vy__cuda_wait_kind {
  VY__CUDA_WAIT_DRIVER = 0, // cuStreamSynchronize
  VY__CUDA_WAIT_QUERY = 1,  // ask the stream until it is done
  VY__CUDA_WAIT_FLAG = 2,   // look at a word that the stream writes at its end
} vy__cuda_wait_kind;

typedef struct vy__cuda_tuning {
  // Host arguments of one item together, in bytes, up to which the kernel
  // works on them in mapped host memory.
  uint64_t mapped_most;
  // Bytes of one argument up to which it is copied through pinned memory of
  // its own; larger ones go through the lane's ring in chunks.
  uint64_t staged_most;
  uint64_t chunk;             // bytes of a slot of the ring, at most
  uint64_t chunk_least;       // of the small chunks of an edge
  uint64_t piece;             // that a thread copies at once, at most
  uint32_t slots;             // of the ring, at most VY__CUDA_SLOTS
  uint32_t copy_threads;      // that share a large copy, the caller included
  uint64_t helper_bytes;      // of a copy for each thread that helps
  uint64_t past_caches_least; // of a copy whose result goes past the caches
  uint32_t device_table;      // 1: records of a batch are copied to the device
  uint32_t graph;             // 1: a launch by itself is a graph of one node
  uint32_t wait;              // vy__cuda_wait_kind
  uint32_t sequence_graphs;   // 1: sequences are graphs where they can be
  uint32_t device_repeats;    // 1: repeats end on the device where they can
  uint32_t nodes_most;        // of a sequence's graphs, in kernels
  uint64_t spin_ns;           // of waiting before the driver is asked to
  uint64_t look_ns;           // of waiting for others before a thread sleeps
  uint64_t part_bytes;        // host arguments that a flight holds at most
  uint64_t pool_most;         // bytes of idle device memory that are kept
} vy__cuda_tuning;
extern const vy__cuda_tuning vy__cuda_tuned;

// ---- pool.c: device memory and pinned memory

// Resident memory, or the working memory of a flight. Aligned to 256; at least
// 16 bytes, and whole 16s, can be read and written.
struct vy__memory {
  struct vy__memory *next; // while idle
  vy__cu_address at;
  uint64_t size;  // bytes that can be used
  uint32_t shelf; // of the pool
  uint32_t part;  // 1: a part of a slab, which the pool frees
};

enum { VY__CUDA_SHELVES = 224 };

typedef struct vy__cuda_slab {
  struct vy__cuda_slab *next;
  vy__cu_address at;
} vy__cuda_slab;

typedef struct vy__cuda_pool {
  const vy_allocator *alloc;
  const vy__cu *cu;
  vy__mutex mutex;
  struct vy__memory *shelves[VY__CUDA_SHELVES]; // idle, by size
  vy__cuda_slab *slabs;
  uint64_t slab_used;  // bytes of the newest slab
  uint64_t idle_bytes; // of large blocks on shelves
  uint64_t idle_most;
} vy__cuda_pool;

bool vy__cuda_pool_init(vy__cuda_pool *p, const vy__cu *cu,
                        const vy_allocator *alloc, uint64_t idle_most);
void vy__cuda_pool_destroy(vy__cuda_pool *p); // all given back
// Contents are unspecified. Out of memory: idle blocks are freed, then it is
// tried again.
vy_status vy__cuda_pool_take(vy__cuda_pool *p, uint64_t size,
                             struct vy__memory **out, vy_diags *diags);
void vy__cuda_pool_give(vy__cuda_pool *p, struct vy__memory *m);

// Pinned host memory that the device reaches.
typedef struct vy__cuda_pinned {
  uint8_t *data;
  vy__cu_address at; // for the device
  uint64_t size;
} vy__cuda_pinned;
// At least `size` bytes; contents are lost when it grows.
vy_status vy__cuda_pinned_fit(const vy__cu *cu, vy__cuda_pinned *p,
                              uint64_t size);
void vy__cuda_pinned_free(const vy__cu *cu, vy__cuda_pinned *p);

// ---- chunks.c: how a large copy is cut

typedef struct vy__cuda_span {
  uint64_t at, size;
} vy__cuda_span;

typedef struct vy__cuda_chunks {
  uint64_t size, chunk;
  uint64_t edge;  // bytes that go in small chunks
  uint64_t plain; // other chunks
  uint64_t count;
  uint64_t unit;  // what bounds in the edge are multiples of
  uint32_t steps; // chunks of the edge
  bool out;
} vy__cuda_chunks;

// `size` bytes, not 0, in chunks of at most `chunk`, not 0; those of the edge
// down to about `least`. There are fewer than 2^32.
void vy__cuda_chunks_plan(vy__cuda_chunks *c, uint64_t size, uint64_t chunk,
                          uint64_t least, bool out);
vy__cuda_span vy__cuda_chunk(const vy__cuda_chunks *c, uint64_t i);

// ---- transfer.c, movers.c: large copies, by several threads

enum { VY__CUDA_SLOTS = 16 };

// Pinned memory for a chunk, and the last copy of the device's there.
typedef struct vy__cuda_slot {
  vy__cuda_pinned pinned;
  vy__cu_event done;
} vy__cuda_slot;

typedef struct vy__cuda_ring {
  vy__mutex mutex;
  vy__cu_event before;                 // what comes before a copy to the host
  vy__cuda_slot slots[VY__CUDA_SLOTS]; // made when first needed
} vy__cuda_ring;

// How far the turns of a slot are. See transfer.c.
typedef struct vy__cuda_turns {
  _Alignas(64) _Atomic uint64_t sent; // 1 + the last turn
  _Atomic uint64_t landed;            // likewise
  _Atomic uint32_t copied;            // pieces, of the turn at hand
  _Atomic bool watched;               // a thread asks the driver
} vy__cuda_turns;

// A copy between host memory and the device.
typedef struct vy__cuda_move {
  struct vy__cuda_move *after; // in the movers' list
  vy__cu_stream stream;
  vy__cu_address device;
  const void *from; // host; NULL: from the device to `to`
  void *to;
  uint64_t size;
  vy__cuda_ring *ring;
  vy__cuda_chunks chunks;
  uint32_t slots;
  uint32_t wanted;          // threads besides the caller's
  _Atomic uint32_t helpers; // that take part; raised under the movers' mutex
  bool past_caches;
  _Alignas(64) _Atomic uint64_t next; // chunk << 32 | piece of it, to take
  _Atomic uint32_t status;            // vy_status, of the first that failed
  vy__cuda_turns turns[VY__CUDA_SLOTS];
} vy__cuda_move;

enum { VY__CUDA_MOVERS = 15 };

// They start with the first large copy.
typedef struct vy__cuda_movers {
  uint32_t most;    // threads; does not change
  vy__mutex mutex;  // of what follows
  vy__cond arrived; // a move, or the end
  vy__cond left;    // a helper left its move
  vy__cuda_move *moves;
  uint32_t count; // threads that run
  bool refused;   // another one could not be started
  bool closing;
  vy__thread threads[VY__CUDA_MOVERS];
} vy__cuda_movers;

// store.c: copy, by stores that go past the caches where there are such.
void vy__cuda_store(uint8_t *to, const uint8_t *from, uint64_t size,
                    bool past_caches);

// ---- flights and lanes

typedef struct vy__cuda_lane vy__cuda_lane;

// Bytes that return to the host once the device is done.
typedef struct vy__cuda_back {
  void *to;
  const uint8_t *from; // host; NULL: from the device, at `at`
  vy__cu_address at;
  uint64_t size;
} vy__cuda_back;

// A range that an item reads or writes.
typedef struct vy__cuda_range {
  uint64_t lo, hi;
  uint32_t item;
  uint32_t writes;
  uint32_t cluster;
} vy__cuda_range;

enum { VY__CUDA_TIMES = 4 }; // begin, uploaded, run, read back

typedef struct vy__cuda_flight {
  struct vy__cuda_flight *next;
  vy__cuda_lane *lane;
  vy__launch *launch;
  uint32_t first, count;    // its items that are in flight
  uint32_t step;            // of a recording
  vy__cuda_pinned pinned;   // kept
  struct vy__memory *block; // working memory; NULL: none
  uint64_t faults;          // where fault records are in pinned memory
  vy__cu_address records, fault_at;
  uint64_t seen;        // where the count of an item is in pinned memory
  vy__cuda_back *backs; // kept, as is what follows
  size_t back_count, back_capacity;
  bool late; // some are fetched after the run
  vy__cuda_range *ranges;
  size_t range_count, range_capacity;
  uint32_t *order;
  size_t order_capacity;
  vy__cu_event done;
  vy__cu_event times[VY__CUDA_TIMES];
  bool timed;
  uint64_t upload_ns; // spent by the host
} vy__cuda_flight;

enum { VY__CUDA_LANES = 16 };

struct vy__cuda_lane {
  uint32_t index;
  vy__mutex mutex; // of starting flights, and of the graphs of codes
  vy__cu_stream stream;
  vy__cu_stream back; // for results that are fetched after the run
  vy__cuda_ring ring;
  vy__mutex flights; // of what follows
  vy__cuda_flight *idle;
  vy__cuda_flight *first, *last; // in flight and not blocking, in order
  bool finishing;                // somebody is at what was first
  _Atomic uint32_t flying;
};

// ---- helpers.c: kernels of the runtime's own

#define VY__CUDA_BEGIN_ENTRY "vy_begin"
#define VY__CUDA_AGAIN_ENTRY "vy_again"
#define VY__CUDA_COUNT_ENTRY "vy_count"

typedef enum vy__cuda_presence {
  VY__CUDA_UNKNOWN = 0,
  VY__CUDA_THERE = 1,
  VY__CUDA_NOT_THERE = 2,
} vy__cuda_presence;

// Loaded when first needed.
typedef struct vy__cuda_helpers {
  vy__cu_module repeats, counts;
  vy__cu_function begin, again, count;
  vy__cuda_presence repeats_state;
} vy__cuda_helpers;

// ---- the device

typedef struct vy__cuda {
  vy_context *context;
  const vy__cu *cu;
  vy__cuda_tuning tuning;
  uint32_t index; // of cuda:N
  int ordinal;
  vy__cu_context native; // retained
  bool primary;          // `native` is the device's primary context
  char name[64];
  uint32_t sm; // compute capability: 90 for 9.0
  uint32_t processors;
  uint64_t memory;
  uint64_t grid[3]; // most blocks of a launch
  vy__cuda_pool pool;
  vy__cuda_movers movers;
  _Atomic(vy__cuda_lane *) lanes[VY__CUDA_LANES]; // made when first used
  vy__mutex aux_mutex;                            // of the next two
  vy__cu_stream aux; // for what is in no thread's order
  vy__cuda_helpers helpers;
  // Stands for buffers without elements: zeroes, as much as the largest
  // element.
  struct vy__memory *nothing;
  // The runner's queue and the finisher.
  vy__mutex mutex;
  vy__cond arrived;  // something to run or to finish
  vy__cond finished; // some launch completed
  vy__launch *first, *last;
  bool closing;
  vy__thread runner, finisher;
  // Launches in the queue or running from it, by submitter's thread slot.
  _Alignas(64) _Atomic uint32_t queued[VY__THREAD_SLOTS];
  _Atomic uint32_t flying; // flights that are not blocking, of all lanes
  _Atomic uint32_t sleepers;
  _Atomic uint32_t watching; // 1: the finisher looks without being woken
  _Atomic bool wordless;     // its streams turned out not to write words
} vy__cuda;

typedef struct vy__cuda_grid {
  uint32_t n[3];
} vy__cuda_grid;

// One-node graphs of a code, by lane.
typedef struct vy__cuda_graph {
  vy__cu_graph graph;
  vy__cu_node node;
  vy__cu_exec exec;
  vy__cuda_grid grid;
  uint8_t *record; // what it was last given
} vy__cuda_graph;

struct vy__code {
  const vy_program *program;
  vy__cuda_info info;
  vy__fact *facts;
  uint8_t *saved; // head, facts, cubin: what goes to the disk cache
  size_t saved_size;
  vy__cu_module module;
  vy__cu_function one, many;
  vy__cuda_graph graphs[VY__CUDA_LANES]; // under the lane's mutex
};

// device.c: make the device's context current, leave the thread as it was.
// *entered is what leave takes. Returns the driver's result; what ends
// something goes on without.
int vy__cuda_enter(const vy__cuda *d, bool *entered);
void vy__cuda_leave(const vy__cuda *d, bool entered);

// A call failed: what was enqueued before it may still be at our memory, so
// wait until that is done.
static inline void vy__cuda_settle(const vy__cuda *d, vy__cu_stream stream) {
  (void)d->cu->stream_wait(stream);
}

// helpers.c
// Can repeats be decided on the device? Loads what they need.
bool vy__cuda_has_repeats(vy__cuda *d);
// It turned out that they cannot.
void vy__cuda_refuse_repeats(vy__cuda *d);
// What the kernel takes that gives a record, on the device, its item's count
// of lanes or groups, which goes to `seen` too.
typedef struct vy__cuda_counting {
  uint64_t record, count, seen, most, lanes, block;
} vy__cuda_counting;
vy_status vy__cuda_count_function(vy__cuda *d, vy__cu_function *out);
// All but record and seen.
vy__cuda_counting vy__cuda_count_of(const struct vy__code *code,
                                    const vy__launch_item *item);
// Give an item that has a count the domain of its bound.
void vy__cuda_count_bound(vy__launch_item *item, const struct vy__code *code);
void vy__cuda_helpers_free(vy__cuda *d);

// lane.c
// The calling thread's; NULL: it cannot be made, `*status` says why.
vy__cuda_lane *vy__cuda_lane_of(vy__cuda *d, vy_status *status);
uint32_t vy__cuda_lane_index(void);
void vy__cuda_lanes_free(vy__cuda *d);
vy__cuda_flight *vy__cuda_flight_take(vy__cuda *d, vy__cuda_lane *lane);
void vy__cuda_flight_give(vy__cuda *d, vy__cuda_flight *f);

// code.c
vy_status vy__cuda_compile(void *device, const vy_program *program,
                           uint32_t flags, struct vy__code **out,
                           vy_diags *diags);
void vy__cuda_code_free(void *device, struct vy__code *code);
vy_status vy__cuda_code_save(void *device, const struct vy__code *code,
                             const uint8_t **bytes, size_t *size);
vy_status vy__cuda_code_load(void *device, const vy_program *program,
                             uint32_t flags, const uint8_t *bytes, size_t size,
                             struct vy__code **out);
vy_status vy__cuda_emit(void *device, const vy_program *program, uint32_t flags,
                        const char *target, uint8_t **out, size_t *size,
                        vy_diags *diags);

// record.c: pure
// Do all facts of the code hold for this item?
bool vy__cuda_facts_hold(const vy__fact *facts, uint32_t count,
                         const vy__launch_item *item);
// The head of an item's record, but for `fault`; the arguments follow it.
// alone: for the entry that looks at facts.
void vy__cuda_record_head(const struct vy__code *code, const vy__launch *l,
                          const vy__launch_item *item, bool alone,
                          vy__cuda_item *out);
uint64_t vy__cuda_blocks(const vy__cuda_item *head);
// Has a buffer of it 2^32 elements or more?
bool vy__cuda_is_large(const vy__ir *ir, const vy__launch_item *item);
// Can vy_one take it, which needs its blocks to be a grid?
bool vy__cuda_is_grid(const vy__cuda *d, const vy__cuda_item *head);
// Given all ranges of a part in the order of their items, call
// group(user, first, end) for runs of items, in order, such that no item
// touches what another of its run writes. `order` has room for `count`.
void vy__cuda_split(vy__cuda_range *ranges, size_t count, uint32_t *order,
                    uint32_t first, uint32_t end,
                    void (*group)(void *user, uint32_t first, uint32_t end),
                    void *user);

// movers.c
bool vy__cuda_movers_init(vy__cuda *d);
void vy__cuda_movers_stop(vy__cuda *d); // nothing moves
// Let threads help with a move until it is dismissed.
void vy__cuda_movers_call(vy__cuda *d, vy__cuda_move *m);
void vy__cuda_movers_dismiss(vy__cuda *d, vy__cuda_move *m);

// transfer.c
// Is something of a move left to take?
bool vy__cuda_move_is_open(const vy__cuda_move *m);
// Take part until nothing is left to take.
void vy__cuda_move_run(vy__cuda *d, vy__cuda_move *m);
void vy__cuda_ring_free(const vy__cuda *d, vy__cuda_ring *ring);
// Between host memory and the device, through the lane's ring, which one of
// them has at a time. to_device has read `from` when it returns, or the stream
// does so (pinned memory); to_host has written `to`, and all that was on the
// stream before has run.
vy_status vy__cuda_to_device(vy__cuda *d, vy__cuda_lane *lane,
                             vy__cu_stream stream, vy__cu_address to,
                             const void *from, uint64_t size);
vy_status vy__cuda_to_host(vy__cuda *d, vy__cuda_lane *lane,
                           vy__cu_stream stream, void *to, vy__cu_address from,
                           uint64_t size);

// plan.c
// How many items from `first` on one flight takes. Those of a flight do not
// meet in host memory.
vy_status vy__cuda_plan(vy__cuda *d, vy__cuda_flight *f, const vy__launch *l,
                        uint32_t first, uint32_t *count);
// Room for `count` ranges; false: out of memory.
bool vy__cuda_ranges_fit(vy__cuda *d, vy__cuda_flight *f, size_t count);

// graph.c: launch `one` on the lane as a graph of one node.
vy_status vy__cuda_launch_graph(vy__cuda *d, vy__cuda_lane *lane,
                                struct vy__code *code, const uint8_t *record,
                                const vy__cuda_grid *grid);
void vy__cuda_graphs_free(vy__cuda *d, struct vy__code *code);

// launch.c
// Enqueue the items of a part; the lane's mutex is held. On failure nothing of
// the flight is left on the device.
vy_status vy__cuda_start(vy__cuda *d, vy__cuda_flight *f, vy__launch *l,
                         uint32_t first, uint32_t count);
// The device is done, or fetching late results on `stream` will wait for it:
// bring results home, and faults, and add up times.
vy_status vy__cuda_finish(vy__cuda *d, vy__cuda_flight *f,
                          vy__cu_stream stream);

// run.c
// Complete a launch whose items from `next` on, if not all is well, have not
// run, or not come home. That the host has no memory is a fault of theirs.
void vy__cuda_complete(vy__launch *l, vy_status s, uint32_t next);
// Run all of a launch, or of its recording, and complete it; `before` has run.
void vy__cuda_run(vy__cuda *d, vy__launch *l);
// Wait for all that is on the lane's stream. `pinned` belongs to the caller,
// and its last word is free for this; NULL: there is none.
vy_status vy__cuda_stream_wait(vy__cuda *d, vy__cuda_lane *lane,
                               const vy__cuda_pinned *pinned);

// queue.c
vy_status vy__cuda_submit(void *device, vy__launch *launch);
void vy__cuda_wait(void *device, const _Atomic uint32_t *done,
                   uint64_t deadline_ns);
// Wait until none of the calling thread's launches is in the runner's queue.
void vy__cuda_drain(vy__cuda *d);
bool vy__cuda_threads_start(vy__cuda *d);
void vy__cuda_threads_stop(vy__cuda *d);

// replay.c
vy_status vy__cuda_replay(vy__cuda *d, vy__launch *l);
void vy__cuda_recording_free(void *device, vy__recording *recording);

// memory.c
vy_status vy__cuda_memory_create(void *device, uint64_t size,
                                 struct vy__memory **out, vy_diags *diags);
void vy__cuda_memory_free(void *device, struct vy__memory *memory);
vy_status vy__cuda_memory_write(void *device, struct vy__memory *memory,
                                uint64_t offset, const void *from,
                                uint64_t size);
vy_status vy__cuda_memory_read(void *device, struct vy__memory *memory,
                               uint64_t offset, void *to, uint64_t size);
vy_status vy__cuda_memory_copy(void *device, struct vy__memory *from,
                               uint64_t from_offset, struct vy__memory *to,
                               uint64_t to_offset, uint64_t size);
vy_status vy__cuda_memory_fill(void *device, struct vy__memory *memory,
                               uint64_t offset, uint64_t size, uint8_t value);

#endif
