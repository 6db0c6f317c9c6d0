// The public ways to dispatch, each a thin wrapper over vy__submit: they can
// differ in what they return, not in what they do.
//
// Sequences stand beside these (sequence.h); vy_dispatch_rows belongs there
// too.
#include "dispatch/ticket.h"

// Room for the ticket of one item with some ten parameters.
enum { STACK_TICKET = 4096 };

static vy_status null_argument(vy_diags *diags, const char *call,
                               const char *what) {
  return vy__fail_argument(diags, "%s: %s is NULL", call, what);
}

// Submit, wait, report.
static vy_status run_blocking(const vy__submission *s, vy_timing *timing,
                              vy_diags *diags) {
  _Alignas(64) uint8_t memory[STACK_TICKET];
  vy_ticket *t = NULL;
  VY_TRY(vy__submit(s, memory, sizeof memory, &t, diags));
  vy_status st = vy__ticket_finish(t, timing, diags);
  vy__ticket_unref(t);
  return st;
}

vy_status vy_dispatch(vy_pipeline *pipeline, const vy_arg *args,
                      size_t arg_count, const vy_dispatch_options *options,
                      vy_outputs *outputs, vy_timing *timing, vy_diags *diags) {
  vy_item item = {args, arg_count, outputs};
  if (!pipeline)
    return null_argument(diags, "vy_dispatch", "pipeline");
  VY_TRY(vy__check_timing(timing, diags));
  vy__submission s = {pipeline, &item,          1,   options, NULL, 0,
                      false,    timing != NULL, true};
  return run_blocking(&s, timing, diags);
}

vy_status vy_dispatch_batch(vy_pipeline *pipeline, const vy_item *items,
                            size_t item_count,
                            const vy_dispatch_options *options,
                            vy_timing *timing, vy_diags *diags) {
  if (!pipeline || (!items && item_count))
    return null_argument(diags, "vy_dispatch_batch",
                         pipeline ? "items" : "pipeline");
  VY_TRY(vy__check_timing(timing, diags));
  vy__submission s = {pipeline, items, item_count,     options, NULL,
                      0,        true,  timing != NULL, true};
  return run_blocking(&s, timing, diags);
}

vy_status vy_dispatch_resident(vy_pipeline *pipeline, const vy_arg *args,
                               size_t arg_count,
                               const vy_dispatch_options *options,
                               vy_buffer *out, size_t out_count,
                               vy_timing *timing, vy_diags *diags) {
  if (!pipeline)
    return null_argument(diags, "vy_dispatch_resident", "pipeline");
  const vy__plan *plan = &pipeline->plan;
  if (out_count != plan->output_count || (!out && out_count))
    return vy__fail(diags, NULL, VY__E_OUTPUTS_COUNT,
                    "the program has %u outputs; out has room for %zu handles",
                    plan->output_count, out ? out_count : 0);
  for (size_t i = 0; args && i < arg_count && i < plan->param_count; i++)
    if (plan->params[i].output != UINT8_MAX && args[i].kind != VY_ARG_BUFFER)
      return vy__fail(diags, NULL, VY__E_NOT_RESIDENT,
                      "%s is an output and must be a resident buffer here",
                      vy__name_param(plan, (uint32_t)i).text);
  VY_TRY(vy_dispatch(pipeline, args, arg_count, options, NULL, timing, diags));
  for (uint32_t o = 0; o < plan->output_count; o++)
    out[o].id = args[plan->output_param[o]].u.buffer;
  return VY_OK;
}

// ---- tickets

vy_status vy_submit(vy_pipeline *pipeline, const vy_item *items,
                    size_t item_count, const vy_dispatch_options *options,
                    vy_ticket *const *after, size_t after_count,
                    vy_ticket **out, vy_diags *diags) {
  if (!pipeline || (!items && item_count) || (!after && after_count) || !out)
    return null_argument(diags, "vy_submit",
                         !pipeline               ? "pipeline"
                         : !items && item_count  ? "items"
                         : !after && after_count ? "after"
                                                 : "out");
  vy__submission s = {pipeline,    items, item_count, options, after,
                      after_count, true,  true,       false};
  vy_ticket *t = NULL;
  VY_TRY(vy__submit(&s, NULL, 0, &t, diags));
  vy__ticket_publish(t);
  *out = t;
  return VY_OK;
}

vy_ticket *vy_ticket_retain(vy_ticket *ticket) {
  if (ticket)
    vy__refs_take(&ticket->users);
  return ticket;
}

void vy_ticket_release(vy_ticket *ticket) {
  if (!ticket || vy__device_forked(ticket->device) ||
      !vy__refs_drop(&ticket->users))
    return;
  vy_device *d = ticket->device;
  vy__ticket_unref(ticket);
  vy_device_release(d);
}

static uint64_t deadline_of(uint64_t timeout_ns) {
  uint64_t now = vy__now_ns();
  return timeout_ns >= UINT64_MAX - now ? UINT64_MAX : now + timeout_ns;
}

vy_status vy_wait(vy_ticket *ticket, uint64_t timeout_ns, vy_timing *timing,
                  vy_diags *diags) {
  if (!ticket)
    return null_argument(diags, "vy_wait", "ticket");
  VY_TRY(vy__check_timing(timing, diags));
  VY_TRY(vy__device_usable(ticket->device, diags));
  if (!vy__ticket_wait(ticket, deadline_of(timeout_ns)))
    return vy__fail(diags, NULL, VY__E_TIMEOUT,
                    "the submission is still in flight after %llu ns",
                    (unsigned long long)timeout_ns);
  vy__ticket_timing(ticket, false, timing);
  return vy__ticket_result(ticket, diags);
}

vy_status vy_poll(vy_ticket *ticket, uint32_t *done) {
  if (!ticket || !done)
    return VY_ERROR_INVALID_ARGUMENT;
  vy_device *d = ticket->device;
  VY_TRY(vy__device_usable(d, NULL));
  if (!atomic_load_explicit(&ticket->done, memory_order_acquire))
    d->ops->wait(d->impl, &ticket->done, 0);
  *done = atomic_load_explicit(&ticket->done, memory_order_acquire);
  return VY_OK;
}
