// Waiting for a submission, and what it says when it is done: status, times.
#include "dispatch/ticket.h"

bool vy__ticket_wait(vy_ticket *t, uint64_t deadline_ns) {
  vy_device *d = t->device;
  if (atomic_load_explicit(&t->done, memory_order_acquire))
    return true;
  vy__count(d->context, VY__COUNT_WAITS, 1);
  for (;;) {
    d->ops->wait(d->impl, &t->done, deadline_ns);
    if (atomic_load_explicit(&t->done, memory_order_acquire))
      return true;
    if (deadline_ns != UINT64_MAX && vy__now_ns() >= deadline_ns)
      return false;
  }
}

static vy_status launch_failed(const vy_ticket *t, vy_diags *diags) {
  vy_status s = t->launch_status;
  return vy__fail(diags, NULL,
                  s == VY_ERROR_DEVICE_LOST            ? VY__E_DEVICE_LOST
                  : s == VY_ERROR_OUT_OF_DEVICE_MEMORY ? VY__E_DEVICE_MEMORY
                                                       : VY__E_DISPATCH_FAILED,
                  "the run of %s%s%s ended with %s", t->program ? "'" : "",
                  t->program
                      ? vy__ir_string(&t->program->ir, t->program->ir.name)
                      : "a sequence",
                  t->program ? "'" : "", vy_status_name(s));
}

vy_status vy__ticket_result(const vy_ticket *t, vy_diags *diags) {
  vy_status first = VY_OK;
  vy_str label = {t->label, t->label_size};
  if (t->launch_status != VY_OK)
    return launch_failed(t, diags);
  for (uint32_t i = 0; i < t->item_count; i++) {
    const vy__bound *item = &t->items[i];
    if (VY__LIKELY(item->launch->fault.kind == VY__FAULT_NONE &&
                   item->bad_output == VY__NONE))
      continue;
    uint32_t from = diags ? diags->count : 0;
    vy_status s = vy__item_result(t->program, item, label, diags);
    if (s != VY_OK && t->batch && diags)
      vy__diags_set_item(diags, from, t->first + i);
    if (first == VY_OK)
      first = s;
  }
  return first;
}

vy_status vy__check_timing(const vy_timing *timing, vy_diags *diags) {
  vy_timing t;
  return timing ? vy__take_struct(&t, sizeof t, timing, "vy_timing", diags)
                : VY_OK;
}

void vy__ticket_timing(const vy_ticket *t, bool waited, vy_timing *out) {
  vy_timing x = VY_TIMING_INIT;
  const vy__launch *l = &t->launch;
  if (!out)
    return;
  uint64_t end =
      t->completed_ns > t->enqueued_ns ? t->completed_ns : t->enqueued_ns;
  x.present = (l->timing_present &
               (VY_TIMING_DEVICE | VY_TIMING_UPLOAD | VY_TIMING_READBACK)) |
              VY_TIMING_ENQUEUE;
  x.device_ns = l->device_ns;
  x.upload_ns = l->upload_ns;
  x.readback_ns = l->readback_ns;
  x.enqueue_ns = t->enqueued_ns - t->enqueue_ns;
  if (waited) {
    uint64_t now = vy__now_ns();
    x.present |= VY_TIMING_WAIT;
    x.wait_ns = t->waited_ns - t->enqueued_ns;
    end = now;
  }
  x.wall_ns = end - t->begin_ns;
  (void)vy__give_struct(out, &x, sizeof x);
}

vy_status vy__ticket_finish(vy_ticket *t, vy_timing *timing, vy_diags *diags) {
  (void)vy__ticket_wait(t, UINT64_MAX);
  if (timing) {
    t->waited_ns = vy__now_ns();
    vy__ticket_timing(t, true, timing);
  }
  return vy__ticket_result(t, diags);
}
