// Replays: the submission that stands for all steps, and what it leaves.
#include "dispatch/sequence.h"

enum { STACK_TICKET = 1024 };

static vy_status check_ready(const vy_sequence *s, vy_diags *diags) {
  VY_TRY(vy__device_usable(s->device, diags));
  if (s->state != VY__SEQUENCE_READY)
    return vy__fail(diags, NULL, VY__E_SEQUENCE_ORDER, "the sequence is %s",
                    s->state == VY__SEQUENCE_OPEN
                        ? "not finished"
                        : "not usable: vy_sequence_finish failed");
  if (atomic_load(&s->recorded_late))
    return vy__fail(diags, NULL, VY__E_SEQUENCE_ORDER,
                    "a step was recorded after vy_sequence_finish");
  return VY_OK;
}

static bool enter(vy_sequence *s) {
  uint32_t idle = 0;
  return atomic_compare_exchange_strong(&s->busy, &idle, 1);
}

static void leave(vy_sequence *s) {
  atomic_store_explicit(&s->busy, 0, memory_order_release);
}

// ---- starting

// The ticket of the replay has one item: it takes the fault of the step that
// fails.
static void set_up(vy_ticket *t, vy_sequence *s) {
  vy__bound *item = &t->items[0];
  t->sequence = s;
  t->batch = true; // messages name the step
  t->launch.recording = s->recording;
  t->launch.iterations = 1;
  item->launch = &t->launch.items[0];
  *item->launch = (vy__launch_item){0};
  item->outputs = NULL;
  item->bytes_in = item->bytes_out = 0;
  item->bad_output = VY__NONE;
}

static uint64_t bytes_in(const vy_sequence *s) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < s->step_count; i++)
    if (s->steps[i].launch)
      bytes += s->steps[i].launch->ticket->items[0].bytes_in;
  return bytes;
}

// In `busy`. On failure the sequence is as before, and t->sequence is NULL.
static vy_status start(vy_ticket *t, vy_sequence *s,
                       const vy_bindings *bindings, vy_diags *diags) {
  VY_TRY(vy__sequence_bind(s, bindings, diags));
  set_up(t, s);
  t->items[0].bytes_in = bytes_in(s);
  vy_status st = vy__ticket_start(t, diags);
  if (st != VY_OK)
    vy__sequence_let_go(s);
  return st;
}

typedef struct replay {
  vy_sequence *sequence;
  const vy_bindings *bindings;
  vy_ticket *const *after;
  vy__ticket_shape shape;
  bool timed;
} replay;

// The result has no `users`, as that of vy__submit.
static vy_status submit(const replay *r, vy_ticket **out, vy_diags *diags) {
  vy_sequence *s = r->sequence;
  vy_ticket *t = NULL;
  if (!enter(s))
    return vy__fail(diags, NULL, VY__E_SEQUENCE_BUSY,
                    "a replay of this sequence is in flight");
  vy_status st = vy__ticket_make(s->device, NULL, &r->shape, &t, diags);
  if (st == VY_OK) {
    t->timed = r->timed;
    t->device_times = r->timed && r->shape.blocking;
    if (t->timed || t->device->context->trace)
      t->begin_ns = vy__now_ns();
    st = vy__ticket_take_after(t, r->after, r->shape.after_count, diags);
    if (st == VY_OK)
      st = start(t, s, r->bindings, diags);
    if (st == VY_OK) {
      *out = t;
      return VY_OK;
    }
    vy__ticket_cancel(t);
    vy__ticket_unref(t);
  }
  leave(s);
  return st;
}

vy_status vy_sequence_replay(vy_sequence *s, const vy_bindings *bindings,
                             vy_timing *timing, vy_diags *diags) {
  _Alignas(64) uint8_t memory[STACK_TICKET];
  vy_ticket *t = NULL;
  if (!s)
    return vy__fail_argument(diags, "vy_sequence_replay: sequence is NULL");
  VY_TRY(vy__check_timing(timing, diags));
  VY_TRY(check_ready(s, diags));
  replay r = {.sequence = s, .bindings = bindings, .timed = timing != NULL};
  r.shape = (vy__ticket_shape){.item_count = 1,
                               .blocking = true,
                               .memory = memory,
                               .memory_size = sizeof memory};
  VY_TRY(submit(&r, &t, diags));
  vy_status st = vy__ticket_finish(t, timing, diags);
  vy__ticket_unref(t);
  return st;
}

vy_status vy_sequence_submit(vy_sequence *s, const vy_bindings *bindings,
                             vy_ticket *const *after, size_t after_count,
                             vy_ticket **out, vy_diags *diags) {
  vy_ticket *t = NULL;
  if (!s || !out || (!after && after_count))
    return vy__fail_argument(diags, "vy_sequence_submit: %s is NULL",
                             !s     ? "sequence"
                             : !out ? "out"
                                    : "after");
  VY_TRY(check_ready(s, diags));
  replay r = {.sequence = s, .bindings = bindings, .after = after};
  r.shape = (vy__ticket_shape){.item_count = 1, .after_count = after_count};
  r.timed = true;
  VY_TRY(submit(&r, &t, diags));
  vy__ticket_publish(t);
  *out = t;
  return VY_OK;
}

// ---- after the run

// How often a step ran.
static uint64_t runs(const vy_sequence *s, const vy__seq_step *step) {
  return step->repeat == VY__NONE ? 1
                                  : s->recording->steps[step->repeat].passes;
}

// Settle the slots of all steps that ran; the step whose readback range is
// wrong, or VY__NONE.
static uint32_t return_all(vy_sequence *s, uint64_t *bytes) {
  for (uint32_t i = 0; i < s->step_count; i++) {
    vy__seq_launch *l = s->steps[i].launch;
    if (!l || !runs(s, &s->steps[i]))
      continue;
    if (!vy__bind_return(&l->pipeline->plan, &l->ticket->items[0]))
      return i;
    *bytes += l->ticket->items[0].bytes_out;
  }
  return VY__NONE;
}

static void empty_slots(vy_sequence *s) {
  for (uint32_t i = 0; i < s->step_count; i++) {
    vy__seq_launch *l = s->steps[i].launch;
    vy_outputs *o = l ? l->ticket->items[0].outputs : NULL;
    for (uint32_t k = 0; o && k < o->count; k++) {
      o->slots[k].size = 0;
      o->slots[k].returned = false;
    }
  }
}

static void count_runs(const vy_sequence *s, uint64_t bytes) {
  uint64_t n = 0;
  for (uint32_t i = 0; i < s->step_count; i++)
    if (s->steps[i].launch)
      n += runs(s, &s->steps[i]);
  vy__count(s->device->context, VY__COUNT_DISPATCHES, (int64_t)n);
  vy__count(s->device->context, VY__COUNT_BYTES_OUT, (int64_t)bytes);
}

// The ticket speaks for the step that failed.
static void take_failure(vy_ticket *t, const vy__seq_launch *l, uint32_t step) {
  const vy_ticket *from = l->ticket;
  vy__launch_item *to = t->items[0].launch;
  *to = *from->items[0].launch;
  to->binds = NULL;
  to->scalars = NULL;
  t->items[0].bad_output = from->items[0].bad_output;
  t->items[0].bad_why = from->items[0].bad_why;
  t->items[0].bad_lo = from->items[0].bad_lo;
  t->items[0].bad_hi = from->items[0].bad_hi;
  t->label_size = from->label_size;
  memcpy(t->label, from->label, from->label_size);
  t->first = step;
  t->kept_program = vy_program_retain(l->pipeline->program);
  t->program = t->kept_program;
}

static void keep_answers(vy_sequence *s) {
  for (uint32_t i = 0; i < s->step_count; i++) {
    vy__step *from = &s->recording->steps[i];
    from->changed = 0;
    if (from->kind != VY__STEP_REPEAT)
      continue;
    atomic_store_explicit(&s->steps[i].passes, from->passes,
                          memory_order_relaxed);
    atomic_store_explicit(&s->steps[i].left, from->left, memory_order_relaxed);
  }
}

void vy__sequence_landed(vy_sequence *s, vy_ticket *t) {
  uint64_t bytes = 0;
  if (t->launch_status == VY_OK) {
    uint32_t failed = s->recording->failed;
    if (failed == VY__NONE)
      failed = return_all(s, &bytes);
    if (failed != VY__NONE) {
      empty_slots(s);
      bytes = 0;
      take_failure(t, s->steps[failed].launch, failed);
    }
    keep_answers(s);
    count_runs(s, bytes);
  }
  t->items[0].bytes_out = bytes;
  vy__sequence_let_go(s);
  leave(s);
}

vy_status vy_sequence_passes(const vy_sequence *s, int32_t step,
                             uint64_t *passes, uint32_t *left) {
  if (!s || s->state != VY__SEQUENCE_READY || step < 0 ||
      (uint32_t)step >= s->step_count || s->steps[step].kind != VY__STEP_REPEAT)
    return VY_ERROR_INVALID_ARGUMENT;
  VY_TRY(vy__device_usable(s->device, NULL));
  if (atomic_load_explicit(&s->busy, memory_order_acquire))
    return VY_ERROR_BUSY;
  const vy__seq_step *r = &s->steps[step];
  if (passes)
    *passes = atomic_load_explicit(&r->passes, memory_order_relaxed);
  if (left)
    *left = atomic_load_explicit(&r->left, memory_order_relaxed);
  return VY_OK;
}
