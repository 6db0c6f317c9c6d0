// Vyre: devices, pipelines, dispatch. Compile a program once for a device,
// then dispatch it as often as you like. Part of <vyre/vyre.h>.
//
// The law: a dispatch is bit-identical to running its program on the
// reference device, for every mix of argument kinds, batched or not, timed or
// not, from any number of threads.
#ifndef VYRE_PIPELINE_H
#define VYRE_PIPELINE_H

#include <vyre/core.h>
#include <vyre/program.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vy_device vy_device;
typedef struct vy_pipeline vy_pipeline;
typedef struct vy_outputs vy_outputs;
typedef struct vy_ticket vy_ticket;
typedef struct vy_prepared vy_prepared;

// ---- devices ------------------------------------------------------------

enum {
  // Order in which the reference device runs lanes; results of race-free
  // programs do not depend on it. Other devices refuse all but FORWARD.
  VY_ORDER_FORWARD = 0,
  VY_ORDER_REVERSED = 1,
  VY_ORDER_SHUFFLED = 2,
};

// Instructions that the cpu device may use: those of an x86-64 level.
enum {
  VY_CPU_FEATURES_HOST = 0,     // all that this processor has
  VY_CPU_FEATURES_BASELINE = 1, // x86-64-v2: SSE4
  VY_CPU_FEATURES_AVX2 = 2,     // x86-64-v3
  VY_CPU_FEATURES_AVX512 = 3,   // x86-64-v4
};

// A parallel loop of the host: call body(data, i) once for each i < count, on
// any threads, in any order, and return when all calls have returned. It may
// be called from several threads at once.
typedef void (*vy_parallel_for)(void *user, uint64_t count,
                                void (*body)(void *data, uint64_t index),
                                void *data);

// Options that a device does not have are of no effect on it, but for
// lane_order.
typedef struct vy_device_desc {
  size_t struct_size;
  vy_str name;         // "cuda:0" ("cuda"), "cpu", "reference", "null", "auto";
                       // "": auto
  uint32_t lane_order; // VY_ORDER_*
  uint32_t reserved;
  uint64_t order_seed; // for VY_ORDER_SHUFFLED
  // ---- cpu
  // Threads that share a large dispatch, the waiting caller being one of them.
  // 0: one for each CPU that the process may use. 1: no thread is ever
  // created; vy_submit then returns when its submission is done. On cuda: the
  // most threads that share a large copy; 0: as many as are of use.
  uint32_t threads;
  uint32_t vector_width; // lanes of a vector: 1, 4, 8, 16, 32; 0: its choice
  uint32_t cpu_features; // VY_CPU_FEATURES_*; more than there are: UNSUPPORTED
  uint32_t affinity_count;
  // CPU numbers to bind created threads to, in turn; NULL: not bound. A thread
  // whose CPU the process may not use is not bound. Read during the call only.
  const uint32_t *affinity;
  // Share large dispatches through the host's own task system instead of
  // threads of the device, which are then not created; NULL: threads.
  vy_parallel_for parallel_for;
  void *parallel_user;
  // ---- cuda
  // A CUcontext of the host to work in, of the device that is opened; it must
  // outlive the device. NULL: the GPU's primary context, which is the one that
  // the CUDA runtime API uses.
  void *native_context;
} vy_device_desc;
#define VY_DEVICE_DESC_INIT                                                    \
  {                                                                            \
    sizeof(vy_device_desc), {NULL, 0}, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL,  \
        NULL                                                                   \
  }

// Open a device; `desc` may be NULL for "auto". Errors: DEVICE_UNAVAILABLE,
// INVALID_ARGUMENT, UNSUPPORTED, OUT_OF_HOST_MEMORY.
VY_API VY_NODISCARD vy_status vy_device_open(vy_context *context,
                                             const vy_device_desc *desc,
                                             vy_device **out, vy_diags *diags);
VY_API vy_device *vy_device_retain(vy_device *device);
// Pipelines, tickets and prepared dispatches keep their device. When the last
// of all of these goes, the release waits for what is in flight and frees the
// device's resident buffers.
VY_API void vy_device_release(vy_device *device);

typedef struct vy_device_info {
  size_t struct_size;
  char name[32];        // "reference"
  char driver[64];      // what stands behind it, with its version
  char evidence[64];    // "specification", "executed conformance here", ...
  char legalised[128];  // operation classes not native, or ""
  char reason[160];     // why not available, and after "\nFix: " what to do
  uint32_t available;   // 1: can be opened here
  uint32_t hidden;      // 1: never chosen by auto or verify (null)
  uint32_t lanes;       // lanes that run at once, 0 unknown
  uint32_t threads;     // host threads, 0 none
  uint64_t memory;      // bytes of device memory, 0: host memory
  uint32_t device_time; // 1: measures device_ns
  uint32_t live_ring;   // 1: can run a live ring
} vy_device_info;
#define VY_DEVICE_INFO_INIT                                                    \
  { sizeof(vy_device_info), "", "", "", "", "", 0, 0, 0, 0, 0, 0, 0 }

// All devices that this build knows, opened or not: index 0, 1, ... until
// INVALID_ARGUMENT. Opens nothing.
VY_API VY_NODISCARD vy_status vy_device_enumerate(uint32_t index,
                                                  vy_device_info *out);
VY_API VY_NODISCARD vy_status vy_device_describe(const vy_device *device,
                                                 vy_device_info *out);

// The null device holds every submission until this lets the oldest `count`
// complete (writing zeros). A blocking call on it returns only when another
// thread does so. Other devices: UNSUPPORTED. For tests.
VY_API VY_NODISCARD vy_status vy_null_device_release(vy_device *device,
                                                     uint32_t count);

// ---- pipelines ----------------------------------------------------------

enum {
  VY_COMPILE_BUDGETED = 1, // dispatches may give a step budget
  VY_COMPILE_STRICT = 2,   // report the first access outside its buffer
};

typedef struct vy_compile_options {
  size_t struct_size;
  uint32_t flags; // VY_COMPILE_*
  uint32_t reserved;
  const vy_const_value *constants;
  size_t constant_count;
} vy_compile_options;
#define VY_COMPILE_OPTIONS_INIT                                                \
  { sizeof(vy_compile_options), 0, 0, NULL, 0 }

// Compile `program` for `device`; `options` may be NULL. Equal compiles share
// one result while it lives; threads that compile the same thing at once
// compile it once. May block while compiling.
VY_API VY_NODISCARD vy_status vy_compile(vy_device *device, vy_program *program,
                                         const vy_compile_options *options,
                                         vy_pipeline **out, vy_diags *diags);
VY_API vy_pipeline *vy_pipeline_retain(vy_pipeline *pipeline);
VY_API void vy_pipeline_release(vy_pipeline *pipeline);

// "<backend>:<64 hex digits>", zero-terminated, lives with the pipeline. Two
// pipelines have equal ids if and only if program fingerprint, constants,
// options, library build, backend version and device class are equal.
VY_API const char *vy_pipeline_id(const vy_pipeline *pipeline);
// Borrowed: the program, with the constants fixed.
VY_API vy_program *vy_pipeline_program(const vy_pipeline *pipeline);
VY_API vy_device *vy_pipeline_device(const vy_pipeline *pipeline);

// ---- ahead of time ------------------------------------------------------

// A program as an ELF object for x86-64 Linux, with code for several levels of
// instructions, and a C header that declares how to run it. Results are the
// same bits. The object needs no library, or libvyre-rt: the header says so.
typedef struct vy_ahead vy_ahead;

typedef struct vy_ahead_options {
  size_t struct_size;
  uint32_t flags; // VY_COMPILE_*
  // Levels to make code for: bit 1 << VY_CPU_FEATURES_*; 0: all.
  uint32_t levels;
  const vy_const_value *constants;
  size_t constant_count;
  uint64_t budget; // unless a run gives one; needs VY_COMPILE_BUDGETED
  vy_str name;     // what names in C begin with; empty: the program's name
  vy_str file;     // for the header's comment; empty: "a program text"
} vy_ahead_options;
#define VY_AHEAD_OPTIONS_INIT                                                  \
  {                                                                            \
    sizeof(vy_ahead_options), 0, 0, NULL, 0, 0, {NULL, 0}, { NULL, 0 }         \
  }

// Errors: those of vy_compile on the cpu device.
VY_API VY_NODISCARD vy_status vy_compile_ahead(vy_program *program,
                                               const vy_ahead_options *options,
                                               vy_ahead **out, vy_diags *diags);
VY_API void vy_ahead_release(vy_ahead *ahead);
// Bytes and text, which live as long as `ahead`.
VY_API const void *vy_ahead_object(const vy_ahead *ahead, size_t *size);
VY_API vy_str vy_ahead_header(const vy_ahead *ahead);

// ---- resident buffers ---------------------------------------------------

// Device memory, named by value (owner, slot, generation): using one that was
// freed, or that another device made, is STALE_HANDLE, never a crash.
typedef struct vy_buffer {
  uint64_t id; // 0 names no buffer
} vy_buffer;

// `size` bytes, zeroed; 0 is fine. Lives until vy_buffer_free or the device's
// end. Errors: OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY.
VY_API VY_NODISCARD vy_status vy_buffer_create(vy_device *device, uint64_t size,
                                               vy_buffer *out, vy_diags *diags);
// The handle is dead at once; memory in flight lives until it is not.
VY_API VY_NODISCARD vy_status vy_buffer_free(vy_device *device,
                                             vy_buffer buffer, vy_diags *diags);
VY_API VY_NODISCARD vy_status vy_buffer_size(vy_device *device,
                                             vy_buffer buffer, uint64_t *size,
                                             vy_diags *diags);
// Set bytes [offset, offset + size) to `value`. Ordered after this thread's
// submissions, like all functions of this section; blocks until done.
VY_API VY_NODISCARD vy_status vy_buffer_fill(vy_device *device,
                                             vy_buffer buffer, uint64_t offset,
                                             uint64_t size, uint8_t value,
                                             vy_diags *diags);
// Copy on the device; ranges of one buffer must not overlap.
VY_API VY_NODISCARD vy_status vy_buffer_copy(vy_device *device, vy_buffer from,
                                             uint64_t from_offset, vy_buffer to,
                                             uint64_t to_offset, uint64_t size,
                                             vy_diags *diags);

// One range of a transfer: `size` bytes at `offset` of `buffer`, and host
// memory of the same size (read by upload, written by download).
typedef struct vy_transfer {
  vy_buffer buffer;
  uint64_t offset;
  uint64_t size;
  void *host;
} vy_transfer;

// Many ranges in one call: all are checked before anything is written.
// Uploads take effect in order; downloads may overlap in the buffer, not in
// host memory.
VY_API VY_NODISCARD vy_status vy_buffer_upload(vy_device *device,
                                               const vy_transfer *ranges,
                                               size_t count, vy_diags *diags);
VY_API VY_NODISCARD vy_status vy_buffer_download(vy_device *device,
                                                 const vy_transfer *ranges,
                                                 size_t count, vy_diags *diags);
// BLAKE2b-256 of bytes [offset, offset + size).
VY_API VY_NODISCARD vy_status vy_buffer_digest(vy_device *device,
                                               vy_buffer buffer,
                                               uint64_t offset, uint64_t size,
                                               vy_hash *out, vy_diags *diags);

// ---- arguments ----------------------------------------------------------

typedef enum vy_arg_kind {
  VY_ARG_NONE = 0,    // a `write` whose length the program gives
  VY_ARG_LENGTH = 1,  // an unsized `write`: its number of elements
  VY_ARG_SCALAR = 2,  // a value
  VY_ARG_HOST = 3,    // host bytes, borrowed until the dispatch is done
  VY_ARG_BUFFER = 4,  // a range of a resident buffer
  VY_ARG_BINDING = 5, // an entry of a table: steps of sequences only
} vy_arg_kind;

// One parameter's binding. 48 bytes for ever. Use the functions below.
typedef struct vy_arg {
  uint32_t kind; // vy_arg_kind
  uint32_t type; // vy_type of a scalar
  union {
    const void *data; // HOST; any alignment
    uint64_t bits;    // SCALAR: the value's bits
    uint64_t buffer;  // BUFFER: vy_buffer.id
  } u;
  uint64_t offset;      // BUFFER: bytes, a multiple of 16 for a parameter
  uint64_t size;        // HOST, BUFFER: bytes; LENGTH: elements
  uint64_t reserved[2]; // zero
} vy_arg;

static inline vy_arg vy_arg_bits(uint32_t kind, uint32_t type, uint64_t bits,
                                 uint64_t offset, uint64_t size) {
  vy_arg a;
  a.kind = kind;
  a.type = type;
  a.u.bits = bits;
  a.offset = offset;
  a.size = size;
  a.reserved[0] = a.reserved[1] = 0;
  return a;
}
static inline vy_arg vy_arg_none(void) {
  return vy_arg_bits(VY_ARG_NONE, 0, 0, 0, 0);
}
// An unsized `write` of `count` elements.
static inline vy_arg vy_arg_length(uint64_t count) {
  return vy_arg_bits(VY_ARG_LENGTH, 0, 0, 0, count);
}
// `size` bytes of host memory; NULL only when size is 0.
static inline vy_arg vy_arg_host(const void *data, uint64_t size) {
  vy_arg a = vy_arg_bits(VY_ARG_HOST, 0, 0, 0, size);
  a.u.data = data;
  return a;
}
static inline vy_arg vy_arg_range(vy_buffer buffer, uint64_t offset,
                                  uint64_t size) {
  return vy_arg_bits(VY_ARG_BUFFER, 0, buffer.id, offset, size);
}
// The whole buffer (size UINT64_MAX means: to the end).
static inline vy_arg vy_arg_buffer(vy_buffer buffer) {
  return vy_arg_range(buffer, 0, UINT64_MAX);
}
static inline vy_arg vy_arg_bool(int v) {
  return vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_BOOL, v != 0, 0, 0);
}
static inline vy_arg vy_arg_i32(int32_t v) {
  return vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_I32, (uint32_t)v, 0, 0);
}
static inline vy_arg vy_arg_u32(uint32_t v) {
  return vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_U32, v, 0, 0);
}
static inline vy_arg vy_arg_i64(int64_t v) {
  return vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_I64, (uint64_t)v, 0, 0);
}
static inline vy_arg vy_arg_u64(uint64_t v) {
  return vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_U64, v, 0, 0);
}
static inline vy_arg vy_arg_f32(float v) {
  union {
    float f;
    uint32_t u;
  } x;
  x.f = v;
  return vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_F32, x.u, 0, 0);
}
static inline vy_arg vy_arg_f64(double v) {
  union {
    double f;
    uint64_t u;
  } x;
  x.f = v;
  return vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_F64, x.u, 0, 0);
}

// ---- outputs ------------------------------------------------------------

enum {
  VY_SLOT_DEFAULT = 0, // SKIP where the argument is resident, else GROW
  VY_SLOT_GROW = 1,    // library memory; capacity kept across dispatches
  VY_SLOT_MEMORY = 2,  // caller's memory and capacity; with a readback range
                       // of elements of outputs it holds the whole output
  VY_SLOT_SKIP = 3,    // no readback
};

// `count` slots, one per output (write and update parameters in declaration
// order), all DEFAULT. An outputs object serves one dispatch at a time.
VY_API VY_NODISCARD vy_status vy_outputs_create(vy_context *context,
                                                uint32_t count,
                                                vy_outputs **out,
                                                vy_diags *diags);
VY_API vy_outputs *vy_outputs_retain(vy_outputs *outputs);
// Slots in flight keep their memory until the dispatch is done.
VY_API void vy_outputs_release(vy_outputs *outputs);
// Choose a slot's mode. `memory` (NULL only with capacity 0) and `capacity`, in
// bytes, only with MEMORY, else NULL and 0. Errors: INVALID_ARGUMENT, BUSY (in
// flight or prepared).
VY_API VY_NODISCARD vy_status vy_outputs_set(vy_outputs *outputs,
                                             uint32_t index, uint32_t mode,
                                             void *memory, uint64_t capacity);
// What the last dispatch left in slot `index`: bytes and where. NULL and 0
// for a skipped slot, a bad index or a slot in flight. Valid until the next
// dispatch into it.
VY_API const void *vy_outputs_data(const vy_outputs *outputs, uint32_t index);
VY_API uint64_t vy_outputs_size(const vy_outputs *outputs, uint32_t index);
VY_API uint64_t vy_outputs_capacity(const vy_outputs *outputs, uint32_t index);
VY_API uint32_t vy_outputs_count(const vy_outputs *outputs);

typedef struct vy_outputs_stats {
  size_t struct_size;
  uint64_t reused; // slots whose capacity sufficed
  uint64_t grown;  // slots that had to grow
  uint64_t bytes;  // bytes returned
} vy_outputs_stats;
#define VY_OUTPUTS_STATS_INIT                                                  \
  { sizeof(vy_outputs_stats), 0, 0, 0 }
// Totals since creation.
VY_API VY_NODISCARD vy_status vy_outputs_describe(const vy_outputs *outputs,
                                                  vy_outputs_stats *out);

// ---- dispatch -----------------------------------------------------------

// A readback range for one output, in elements; replaces the program's own.
typedef struct vy_readback {
  uint32_t output; // index among the outputs
  uint32_t reserved;
  uint64_t lo, hi; // [lo, hi); hi above the length clamps
} vy_readback;

typedef struct vy_dispatch_options {
  size_t struct_size;
  vy_str label;        // for traces and errors; 64 bytes of it
  uint64_t lanes[3];   // instead of the program's own; [0] == 0: its own,
                       // whatever [1] and [2] are
  uint64_t groups[3];  // likewise, on a `groups` program
  uint32_t set_lanes;  // 1: lanes counts even when zero
  uint32_t set_groups; // 1: groups counts even when zero
  uint32_t iterations; // runs over the same buffers, of which those of `write`
                       // are zeroed before the first only; 0: 1
  uint32_t readback_count;
  uint64_t budget; // steps; needs VY_COMPILE_BUDGETED; 0: none
  // Refuse to return more; 0: no limit. An output whose readback range is known
  // only after the run counts as a whole.
  uint64_t max_output_bytes;
  const vy_readback *readbacks;
  // A resident range that starts, at a multiple of 4, with a u32, which is read
  // when the run starts: lanes (groups, in a `groups` program) of dimension x,
  // if fewer than they are without it. The program must not write the element.
  // vy_arg_none(), or all zero: none.
  vy_arg count;
  // 1: vy_submit takes the device's times, for vy_wait's `timing`, which costs
  // the device some microseconds. Blocking calls take them if their `timing` is
  // not NULL.
  uint32_t device_times;
  uint32_t reserved;
} vy_dispatch_options;
#define VY_DISPATCH_OPTIONS_INIT                                               \
  {                                                                            \
    sizeof(vy_dispatch_options), {NULL, 0}, {0, 0, 0}, {0, 0, 0}, 0, 0, 0, 0,  \
        0, 0, NULL, {0, 0, {NULL}, 0, 0, {0, 0}}, 0, 0                         \
  }

enum {
  VY_TIMING_DEVICE = 1,
  VY_TIMING_UPLOAD = 2,
  VY_TIMING_READBACK = 4,
  VY_TIMING_ENQUEUE = 8,
  VY_TIMING_WAIT = 16,
};

// Nanoseconds. A field counts only if its bit is in `present`; none is ever
// invented. enqueue + wait <= wall.
typedef struct vy_timing {
  size_t struct_size;
  uint32_t present; // VY_TIMING_*
  uint32_t reserved;
  uint64_t wall_ns; // always
  uint64_t device_ns;
  uint64_t upload_ns;
  uint64_t readback_ns;
  uint64_t enqueue_ns;
  uint64_t wait_ns;
} vy_timing;
#define VY_TIMING_INIT                                                         \
  { sizeof(vy_timing), 0, 0, 0, 0, 0, 0, 0, 0 }

// Run once and wait. `args` has one entry per parameter, in declaration
// order. `options`, `timing` and `diags` may be NULL; `outputs` may be NULL
// when every output is resident or skipped. Host memory is borrowed until the
// call returns. Errors found before the start write nothing; after one at run
// time, slots have size 0 and written resident ranges are unspecified.
VY_API VY_NODISCARD vy_status vy_dispatch(vy_pipeline *pipeline,
                                          const vy_arg *args, size_t arg_count,
                                          const vy_dispatch_options *options,
                                          vy_outputs *outputs,
                                          vy_timing *timing, vy_diags *diags);

// One item of a batch.
typedef struct vy_item {
  const vy_arg *args;
  size_t arg_count;
  vy_outputs *outputs; // one object each; may be NULL as for vy_dispatch
} vy_item;

// K submissions of one pipeline, as if run in index order, in one launch: an
// item may read what an earlier one writes. Overlaps inside an item are
// errors, those between items are not. A failing item gives its index
// (vy_diag.item); other items are complete. No items: VY_OK.
VY_API VY_NODISCARD vy_status vy_dispatch_batch(
    vy_pipeline *pipeline, const vy_item *items, size_t item_count,
    const vy_dispatch_options *options, vy_timing *timing, vy_diags *diags);

// Run with every output bound to a resident range and nothing read back. The
// handles of the outputs' arguments go to `out` in output order (`out_count`
// must be the number of outputs); no buffer is made.
VY_API VY_NODISCARD vy_status vy_dispatch_resident(
    vy_pipeline *pipeline, const vy_arg *args, size_t arg_count,
    const vy_dispatch_options *options, vy_buffer *out, size_t out_count,
    vy_timing *timing, vy_diags *diags);

// Start a batch and return at once. The submission runs after this thread's
// earlier ones and after `after` tickets, of any device. Arguments are copied;
// host memory and outputs stay borrowed until the ticket completes.
VY_API VY_NODISCARD vy_status vy_submit(vy_pipeline *pipeline,
                                        const vy_item *items, size_t item_count,
                                        const vy_dispatch_options *options,
                                        vy_ticket *const *after,
                                        size_t after_count, vy_ticket **out,
                                        vy_diags *diags);
// Wait at most `timeout_ns` (UINT64_MAX: for ever). TIMEOUT: still in flight
// and its memory borrowed. Else the submission's own status, on every call.
// `timing` has device times only if the submission's options asked for them.
VY_API VY_NODISCARD vy_status vy_wait(vy_ticket *ticket, uint64_t timeout_ns,
                                      vy_timing *timing, vy_diags *diags);
// *done = 1 when vy_wait would not block.
VY_API VY_NODISCARD vy_status vy_poll(vy_ticket *ticket, uint32_t *done);
VY_API vy_ticket *vy_ticket_retain(vy_ticket *ticket);
// Releasing a ticket in flight does not stop it; what it borrowed stays
// borrowed until the device is done.
VY_API void vy_ticket_release(vy_ticket *ticket);

// Bind and check once, then run many times. Host memory and outputs stay
// borrowed until the prepared dispatch is released. One run at a time (BUSY).
VY_API VY_NODISCARD vy_status vy_prepare(vy_pipeline *pipeline,
                                         const vy_arg *args, size_t arg_count,
                                         const vy_dispatch_options *options,
                                         vy_outputs *outputs, vy_prepared **out,
                                         vy_diags *diags);
// Replace one argument: a scalar of the same type, or memory of the same kind
// and size. A scalar that a size, domain or readback uses is checked anew, and
// memory together with the other arguments as they are: two buffers cannot
// change places by two calls; for work on two by turns, prepare both ways.
VY_API VY_NODISCARD vy_status vy_prepared_set(vy_prepared *prepared,
                                              uint32_t index, const vy_arg *arg,
                                              vy_diags *diags);
VY_API VY_NODISCARD vy_status vy_prepared_run(vy_prepared *prepared,
                                              vy_timing *timing,
                                              vy_diags *diags);
VY_API vy_prepared *vy_prepared_retain(vy_prepared *prepared);
VY_API void vy_prepared_release(vy_prepared *prepared);

// Compile and dispatch in one call: the plain thing that a pipeline equals.
VY_API VY_NODISCARD vy_status vy_run(vy_device *device, vy_program *program,
                                     const vy_compile_options *compile,
                                     const vy_arg *args, size_t arg_count,
                                     const vy_dispatch_options *options,
                                     vy_outputs *outputs, vy_timing *timing,
                                     vy_diags *diags);

// ---- checking -----------------------------------------------------------

typedef struct vy_check_report {
  size_t struct_size;
  uint64_t races;           // pairs of accesses found racing
  uint64_t out_of_bounds;   // accesses outside
  uint64_t unwritten;       // elements of `write` buffers never written
  uint64_t order_dependent; // outputs that differ between lane orders
} vy_check_report;
#define VY_CHECK_REPORT_INIT                                                   \
  { sizeof(vy_check_report), 0, 0, 0, 0 }

// Run `program` on the reference device, lanes forward, reversed and
// shuffled, with shadow memory. `args` as for vy_dispatch, but host memory
// only; none of it is written. Appends one diagnostic per finding (races are
// errors, the rest warnings), each with its source lines. `report` may be NULL.
// Slow by design. CHECK_FAILED when there is a race.
VY_API VY_NODISCARD vy_status vy_check(vy_context *context, vy_program *program,
                                       const vy_compile_options *compile,
                                       const vy_arg *args, size_t arg_count,
                                       const vy_dispatch_options *options,
                                       vy_check_report *report,
                                       vy_diags *diags);

// ---- looking inside -----------------------------------------------------

// Lowering: what devices that make machine code compile is `program` after
// these passes. Names in their order: index 0, 1, ... until NULL.
VY_API const char *vy_lower_pass(uint32_t index);
// The program as it is after pass `after` (NULL: all of them), with the
// constants of `compile` fixed: it gives the same results bit for bit. Errors:
// INVALID_ARGUMENT (no such pass), those of vy_compile for constants.
VY_API VY_NODISCARD vy_status vy_lower(vy_program *program,
                                       const vy_compile_options *compile,
                                       const char *after, vy_program **out,
                                       vy_diags *diags);
// The code that `device` runs for `program` compiled with `compile`, as text:
// `target` is "llvm" (LLVM IR after its passes) or "asm" (assembly), both of
// the cpu device, or "ptx" of cuda devices; device NULL: ptx for all of those,
// which needs neither a device nor a driver. *size receives the bytes needed;
// they are written, without a terminator, only if `capacity` suffices (else
// OUTPUT_TOO_SMALL when buffer is not NULL, VY_OK when it is). The code is made
// anew in each call. Errors: UNSUPPORTED (the device has no such form), those
// of vy_compile.
VY_API VY_NODISCARD vy_status vy_device_emit(vy_device *device,
                                             vy_program *program,
                                             const vy_compile_options *compile,
                                             const char *target, char *buffer,
                                             size_t capacity, size_t *size,
                                             vy_diags *diags);

#ifdef __cplusplus
}
#endif
#endif
