// Sequences, from inside. A step that dispatches owns a ticket that is never
// submitted: arguments are bound into it by the one binder, its launch goes to
// the backend as part of the recording, and the ticket of the replay stands
// for all of them.
//
// Two counts, as for tickets: `users` counts public handles; while there are
// any, the device and the pipelines are referenced. `refs` counts these as one
// and the replay in flight; while there are any, the pipelines are held.
//
// `busy` is held from the start of a replay until its results are copied into
// its ticket. Whoever holds it may touch steps and recording.
#ifndef VY__SEQUENCE_H
#define VY__SEQUENCE_H

#include <vyre/sequence.h>

#include "dispatch/ticket.h"

// What a dispatch step adds.
typedef struct vy__seq_launch {
  vy_pipeline *pipeline; // referenced and held
  vy_ticket *ticket;     // of one item
  vy__kept_options options;
  vy_arg count;     // as recorded; options.o.count: as replayed
  int32_t outputs;  // index, or VY_SEQUENCE_NONE
  bool ready;       // bound as `args` says, in this replay or the one before
  vy_arg *recorded; // by parameter
  vy_arg *args;     // the same with the bindings of the replay
} vy__seq_launch;

typedef struct vy__seq_step {
  uint32_t kind;          // vy__step_kind
  uint32_t partner;       // of a REPEAT and its END
  uint32_t repeat;        // the innermost REPEAT around it, or VY__NONE
  uint32_t call;          // that recorded it, counted with those that failed
  uint32_t value, max;    // FILL; REPEAT
  vy__seq_launch *launch; // LAUNCH
  // FILL, REPEAT: [0]. COPY: from [0] to [1].
  vy_arg ranges[2];
  vy__buffer_slot *pins[2];
  // REPEAT: of the last replay. Read without `busy`.
  _Atomic uint64_t passes;
  _Atomic uint32_t left;
} vy__seq_step;

// A stretch of host memory that a replay reads or writes.
typedef struct vy__seq_span {
  uintptr_t lo, hi;
  uint32_t step;
  bool write;
} vy__seq_span;

enum { // vy_sequence.state
  VY__SEQUENCE_OPEN,
  VY__SEQUENCE_READY,
  VY__SEQUENCE_FAILED,
};

struct vy_sequence {
  vy__refs refs, users;
  vy_device *device;
  uint32_t state;
  _Atomic uint32_t recorded_late; // a step came after the end
  _Atomic uint32_t busy;
  vy__seq_step *steps;
  size_t step_capacity;
  uint32_t step_count, launch_count;
  uint32_t open[VY_SEQUENCE_MAX_NESTING]; // REPEATs without END
  uint32_t depth;
  uint32_t calls;        // of recording, this one included
  uint32_t lost_repeats; // begun in vain; their ends are no mistakes
  uint32_t binding_count, output_count; // that a replay must give
  vy__recording *recording;             // one block with its steps
  // The bindings of the replay before, if all steps were bound by it.
  vy_arg *last;
  bool *differs; // by binding: from last
  bool warm;     // last holds
  vy__seq_span *spans;
  uint32_t span_capacity;
  vy_diags errors; // of recording
  vy_diag records[8];
  char text[2048];
};

void vy__sequence_hold(vy_sequence *s);
void vy__sequence_unhold(vy_sequence *s);

// sequence_bind.c: bind all steps for a replay, make room in all slots and
// take it over; the recording is then as the backend wants it. On failure
// nothing is left marked or claimed.
vy_status vy__sequence_bind(vy_sequence *s, const vy_bindings *bindings,
                            vy_diags *diags);
// Give back marks and outputs.
void vy__sequence_let_go(vy_sequence *s);

// The replay is over: settle slots and marks, copy what went wrong into its
// ticket, and let the next replay in.
void vy__sequence_landed(vy_sequence *s, vy_ticket *t);

#endif
