// Walks a recording. A repeat keeps the passes of its present run in its END
// step's `passes`, which is nobody's answer.
#include "backend/replay.h"

void vy__launch_count(vy__launch_item *item, const vy_program *program,
                      uint32_t count) {
  uint64_t n = count < item->count_most ? count : item->count_most;
  uint64_t size = program->group_size[0] ? program->group_size[0] : 1;
  bool groups = program->ir.uses_groups;
  item->lanes[0] = groups ? n * size : n;
  item->groups[0] = groups ? n : (n + size - 1) / size;
}

static uint32_t element(const struct vy__memory *m, uint64_t offset) {
  uint32_t v;
  memcpy(&v, m->data + offset, sizeof v);
  return v;
}

void vy__host_count(vy__launch_item *item, const vy_program *program) {
  if (item->count)
    vy__launch_count(item, program, element(item->count, item->count_offset));
}

// False: the item has a fault.
static bool run_launch(vy__launch *outer, vy__launch *l,
                       void (*run)(void *device, vy__launch *launch),
                       void *device) {
  l->want_timing = outer->want_timing;
  l->timing_present = 0;
  run(device, l);
  if (l->want_timing) {
    outer->timing_present |= l->timing_present;
    outer->device_ns += l->device_ns;
    outer->upload_ns += l->upload_ns;
    outer->readback_ns += l->readback_ns;
  }
  return l->items[0].fault.kind == VY__FAULT_NONE;
}

static void begin_times(vy__launch *l) {
  l->timing_present = 0;
  l->device_ns = l->upload_ns = l->readback_ns = 0;
}

// A pass ends: the step to go on with.
static uint32_t end_pass(vy__step *steps, uint32_t end) {
  vy__step *r = &steps[steps[end].partner];
  r->passes++;
  steps[end].passes++;
  r->left = element(r->memory, r->offset);
  bool again = r->left && steps[end].passes < r->max;
  return again ? steps[end].partner + 1 : end + 1;
}

static uint32_t begin_repeat(vy__step *steps, uint32_t at) {
  steps[steps[at].partner].passes = 0;
  return steps[at].max ? at + 1 : steps[at].partner + 1;
}

void vy__host_replay(vy__launch *launch,
                     void (*run)(void *device, vy__launch *launch),
                     void *device) {
  vy__recording *r = launch->recording;
  r->failed = VY__NONE;
  begin_times(launch);
  for (uint32_t k = 0; k < r->step_count; k++)
    r->steps[k].passes = r->steps[k].left = 0;
  for (uint32_t k = 0; k < r->step_count;) {
    vy__step *s = &r->steps[k];
    uint32_t next = k + 1;
    switch ((vy__step_kind)s->kind) {
    case VY__STEP_LAUNCH:
      if (!run_launch(launch, s->launch, run, device)) {
        r->failed = k;
        return;
      }
      break;
    case VY__STEP_COPY:
      if (s->size)
        memcpy(s->memory->data + s->offset, s->from->data + s->from_offset,
               s->size);
      break;
    case VY__STEP_FILL:
      if (s->size)
        memset(s->memory->data + s->offset, (int)s->value, s->size);
      break;
    case VY__STEP_REPEAT:
      next = begin_repeat(r->steps, k);
      break;
    case VY__STEP_END:
      next = end_pass(r->steps, k);
      break;
    }
    k = next;
  }
}

void vy__host_recording_free(void *device, vy__recording *recording) {
  (void)device, (void)recording;
}
