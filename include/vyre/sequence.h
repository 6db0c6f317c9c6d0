// Vyre: sequences. Record dispatches, copies and fills of one device once,
// then replay them as one submission, each time with new bindings. Part of
// <vyre/vyre.h>.
//
// The law: a replay gives the same bits as its steps done one by one. Each
// step sees what earlier ones wrote; `write` buffers are zeroed each time
// their step runs.
//
// A step's argument is a constant, or names an entry of the table of bindings
// that a replay is given. Arguments are checked at the replay, all of them
// before anything runs, by the rules of vy_dispatch.
#ifndef VYRE_SEQUENCE_H
#define VYRE_SEQUENCE_H

#include <vyre/pipeline.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vy_sequence vy_sequence;

enum {
  VY_SEQUENCE_NONE = -1, // no outputs; what recording a wrong step gives
  VY_SEQUENCE_MAX_STEPS = 1 << 20,
  VY_SEQUENCE_MAX_BINDINGS = 1 << 16,
  VY_SEQUENCE_MAX_NESTING = 8, // repeats in one another
};

// Entry `index` of the bindings: whatever a replay has there, a scalar, host
// memory or a resident range. Only in steps.
static inline vy_arg vy_arg_binding(uint32_t index) {
  return vy_arg_bits(VY_ARG_BINDING, 0, index, 0, UINT64_MAX);
}
// A part of it: `size` bytes at `offset` of the host memory or resident range
// that is bound (UINT64_MAX: to its end).
static inline vy_arg vy_arg_binding_range(uint32_t index, uint64_t offset,
                                          uint64_t size) {
  return vy_arg_bits(VY_ARG_BINDING, 0, index, offset, size);
}

// ---- recording ----------------------------------------------------------

// An empty sequence, to be recorded by one thread. Errors:
// OUT_OF_HOST_MEMORY.
VY_API VY_NODISCARD vy_status vy_sequence_create(vy_device *device,
                                                 vy_sequence **out,
                                                 vy_diags *diags);
VY_API vy_sequence *vy_sequence_retain(vy_sequence *sequence);
// A replay in flight goes on.
VY_API void vy_sequence_release(vy_sequence *sequence);

// Each call of this section records a step and returns its number (0, 1, ...),
// or VY_SEQUENCE_NONE: what is wrong is collected and reported by
// vy_sequence_finish, as is a lack of memory.

// A dispatch of a pipeline of the sequence's device. `args` as for vy_dispatch,
// or bindings; copied, as are the options, which may be NULL. Constant host
// memory stays borrowed until the sequence is released. `outputs` is an index
// into the table of outputs objects that a replay is given: one of its own for
// each step, or VY_SEQUENCE_NONE where every output is resident.
VY_API int32_t vy_sequence_dispatch(vy_sequence *sequence,
                                    vy_pipeline *pipeline, const vy_arg *args,
                                    size_t arg_count,
                                    const vy_dispatch_options *options,
                                    int32_t outputs);
// A copy on the device, between two resident ranges (BUFFER or a binding to
// one) of one size that do not overlap; any offsets.
VY_API int32_t vy_sequence_copy(vy_sequence *sequence, vy_arg from, vy_arg to);
// Set the bytes of a resident range to `value`.
VY_API int32_t vy_sequence_fill(vy_sequence *sequence, vy_arg range,
                                uint8_t value);
// Repeat the steps up to the matching end: until the u32 at the start of the
// resident range `element` (at a multiple of 4) is zero after a pass, at most
// `max` passes. With max 0 they do not run.
VY_API int32_t vy_sequence_repeat_begin(vy_sequence *sequence, vy_arg element,
                                        uint32_t max);
VY_API int32_t vy_sequence_repeat_end(vy_sequence *sequence);

// Ends the recording. On failure (the errors of all calls before, each with
// the number of its call, counted from 0, as vy_diag.item) only release
// remains. Nothing can be recorded after it; trying makes every later replay
// fail.
VY_API VY_NODISCARD vy_status vy_sequence_finish(vy_sequence *sequence,
                                                 vy_diags *diags);

// ---- replaying ----------------------------------------------------------

// What a replay is given. The tables must reach to the largest index that
// was recorded; entries that no step names are not looked at.
typedef struct vy_bindings {
  size_t struct_size;
  const vy_arg *args; // anything but VY_ARG_BINDING
  size_t arg_count;
  vy_outputs *const *outputs;
  size_t output_count;
} vy_bindings;
#define VY_BINDINGS_INIT                                                       \
  { sizeof(vy_bindings), NULL, 0, NULL, 0 }

// Run all steps and wait. `bindings` may be NULL when no step names any; the
// rest as for vy_dispatch. Errors are those of the steps, vy_diag.item being
// the number of the step: before the start nothing is written; after a step
// failed at run time the rest may run or not, all slots have size 0 and
// written resident ranges are unspecified.
//
// Host memory that a step reads must not overlap the slots of another, nor,
// in a repeat, be an `update`'s own slot: what passes from step to step lies
// in resident buffers.
//
// One replay of a sequence at a time, else BUSY. Warm replays allocate nothing.
VY_API VY_NODISCARD vy_status vy_sequence_replay(vy_sequence *sequence,
                                                 const vy_bindings *bindings,
                                                 vy_timing *timing,
                                                 vy_diags *diags);
// Start a replay and return at once, as vy_submit does. The bindings are
// copied; memory and outputs stay borrowed until the ticket completes. Device
// times are vy_sequence_replay's only.
VY_API VY_NODISCARD vy_status vy_sequence_submit(
    vy_sequence *sequence, const vy_bindings *bindings, vy_ticket *const *after,
    size_t after_count, vy_ticket **out, vy_diags *diags);

// Of the last replay that completed (before the first: zeros), for the repeat
// that began at step `step`:
// *passes, how often its steps ran (all runs of the repeat together when it
// stands in another), and *left, its element after the last pass: not zero
// when `max` ended it. Either may be NULL. Errors: INVALID_ARGUMENT (no such
// repeat), BUSY (a replay is in flight).
VY_API VY_NODISCARD vy_status vy_sequence_passes(const vy_sequence *sequence,
                                                 int32_t step, uint64_t *passes,
                                                 uint32_t *left);

#ifdef __cplusplus
}
#endif
#endif
