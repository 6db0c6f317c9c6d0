// Sequences. Most are graphs (sequence.c). Those with steps that can fail,
// that take their lanes from the device, or that move much host memory are
// enqueued step by step, without waiting but for the end of a pass of a repeat;
// what returns to the host comes home in the order of the flights.
#include "backend/cuda/sequence.h"
#include "backend/cuda/way.h"

typedef struct replay {
  vy__cuda *d;
  vy__launch *outer;
  vy__recording *r;
  vy__cuda_lane *lane;
  vy__cuda_flight *first, *last; // started, in order
} replay;

// All that was started has run: bring it home.
static vy_status land(replay *p) {
  vy_status s = VY_OK;
  if (p->first)
    s = vy__cuda_stream_wait(p->d, p->lane, &p->first->pinned);
  if (s != VY_OK)
    vy__cuda_settle(p->d, p->lane->stream);
  while (p->first) {
    vy__cuda_flight *f = p->first;
    vy__launch *l = f->launch;
    p->first = f->next;
    if (s == VY_OK && p->r->failed == VY__NONE) {
      s = vy__cuda_finish(p->d, f, p->lane->stream);
      if (s == VY_OK && l->items[0].fault.kind != VY__FAULT_NONE)
        p->r->failed = f->step;
      p->outer->timing_present |= l->timing_present;
      p->outer->device_ns += l->device_ns;
      p->outer->upload_ns += l->upload_ns;
      p->outer->readback_ns += l->readback_ns;
    }
    vy__cuda_flight_give(p->d, f);
  }
  p->last = NULL;
  return s;
}

static bool is_late(const vy__cuda *d, const vy__launch *l) {
  uint32_t params = l->code->program->ir.param_count;
  for (uint32_t p = 0; p < params; p++)
    if (vy__cuda_is_late(d, &l->items[0].binds[p]))
      return true;
  return false;
}

static vy_status run_launch(replay *p, uint32_t step) {
  vy__launch *l = p->r->steps[step].launch;
  vy__cuda_flight *f = vy__cuda_flight_take(p->d, p->lane);
  if (!f)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  l->want_timing = p->outer->want_timing;
  l->timing_present = 0;
  l->upload_ns = l->device_ns = l->readback_ns = 0;
  vy__mutex_lock(&p->lane->mutex);
  vy_status s = vy__cuda_start(p->d, f, l, 0, 1);
  vy__mutex_unlock(&p->lane->mutex);
  if (s != VY_OK) {
    vy__cuda_flight_give(p->d, f);
    return s;
  }
  f->step = step;
  f->next = NULL;
  if (p->last)
    p->last->next = f;
  else
    p->first = f;
  p->last = f;
  // What returns from resident memory in large pieces does so before a later
  // step changes it.
  return is_late(p->d, l) ? land(p) : VY_OK;
}

static vy_status copy(replay *p, const vy__step *s) {
  if (!s->size)
    return VY_OK;
  return vy__cu_status(p->d->cu->copy(s->memory->at + s->offset,
                                      s->from->at + s->from_offset, s->size,
                                      p->lane->stream));
}

static vy_status fill(replay *p, const vy__step *s) {
  if (!s->size)
    return VY_OK;
  return vy__cu_status(p->d->cu->fill(s->memory->at + s->offset,
                                      (unsigned char)s->value, s->size,
                                      p->lane->stream));
}

// A pass ends: *next is the step to go on with.
static vy_status end_pass(replay *p, uint32_t end, uint32_t *next) {
  vy__step *steps = p->r->steps, *r = &steps[steps[end].partner];
  VY_TRY(land(p));
  vy_status s = vy__cuda_to_host(p->d, p->lane, p->lane->stream, &r->left,
                                 r->memory->at + r->offset, sizeof r->left);
  r->passes++;
  steps[end].passes++;
  bool again = r->left && steps[end].passes < r->max;
  *next = again ? steps[end].partner + 1 : end + 1;
  return s;
}

static vy_status run_step(replay *p, uint32_t k, uint32_t *next) {
  vy__step *steps = p->r->steps, *s = &steps[k];
  *next = k + 1;
  switch ((vy__step_kind)s->kind) {
  case VY__STEP_LAUNCH:
    return run_launch(p, k);
  case VY__STEP_COPY:
    return copy(p, s);
  case VY__STEP_FILL:
    return fill(p, s);
  case VY__STEP_REPEAT:
    steps[s->partner].passes = 0;
    *next = s->max ? k + 1 : s->partner + 1;
    return VY_OK;
  case VY__STEP_END:
    return end_pass(p, k, next);
  }
  return VY_OK;
}

vy_status vy__cuda_replay(vy__cuda *d, vy__launch *l) {
  vy__recording *r = l->recording;
  vy_status s = VY_OK;
  replay p = {.d = d, .outer = l, .r = r};
  r->failed = VY__NONE;
  for (uint32_t k = 0; k < r->step_count; k++)
    r->steps[k].passes = r->steps[k].left = 0;
  p.lane = vy__cuda_lane_of(d, &s);
  if (!p.lane)
    return s;
  if (d->tuning.sequence_graphs && vy__cuda_has_graphs(d, r))
    return vy__cuda_replay_graphs(d, p.lane, l);
  if (r->native) // which does not see what changes now
    vy__cuda_drop_graphs(d, r->native);
  for (uint32_t k = 0;
       k < r->step_count && s == VY_OK && r->failed == VY__NONE;)
    s = run_step(&p, k, &k);
  vy_status landed = land(&p);
  if (s == VY_OK)
    s = landed;
  int w = d->cu->stream_wait(p.lane->stream);
  if (w != VY__CU_OK)
    vy__cuda_settle(d, p.lane->stream);
  return s == VY_OK ? vy__cu_status(w) : s;
}
