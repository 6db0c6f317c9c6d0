// One submission, from binding to result: the descriptor under every way to
// dispatch. It is one block, arrays included: of the device's pool or, for a
// small submission that is waited for where it is made, of the caller's stack.
//
// A blocking ticket (of a dispatch that waits, or prepared) is private to its
// caller, who keeps pipeline and device meanwhile: it holds nothing, and its
// completion touches nothing once `done` is set. Of the others, public
// references and the launch in flight each hold the ticket, the ticket its
// device, the launch its pipeline.
#ifndef VY__TICKET_H
#define VY__TICKET_H

#include "dispatch/bind.h"

struct vy_ticket {
  vy__block block;
  vy__refs refs;         // public handles as one; the launch; tickets after it
  vy__refs users;        // public handles: while any, the device is referenced
  vy_device *device;     // held
  vy_pipeline *pipeline; // held while in flight; NULL: of a sequence
  struct vy_sequence *sequence; // replayed; held while in flight
  // The pipeline's, for messages; of a sequence, that of its step that failed.
  const vy_program *program;
  vy_program *kept_program; // the same, retained when the pipeline is let go
  vy__launch launch;
  vy__bound *items;
  uint32_t item_count;
  uint32_t bound; // items that binding has come to
  uint32_t after_count;
  vy_ticket **after; // of other devices; held
  bool plain;        // all is resident and nothing returns, in any item
  bool batch;        // messages name the item
  uint32_t first;    // number of the first item in messages
  bool blocking;
  bool prepared;     // bound for many runs
  vy__tally *tally;  // of those; NULL: the context counts
  bool timed;        // on the host
  bool device_times; // on the device too
  _Atomic uint32_t done;
  vy_status launch_status; // of the backend
  uint64_t begin_ns, enqueue_ns, enqueued_ns, completed_ns, waited_ns;
  uint32_t label_size;
  char label[64];
};

// What a submission is made of.
typedef struct vy__submission {
  vy_pipeline *pipeline;
  const vy_item *items;
  size_t item_count;
  const vy_dispatch_options *options;
  vy_ticket *const *after;
  size_t after_count;
  bool batch, timed;
  bool blocking; // the caller waits at once
} vy__submission;

// Check, bind and start. The result has one public reference's worth of
// `refs`, but no `users`: the caller has a reference on the pipeline.
// `memory` is where the ticket of a blocking submission may lie.
vy_status vy__submit(const vy__submission *s, void *memory, size_t memory_size,
                     vy_ticket **out, vy_diags *diags);

// The steps of it, for prepared dispatches.
typedef struct vy__ticket_shape {
  size_t item_count, after_count;
  bool blocking;
  void *memory; // NULL, or `memory_size` bytes for a blocking one
  size_t memory_size;
} vy__ticket_shape;
// `pipeline` is of `device`; NULL: items have no parameters.
vy_status vy__ticket_make(vy_device *device, vy_pipeline *pipeline,
                          const vy__ticket_shape *shape, vy_ticket **out,
                          vy_diags *diags);
// Those that the launch takes, and the label.
void vy__ticket_set_options(vy_ticket *t, const vy_dispatch_options *o);
vy_status vy__ticket_take_after(vy_ticket *t, vy_ticket *const *after,
                                size_t count, vy_diags *diags);
// Give item `i` its arrays, nothing bound; in order of `i`.
void vy__ticket_set_item(vy_ticket *t, uint32_t i);
vy_status vy__ticket_bind(vy_ticket *t, vy__binder *b, uint32_t index,
                          const vy_item *item, vy_diags *diags);
// Room in all slots, taken over at once or, in two steps, later.
vy_status vy__ticket_room(vy_ticket *t, vy_diags *diags);
vy_status vy__ticket_grow(vy_ticket *t, vy_diags *diags);
void vy__ticket_commit(vy_ticket *t);
// Take or renew the marks on resident buffers, of a ticket of one item.
// `count` as in the options.
vy_status vy__ticket_pin(vy_ticket *t, const vy_arg *args, const vy_arg *count,
                         vy_diags *diags);
void vy__ticket_unpin(vy_ticket *t);
// Let go of the outputs of all items.
void vy__ticket_release_outputs(vy_ticket *t);
vy_status vy__ticket_start(vy_ticket *t, vy_diags *diags);
// Give back claims, marks and memory of one that is not in flight.
void vy__ticket_cancel(vy_ticket *t);
void vy__ticket_unref(vy_ticket *t); // a blocking one ends by it
// The caller's one handle of a submission that is not blocking.
void vy__ticket_publish(vy_ticket *t);

// False: the deadline passed.
bool vy__ticket_wait(vy_ticket *t, uint64_t deadline_ns);
// Of a ticket that is done.
vy_status vy__ticket_result(const vy_ticket *t, vy_diags *diags);
void vy__ticket_timing(const vy_ticket *t, bool waited, vy_timing *timing);
// Wait for a ticket that was started, and both of it; `timing` may be NULL.
vy_status vy__ticket_finish(vy_ticket *t, vy_timing *timing, vy_diags *diags);
// Before anything runs: is the caller's struct one we can fill?
vy_status vy__check_timing(const vy_timing *timing, vy_diags *diags);

// fault.c: the status of one item, with a diagnostic that names the source.
vy_status vy__item_result(const vy_program *program, const vy__bound *item,
                          vy_str label, vy_diags *diags);

#endif
