// Submissions: making, starting, completing. Completion runs on whatever
// thread the backend chooses; it leaves slots, statistics and marks final
// before it sets `done`, and the ticket is then only read.
#include "dispatch/sequence.h"

typedef unsigned long long ull;

// ---- one block

// Where the arrays of all items lie in the block. Each item gets its part when
// it is bound.
typedef struct layout {
  size_t launch, bound, binds, outs, pins, scalars, lengths, after, end;
} layout;

// `count` things of `size` bytes at the next multiple of 16.
static size_t place(uint64_t *at, uint64_t count, uint64_t size) {
  uint64_t from = (*at + 15) & ~(uint64_t)15;
  *at = from + count * size;
  return (size_t)from;
}

// The counts are below 2^32, a program has at most 64 parameters: 64 bits are
// enough. False when the block could not be allocated anyway.
static bool lay_out(layout *l, const vy__plan *plan,
                    const vy__ticket_shape *shape) {
  uint64_t at = sizeof(vy_ticket), items = shape->item_count;
  uint64_t params = plan ? items * plan->param_count : 0;
  uint64_t outs = plan ? items * plan->output_count : 0;
  l->launch = place(&at, items, sizeof(vy__launch_item));
  l->bound = place(&at, items, sizeof(vy__bound));
  l->binds = place(&at, params, sizeof(vy__bind));
  l->outs = place(&at, outs, sizeof(vy__out));
  l->pins = place(&at, params, sizeof(vy__buffer_slot *));
  l->scalars = place(&at, params, sizeof(uint64_t));
  l->lengths = place(&at, params, sizeof(uint64_t));
  l->after = place(&at, shape->after_count, sizeof(vy_ticket *));
  l->end = (size_t)at;
  return at <= SIZE_MAX / 2;
}

static void set_arrays(vy_ticket *t, const layout *l) {
  uint8_t *base = (uint8_t *)t;
  t->after = (vy_ticket **)(void *)(base + l->after);
  t->items = (vy__bound *)(void *)(base + l->bound);
  t->launch.items = (vy__launch_item *)(void *)(base + l->launch);
  if (!t->item_count)
    return;
  vy__bound *first = &t->items[0];
  first->binds = (vy__bind *)(void *)(base + l->binds);
  first->outs = (vy__out *)(void *)(base + l->outs);
  first->pins = (vy__buffer_slot **)(void *)(base + l->pins);
  first->scalars = (uint64_t *)(void *)(base + l->scalars);
  first->lengths = (uint64_t *)(void *)(base + l->lengths);
}

void vy__ticket_set_item(vy_ticket *t, uint32_t i) {
  const vy__plan *plan = &t->pipeline->plan;
  const vy__bound *first = &t->items[0];
  size_t param = (size_t)i * plan->param_count;
  size_t out = (size_t)i * plan->output_count;
  vy__bound *b = &t->items[i];
  b->launch = &t->launch.items[i];
  b->binds = first->binds + param;
  b->scalars = first->scalars + param;
  b->lengths = first->lengths + param;
  b->pins = first->pins + param;
  b->outs = first->outs + out;
  b->launch->binds = b->binds;
  b->launch->scalars = b->scalars;
  vy__bound_clear(b);
  t->bound = i + 1;
}

static void *take_block(vy_device *d, const vy__ticket_shape *shape,
                        size_t size) {
  if (!shape->memory || size > shape->memory_size)
    return vy__pool_take(&d->pool, size);
  ((vy__block *)shape->memory)->size = 0; // not the pool's
  return shape->memory;
}

vy_status vy__ticket_make(vy_device *d, vy_pipeline *pipeline,
                          const vy__ticket_shape *shape, vy_ticket **out,
                          vy_diags *diags) {
  VY_TRY(vy__device_usable(d, diags));
  layout l;
  if (shape->item_count > UINT32_MAX / VY__MAX_PARAMS ||
      shape->after_count > UINT32_MAX)
    return vy__fail_argument(diags, "%zu items after %zu tickets are too many",
                             shape->item_count, shape->after_count);
  bool fits = lay_out(&l, pipeline ? &pipeline->plan : NULL, shape);
  vy_ticket *t = fits ? take_block(d, shape, l.end) : NULL;
  if (!t)
    return vy__fail_oom(diags, "a submission");
  memset((uint8_t *)t + sizeof t->block, 0, sizeof *t - sizeof t->block);
  vy__refs_init(&t->refs);
  t->device = d;
  t->blocking = shape->blocking;
  if (!t->blocking)
    vy__device_hold(d);
  t->pipeline = pipeline;
  t->program = pipeline ? pipeline->program : NULL;
  t->launch.blocking = t->blocking;
  t->item_count = (uint32_t)shape->item_count;
  set_arrays(t, &l);
  *out = t;
  return VY_OK;
}

void vy__ticket_publish(vy_ticket *t) {
  vy__refs_init(&t->users);
  vy_device_retain(t->device);
}

void vy__ticket_unref(vy_ticket *t) {
  vy_device *d = t->device;
  bool held = !t->blocking;
  if (held && !vy__refs_drop(&t->refs))
    return;
  vy_program_release(t->kept_program);
  if (t->block.size)
    vy__pool_give(&d->pool, t);
  if (held)
    vy__device_unhold(d);
}

// ---- claims and marks

vy_status vy__ticket_pin(vy_ticket *t, const vy_arg *args, const vy_arg *count,
                         vy_diags *diags) {
  if (count->kind == VY_ARG_BUFFER)
    VY_TRY(vy__pin_u32(&t->device->buffers, count, "vy_dispatch_options: count",
                       &t->items[0].count_pin, diags));
  for (uint32_t p = 0; p < t->pipeline->plan.param_count; p++) {
    if (args[p].kind != VY_ARG_BUFFER)
      continue;
    vy__buffer_slot *s = vy__buffers_pin(&t->device->buffers, args[p].u.buffer);
    if (!s)
      return vy__buffers_stale(&t->device->buffers, args[p].u.buffer,
                               vy__name_param(&t->pipeline->plan, p).text,
                               diags);
    t->items[0].pins[p] = s;
    t->items[0].pinned |= UINT64_C(1) << p;
  }
  return VY_OK;
}

void vy__ticket_unpin(vy_ticket *t) {
  vy__buffers *buffers = &t->device->buffers;
  for (uint32_t i = 0; i < t->bound; i++) {
    vy__bound *item = &t->items[i];
    for (; item->pinned; item->pinned &= item->pinned - 1)
      vy__buffers_unpin(buffers, item->pins[__builtin_ctzll(item->pinned)]);
    if (item->count_pin)
      vy__buffers_unpin(buffers, item->count_pin);
    item->count_pin = NULL;
  }
}

void vy__ticket_release_outputs(vy_ticket *t) {
  if (t->plain)
    return;
  for (uint32_t i = 0; i < t->bound; i++) {
    vy__bound *item = &t->items[i];
    if (item->returns)
      vy__bind_finish(&t->pipeline->plan, &t->device->context->alloc, item);
    if (!item->outputs)
      continue;
    vy__outputs_set_state(item->outputs, VY__OUTPUTS_FREE);
    vy_outputs_release(item->outputs);
    item->outputs = NULL;
  }
}

static void release_after(vy_ticket *t) {
  for (uint32_t i = 0; i < t->after_count; i++)
    vy__ticket_unref(t->after[i]);
  t->after_count = 0;
}

void vy__ticket_cancel(vy_ticket *t) {
  for (uint32_t i = 0; i < t->bound; i++)
    vy__bind_abandon(&t->pipeline->plan, &t->items[i]);
  vy__ticket_unpin(t);
  vy__ticket_release_outputs(t);
  release_after(t);
}

vy_status vy__ticket_bind(vy_ticket *t, vy__binder *b, uint32_t index,
                          const vy_item *from, vy_diags *diags) {
  vy__bound *item = &t->items[index];
  uint32_t first = diags ? diags->count : 0;
  vy_status s = VY_OK;
  vy__ticket_set_item(t, index);
  if (from->outputs &&
      !vy__outputs_claim(from->outputs, VY__OUTPUTS_FREE, VY__OUTPUTS_RUNNING))
    s = vy__fail(diags, NULL, VY__E_OUTPUTS_BUSY,
                 "the outputs object belongs to a dispatch in flight, a "
                 "prepared dispatch or another item");
  else if (from->outputs)
    item->outputs = vy_outputs_retain(from->outputs);
  if (s == VY_OK)
    s = vy__bind_item(b, item, from->args, from->arg_count, diags);
  if (s != VY_OK && t->batch && diags)
    vy__diags_set_item(diags, first, index);
  return s;
}

vy_status vy__ticket_grow(vy_ticket *t, vy_diags *diags) {
  const vy__plan *plan = &t->pipeline->plan;
  for (uint32_t i = 0; i < t->item_count; i++)
    if (t->items[i].returns &&
        !vy__bind_grow(plan, &t->device->context->alloc, &t->items[i]))
      return vy__fail_oom(diags, "output slots");
  return VY_OK;
}

void vy__ticket_commit(vy_ticket *t) {
  for (uint32_t i = 0; i < t->item_count; i++)
    if (t->items[i].returns)
      vy__bind_commit(&t->pipeline->plan, &t->items[i]);
}

vy_status vy__ticket_room(vy_ticket *t, vy_diags *diags) {
  VY_TRY(vy__ticket_grow(t, diags));
  vy__ticket_commit(t);
  return VY_OK;
}

// ---- completion

static vy_ticket *ticket_of(vy__launch *l) {
  return (vy_ticket *)(void *)((uint8_t *)l - offsetof(vy_ticket, launch));
}

static void wait_for_others(vy__launch *l) {
  vy_ticket *t = ticket_of(l);
  for (uint32_t i = 0; i < t->after_count; i++)
    vy__device_await(t->after[i]->device, &t->after[i]->done, false);
}

static void count(vy_ticket *t, vy__counter which, uint64_t by) {
  if (t->tally)
    vy__tally_add(t->tally, which, (int64_t)by);
  else
    vy__count(t->device->context, which, (int64_t)by);
}

// Only what a slot holds; the faults stay for vy__ticket_result.
static void finish_items(vy_ticket *t) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < t->item_count && !t->plain; i++) {
    vy__bound *item = &t->items[i];
    if (item->returns && t->launch_status == VY_OK &&
        item->launch->fault.kind == VY__FAULT_NONE)
      (void)vy__bind_return(&t->pipeline->plan, item);
    bytes += item->bytes_out;
  }
  count(t, VY__COUNT_BYTES_OUT, bytes);
}

static void trace(const vy_ticket *t) {
  vy_context *c = t->device->context;
  vy_str name = {t->label, t->label_size};
  if (t->sequence)
    name = vy_str_c("sequence");
  else if (!name.size)
    name = vy_str_c(vy__ir_string(&t->program->ir, t->program->ir.name));
  vy__trace_span(c, name, "dispatch", 0, t->begin_ns, t->completed_ns);
  const vy__launch *l = &t->launch;
  if (l->timing_present & VY_TIMING_DEVICE)
    vy__trace_span(c, name, "device", 1, t->completed_ns - l->device_ns,
                   t->completed_ns);
}

// What is in flight: a pipeline's launch or a sequence's replay.
static void hold_work(vy_pipeline *p, vy_sequence *s) {
  if (s)
    vy__sequence_hold(s);
  else
    vy__pipeline_hold(p);
}

static void unhold_work(vy_pipeline *p, vy_sequence *s) {
  if (s)
    vy__sequence_unhold(s);
  else
    vy__pipeline_unhold(p);
}

static void land(vy_ticket *t) {
  vy_device *d = t->device;
  vy_pipeline *p = t->pipeline;
  vy_sequence *sequence = t->sequence;
  if (t->prepared) {
    if (t->items[0].outputs)
      vy__outputs_set_state(t->items[0].outputs, VY__OUTPUTS_PREPARED);
  } else {
    vy__ticket_release_outputs(t);
  }
  if (t->blocking) { // the last touch: the caller may go on and free it all
    atomic_store_explicit(&t->done, 1, memory_order_release);
    return;
  }
  release_after(t);
  if (p)
    t->kept_program = vy_program_retain(p->program);
  t->pipeline = NULL;
  t->sequence = NULL;
  atomic_store(&t->done, 1);
  vy__device_notify(d);
  unhold_work(p, sequence);
  vy__ticket_unref(t);
  vy__device_hold(d);
  atomic_fetch_sub(&d->in_flight, 1);
  vy__device_notify(d);
  vy__device_unhold(d);
}

static void complete(vy__launch *l, vy_status status) {
  vy_ticket *t = ticket_of(l);
  t->launch_status = status;
  if (t->sequence) {
    vy__sequence_landed(t->sequence, t);
  } else {
    finish_items(t);
    vy__ticket_unpin(t);
  }
  if (t->timed || t->device->context->trace)
    t->completed_ns = vy__now_ns();
  if (t->device->context->trace)
    trace(t);
  land(t);
}

// ---- starting

static void count_start(vy_ticket *t) {
  uint64_t in = 0;
  for (uint32_t i = 0; i < t->item_count && !t->plain; i++)
    in += t->items[i].bytes_in;
  if (t->item_count == 1 && !t->sequence) {
    count(t, VY__COUNT_SINGLES, 1);
  } else {
    if (!t->sequence) // which counts what has run
      count(t, VY__COUNT_DISPATCHES, t->item_count);
    count(t, VY__COUNT_SUBMISSIONS, 1);
  }
  count(t, VY__COUNT_BYTES_IN, in);
}

vy_status vy__ticket_start(vy_ticket *t, vy_diags *diags) {
  vy_device *d = t->device;
  if (t->pipeline) {
    t->launch.code = t->pipeline->compiled->code;
    t->launch.item_count = t->item_count;
  }
  t->launch.want_timing = t->device_times || d->context->trace;
  t->launch.before = t->after_count ? wait_for_others : NULL;
  t->launch.complete = complete;
  if (!t->blocking) {
    hold_work(t->pipeline, t->sequence);
    vy__refs_take(&t->refs);
    atomic_fetch_add(&d->in_flight, 1);
  }
  count_start(t);
  if (t->timed)
    t->enqueue_ns = vy__now_ns();
  vy_status s = t->sequence ? d->ops->replay(d->impl, &t->launch)
                            : d->ops->submit(d->impl, &t->launch);
  if (s == VY_OK) {
    if (t->timed)
      t->enqueued_ns = vy__now_ns();
    return VY_OK;
  }
  if (!t->blocking) {
    unhold_work(t->pipeline, t->sequence);
    vy__ticket_unref(t);
    atomic_fetch_sub(&d->in_flight, 1);
    vy__device_notify(d);
  }
  return vy__fail(diags, NULL,
                  s == VY_ERROR_DEVICE_LOST            ? VY__E_DEVICE_LOST
                  : s == VY_ERROR_OUT_OF_DEVICE_MEMORY ? VY__E_DEVICE_MEMORY
                  : s == VY_ERROR_OUT_OF_HOST_MEMORY ? VY__E_OUT_OF_HOST_MEMORY
                                                     : VY__E_DISPATCH_FAILED,
                  "the device did not take the submission: %s",
                  vy_status_name(s));
}

void vy__ticket_set_options(vy_ticket *t, const vy_dispatch_options *o) {
  t->launch.iterations = o->iterations;
  t->launch.budget = o->budget;
  t->label_size = o->label.size < sizeof t->label ? (uint32_t)o->label.size
                                                  : (uint32_t)sizeof t->label;
  if (t->label_size)
    memcpy(t->label, o->label.data, t->label_size);
}

vy_status vy__ticket_take_after(vy_ticket *t, vy_ticket *const *after,
                                size_t count, vy_diags *diags) {
  for (size_t i = 0; i < count; i++) {
    vy_ticket *other = after[i];
    if (!other)
      return vy__fail_argument(diags, "after[%zu] is NULL", i);
    if (atomic_load_explicit(&other->done, memory_order_acquire))
      continue;
    vy__refs_take(&other->refs);
    t->after[t->after_count++] = other;
  }
  return VY_OK;
}

static vy_status bind_all(vy_ticket *t, const vy__submission *s,
                          vy_diags *diags) {
  vy__binder b;
  vy_pipeline *p = s->pipeline;
  VY_TRY(vy__binder_init(&b, &p->plan, &p->device->buffers, p->flags,
                         s->options, diags));
  vy__ticket_set_options(t, &b.options);
  t->device_times = t->blocking ? t->timed : b.options.device_times;
  VY_TRY(vy__ticket_take_after(t, s->after, s->after_count, diags));
  bool plain = true;
  for (uint32_t i = 0; i < t->item_count; i++) {
    VY_TRY(vy__ticket_bind(t, &b, i, &s->items[i], diags));
    plain = plain && vy__bound_is_plain(&t->items[i]);
  }
  t->plain = plain;
  return plain ? VY_OK : vy__ticket_room(t, diags);
}

// Nothing to run: done as it is made.
static void land_empty(vy_ticket *t) {
  release_after(t);
  if (!t->blocking) {
    t->kept_program = vy_program_retain(t->pipeline->program);
    t->pipeline = NULL;
  }
  t->enqueue_ns = t->enqueued_ns = t->completed_ns = t->begin_ns;
  atomic_store(&t->done, 1);
}

vy_status vy__submit(const vy__submission *s, void *memory, size_t memory_size,
                     vy_ticket **out, vy_diags *diags) {
  vy_ticket *t = NULL;
  vy__ticket_shape shape = {s->item_count, s->after_count, s->blocking, memory,
                            memory_size};
  VY_TRY(vy__ticket_make(s->pipeline->device, s->pipeline, &shape, &t, diags));
  t->batch = s->batch;
  t->timed = s->timed;
  if (t->timed || t->device->context->trace)
    t->begin_ns = vy__now_ns();
  vy_status st = bind_all(t, s, diags);
  if (st == VY_OK && t->item_count == 0)
    land_empty(t);
  else if (st == VY_OK)
    st = vy__ticket_start(t, diags);
  if (st != VY_OK) {
    vy__ticket_cancel(t);
    vy__ticket_unref(t);
    return st;
  }
  *out = t;
  return VY_OK;
}
