// Prepared dispatches: a ticket that is bound once and started many times. It
// holds its resident buffers, so a run looks whether one was freed, clears
// what the last run left, and starts: what it writes is its own, and runs of
// different prepared dispatches do not meet. What is freed while it is at work
// it gives up before it is idle. A replaced argument that may change a check is
// bound afresh into a second ticket, which takes the first's place only when
// everything about it is right.
#include "dispatch/ticket.h"

struct vy_prepared {
  vy__tally tally;
  _Atomic uint32_t state; // vy__holder_state
  vy__refs refs;
  vy_pipeline *pipeline; // a public reference
  vy_ticket *ticket;
  vy_outputs *outputs; // claimed and retained; NULL: none
  vy_arg *args;
  // By parameter, then of the options' count. Bit p of `held`: there is one.
  vy__hold *holds;
  uint64_t held;
  bool holds_count;
  vy__kept_options options;
};

static const vy_allocator *alloc_of(const vy_prepared *p) {
  return &p->pipeline->device->context->alloc;
}

static uint32_t param_count(const vy_prepared *p) {
  return p->pipeline->plan.param_count;
}

static vy__buffers *buffers_of(const vy_prepared *p) {
  return &p->pipeline->device->buffers;
}

static void drop_ticket(vy_ticket *t) {
  if (!t)
    return;
  t->items[0].outputs = NULL; // the prepared dispatch's claim
  vy__ticket_cancel(t);
  vy__ticket_unref(t);
}

// ---- holds

static void let_go(vy_prepared *p) {
  for (uint64_t m = p->held; m; m &= m - 1)
    vy__buffers_let_go(buffers_of(p), &p->holds[__builtin_ctzll(m)]);
  if (p->holds_count)
    vy__buffers_let_go(buffers_of(p), &p->holds[param_count(p)]);
}

// The ticket's marks become holds.
static void hold(vy_prepared *p) {
  vy__bound *item = &p->ticket->items[0];
  p->held = item->pinned;
  p->holds_count = item->count_pin != NULL;
  for (uint64_t m = p->held; m; m &= m - 1) {
    uint32_t i = (uint32_t)__builtin_ctzll(m);
    vy__buffers_hold(buffers_of(p), &p->holds[i], item->pins[i], &p->state);
  }
  if (p->holds_count)
    vy__buffers_hold(buffers_of(p), &p->holds[param_count(p)], item->count_pin,
                     &p->state);
  item->pinned = 0;
  item->count_pin = NULL;
}

// Give up what was freed meanwhile. False, with an error if `diags` is not
// NULL: there is such a buffer.
static bool give_up_freed(vy_prepared *p, vy_diags *diags) {
  vy_status s = VY_OK;
  vy__hold *count = &p->holds[param_count(p)];
  if (p->holds_count && !vy__hold_is_good(count)) {
    vy__buffers_let_go(buffers_of(p), count);
    s = vy__buffers_stale(buffers_of(p), p->options.o.count.u.buffer,
                          "vy_dispatch_options: count", diags);
  }
  for (uint64_t m = p->held; m; m &= m - 1) {
    uint32_t i = (uint32_t)__builtin_ctzll(m);
    if (vy__hold_is_good(&p->holds[i]))
      continue;
    vy__buffers_let_go(buffers_of(p), &p->holds[i]);
    if (s == VY_OK)
      s = vy__buffers_stale(buffers_of(p), p->args[i].u.buffer,
                            vy__name_param(&p->pipeline->plan, i).text, diags);
  }
  return s == VY_OK;
}

static void leave(vy_prepared *p) {
  while (VY__UNLIKELY(!vy__buffers_leave(&p->state)))
    (void)give_up_freed(p, NULL);
}

static inline bool holds_are_good(const vy_prepared *p) {
  for (uint64_t m = p->held; m; m &= m - 1)
    if (!vy__hold_is_good(&p->holds[__builtin_ctzll(m)]))
      return false;
  return !p->holds_count || vy__hold_is_good(&p->holds[param_count(p)]);
}

// ---- making

static size_t holds_size(const vy_prepared *p) {
  return (param_count(p) + 1) * sizeof *p->holds;
}

static void destroy(vy_prepared *p) {
  vy_pipeline *pipeline = p->pipeline;
  const vy_allocator *a = alloc_of(p);
  drop_ticket(p->ticket);
  let_go(p);
  vy__tally_close(&p->tally);
  if (p->outputs) {
    vy__outputs_set_state(p->outputs, VY__OUTPUTS_FREE);
    vy_outputs_release(p->outputs);
  }
  if (p->args)
    vy__free(a, p->args, param_count(p) * sizeof *p->args);
  vy__free(a, p->holds, holds_size(p));
  vy__options_drop(a, &p->options);
  vy__free_aligned(a, p, sizeof *p);
  vy_pipeline_release(pipeline);
}

// Bind `args` into a new ticket, which has marked its buffers.
static vy_status bind(vy_prepared *p, const vy_arg *args, vy_ticket **out,
                      vy_diags *diags) {
  vy_pipeline *pipeline = p->pipeline;
  vy_ticket *t = NULL;
  vy__binder b;
  VY_TRY(vy__binder_init(&b, &pipeline->plan, &pipeline->device->buffers,
                         pipeline->flags, &p->options.o, diags));
  vy__ticket_shape shape = {.item_count = 1, .blocking = true};
  VY_TRY(vy__ticket_make(pipeline->device, pipeline, &shape, &t, diags));
  t->prepared = true;
  t->tally = &p->tally;
  vy__ticket_set_options(t, &b.options);
  vy__ticket_set_item(t, 0);
  t->items[0].outputs = p->outputs;
  vy_status s = vy__bind_item(&b, &t->items[0], args, param_count(p), diags);
  if (s == VY_OK)
    s = vy__ticket_room(t, diags);
  else
    t->items[0].outputs = NULL;
  if (s != VY_OK) {
    if (t->items[0].outputs)
      vy__bind_abandon(&pipeline->plan, &t->items[0]);
    drop_ticket(t);
    return s;
  }
  *out = t;
  return VY_OK;
}

static vy_status copy_inputs(vy_prepared *p, const vy_arg *args,
                             const vy_dispatch_options *options,
                             vy_diags *diags) {
  VY_TRY(vy__options_keep(alloc_of(p), options, &p->options, diags));
  p->args = vy__alloc(alloc_of(p), param_count(p) * sizeof *p->args);
  p->holds = vy__calloc(alloc_of(p), 1, holds_size(p));
  if (!p->args || !p->holds)
    return vy__fail_oom(diags, "a prepared dispatch");
  if (param_count(p))
    memcpy(p->args, args, param_count(p) * sizeof *args);
  return VY_OK;
}

vy_status vy_prepare(vy_pipeline *pipeline, const vy_arg *args,
                     size_t arg_count, const vy_dispatch_options *options,
                     vy_outputs *outputs, vy_prepared **out, vy_diags *diags) {
  if (!pipeline || !out || (!args && arg_count))
    return vy__fail_argument(diags, "vy_prepare: %s is NULL",
                             !pipeline ? "pipeline"
                             : !out    ? "out"
                                       : "args");
  const vy__ir *ir = &pipeline->program->ir;
  if (arg_count != ir->param_count)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_COUNT,
                    "program '%s' has %u parameters; %zu arguments are given",
                    vy__ir_string(ir, ir->name), ir->param_count, arg_count);
  VY_TRY(vy__device_usable(pipeline->device, diags));
  if (outputs &&
      !vy__outputs_claim(outputs, VY__OUTPUTS_FREE, VY__OUTPUTS_PREPARED))
    return vy__fail(diags, NULL, VY__E_OUTPUTS_BUSY,
                    "the outputs object belongs to a dispatch in flight or to "
                    "another prepared dispatch");
  vy_context *context = pipeline->device->context;
  vy_prepared *p = vy__alloc_aligned(&context->alloc, sizeof *p);
  if (!p) {
    if (outputs)
      vy__outputs_set_state(outputs, VY__OUTPUTS_FREE);
    return vy__fail_oom(diags, "a prepared dispatch");
  }
  vy__refs_init(&p->refs);
  vy__tally_open(context, &p->tally);
  p->pipeline = vy_pipeline_retain(pipeline);
  p->outputs = vy_outputs_retain(outputs);
  vy_status s = copy_inputs(p, args, options, diags);
  if (s == VY_OK)
    s = bind(p, p->args, &p->ticket, diags);
  if (s != VY_OK) {
    destroy(p);
    return s;
  }
  atomic_init(&p->state, VY__HOLDER_AT_WORK);
  hold(p);
  leave(p);
  *out = p;
  return VY_OK;
}

static vy_status fail_busy(vy_diags *diags) {
  return vy__fail(diags, NULL, VY__E_PREPARED_BUSY,
                  "the prepared dispatch is running in another thread");
}

// ---- replacing

static uint64_t bytes_bound(const vy_prepared *p, uint32_t i, const vy_arg *a) {
  uint64_t size = 0;
  if (a->kind != VY_ARG_BUFFER || a->size != UINT64_MAX)
    return a->size;
  vy_device *d = p->pipeline->device;
  vy_buffer b = {a->u.buffer};
  if (vy_buffer_size(d, b, &size, NULL) != VY_OK || a->offset > size)
    return p->ticket->items[0].binds[i].size; // binding reports it
  return size - a->offset;
}

static vy_status check_change(const vy_prepared *p, uint32_t i, const vy_arg *a,
                              vy_diags *diags) {
  const vy_arg *old = &p->args[i];
  vy__arg_name n = vy__name_param(&p->pipeline->plan, i);
  if (a->kind != old->kind)
    return vy__fail(diags, NULL, VY__E_PREPARED_CHANGE,
                    "%s was prepared with an argument of kind %s, not %s",
                    n.text, vy__arg_kind_name(old->kind),
                    vy__arg_kind_name(a->kind));
  if (a->kind == VY_ARG_HOST || a->kind == VY_ARG_BUFFER) {
    uint64_t had = p->ticket->items[0].binds[i].size;
    uint64_t got = bytes_bound(p, i, a);
    if (had != got)
      return vy__fail(diags, NULL, VY__E_PREPARED_CHANGE,
                      "%s was prepared with %llu bytes, not %llu", n.text,
                      (unsigned long long)had, (unsigned long long)got);
  } else if (a->kind == VY_ARG_LENGTH && a->size != old->size) {
    return vy__fail(diags, NULL, VY__E_PREPARED_CHANGE,
                    "%s was prepared with %llu elements, not %llu", n.text,
                    (unsigned long long)old->size, (unsigned long long)a->size);
  }
  return VY_OK;
}

static vy_status rebind(vy_prepared *p, uint32_t i, const vy_arg *a,
                        vy_diags *diags) {
  vy_ticket *fresh = NULL;
  vy_arg old = p->args[i];
  p->args[i] = *a;
  vy_status s = bind(p, p->args, &fresh, diags);
  if (s != VY_OK) {
    p->args[i] = old;
    return s;
  }
  drop_ticket(p->ticket);
  let_go(p);
  p->ticket = fresh;
  hold(p);
  return VY_OK;
}

// A scalar that no size uses is replaced where it lies.
static bool plain_scalar(const vy_prepared *p, uint32_t i, const vy_arg *a) {
  const vy__plan *plan = &p->pipeline->plan;
  uint32_t width = vy__type_bits(plan->program->ir.params[i].type);
  return a->kind == VY_ARG_SCALAR && a->type == p->args[i].type &&
         !a->reserved[0] && !a->reserved[1] && !(plan->size_scalars >> i & 1) &&
         (width >= 64 || a->u.bits >> width == 0);
}

vy_status vy_prepared_set(vy_prepared *p, uint32_t index, const vy_arg *arg,
                          vy_diags *diags) {
  if (!p || !arg)
    return vy__fail_argument(diags, "vy_prepared_set: %s is NULL",
                             p ? "arg" : "prepared");
  if (index >= param_count(p))
    return vy__fail_argument(diags,
                             "vy_prepared_set: index is %u; the program "
                             "has %u parameters",
                             index, param_count(p));
  VY_TRY(vy__device_usable(p->pipeline->device, diags));
  if (!vy__buffers_enter(buffers_of(p), &p->state))
    return fail_busy(diags);
  vy_status s = VY_OK;
  if (plain_scalar(p, index, arg)) {
    p->args[index] = *arg;
    p->ticket->items[0].scalars[index] = arg->u.bits;
  } else {
    s = check_change(p, index, arg, diags);
    if (s == VY_OK)
      s = rebind(p, index, arg, diags);
  }
  leave(p);
  return s;
}

// ---- running

static void clear(vy_ticket *t, bool timed) {
  vy__bound *item = &t->items[0];
  t->timed = t->device_times = timed;
  item->launch->fault = (vy__fault){0};
  item->bad_output = VY__NONE;
  item->bytes_out = 0;
  t->launch.timing_present = 0;
  if (item->launch->count)
    vy__launch_count(item->launch, t->program, UINT32_MAX);
  atomic_store_explicit(&t->done, 0, memory_order_relaxed);
  if (timed || t->device->context->trace)
    t->begin_ns = vy__now_ns();
  if (item->returns)
    vy__bind_commit(&t->pipeline->plan, item);
}

static vy_status run(vy_prepared *p, vy_timing *timing, vy_diags *diags) {
  vy_ticket *t = p->ticket;
  if (VY__UNLIKELY(!holds_are_good(p)) && !give_up_freed(p, diags))
    return VY_ERROR_STALE_HANDLE;
  clear(t, timing != NULL);
  if (p->outputs)
    vy__outputs_set_state(p->outputs, VY__OUTPUTS_PREPARED_RUNNING);
  vy_status s = vy__ticket_start(t, diags);
  if (s != VY_OK) {
    if (p->outputs)
      vy__outputs_set_state(p->outputs, VY__OUTPUTS_PREPARED);
    return s;
  }
  return vy__ticket_finish(t, timing, diags);
}

vy_status vy_prepared_run(vy_prepared *p, vy_timing *timing, vy_diags *diags) {
  if (!p)
    return vy__fail_argument(diags, "vy_prepared_run: prepared is NULL");
  if (timing)
    VY_TRY(vy__check_timing(timing, diags));
  VY_TRY(vy__device_usable(p->pipeline->device, diags));
  if (!vy__buffers_enter(buffers_of(p), &p->state))
    return fail_busy(diags);
  vy_status s = run(p, timing, diags);
  leave(p);
  return s;
}

vy_prepared *vy_prepared_retain(vy_prepared *p) {
  if (p)
    vy__refs_take(&p->refs);
  return p;
}

void vy_prepared_release(vy_prepared *p) {
  if (p && !vy__device_forked(p->pipeline->device) && vy__refs_drop(&p->refs))
    destroy(p);
}
