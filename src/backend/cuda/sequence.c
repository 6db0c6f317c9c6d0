// Recordings as graphs. Where the driver has loops, all steps are one graph,
// and a repeat is a node with a graph of its own, whose last kernel looks at
// the element. Else the steps between two ends of repeats are a segment,
// launched as one; the host walks over the segments and waits where an element
// decides. A replay with other bindings describes the steps that changed anew,
// and sets the nodes that differ; only where their number or kind differs is
// all made again.
#include "backend/cuda/sequence.h"
#include "backend/cuda/way.h"

// ---- which

static bool is_plain(const vy__cuda *d, const vy__launch *l) {
  uint32_t params = l->code->program->ir.param_count;
  const vy__launch_item *item = &l->items[0];
  if (l->code->info.faults)
    return false;
  for (uint32_t p = 0; p < params; p++) {
    const vy__bind *b = &item->binds[p];
    if ((b->in && b->size > d->tuning.staged_most) || vy__cuda_is_late(d, b))
      return false;
  }
  return true;
}

bool vy__cuda_has_graphs(const vy__cuda *d, const vy__recording *r) {
  uint64_t kernels = 0;
  for (uint32_t k = 0; k < r->step_count; k++) {
    const vy__step *s = &r->steps[k];
    if (s->kind == VY__STEP_LAUNCH && !is_plain(d, s->launch))
      return false;
    kernels += s->kind == VY__STEP_LAUNCH ? s->launch->iterations : 1;
  }
  return kernels <= d->tuning.nodes_most;
}

// ---- updating

// Do the same commands differ? Nodes aside.
static bool differs(const vy__cuda_sequence *q, const vy__cuda_command *old,
                    const vy__cuda_command *now) {
  if (old->kind == VY__CUDA_KERNEL)
    return memcmp(&old->grid, &now->grid, sizeof now->grid) ||
           memcmp(q->commands.records + old->record,
                  q->scratch.records + now->record, now->size);
  return old->to != now->to || old->from != now->from ||
         old->size != now->size || old->value != now->value ||
         memcmp(&old->grid, &now->grid, sizeof now->grid) ||
         memcmp(&old->counting, &now->counting, sizeof now->counting);
}

// A step is described anew in `scratch`: set what differs. False: the shape
// is another.
static bool take_over(vy__cuda *d, vy__cuda_sequence *q, uint32_t step,
                      vy_status *status) {
  const vy__cuda_step *c = &q->steps[step];
  if (q->scratch.count != c->count)
    return false;
  for (size_t i = 0; i < c->count; i++)
    if (q->commands.list[c->first + i].kind != q->scratch.list[i].kind ||
        q->commands.list[c->first + i].size != q->scratch.list[i].size)
      return false;
  for (size_t i = 0; i < c->count && *status == VY_OK; i++) {
    vy__cuda_command *old = &q->commands.list[c->first + i];
    const vy__cuda_command *now = &q->scratch.list[i];
    bool other = old->node && vy__cuda_is_node(old) && differs(q, old, now);
    size_t record = old->record;
    uint64_t handle = old->handle;
    vy__cu_node node = old->node;
    if (old->kind == VY__CUDA_KERNEL || old->kind == VY__CUDA_RECORD)
      memcpy(q->commands.records + record, q->scratch.records + now->record,
             now->size);
    *old = *now;
    old->record = record;
    old->node = node;
    old->handle = handle;
    if (other)
      *status = vy__cu_status(
          vy__cuda_set_node(d, q, q->segments[c->segment].exec, old));
  }
  return true;
}

static vy_status update(vy__cuda *d, vy__cuda_sequence *q,
                        const vy__recording *r) {
  vy_status s = VY_OK;
  for (uint32_t k = 0; k < r->step_count && s == VY_OK; k++) {
    const vy__cuda_step *c = &q->steps[k];
    uint64_t pinned = c->pinned, block = c->block;
    bool element = r->steps[k].kind == VY__STEP_END &&
                   r->steps[r->steps[k].partner].changed;
    if (!r->steps[k].changed && !element && vy__cuda_is_current(q, r, k))
      continue;
    q->scratch.count = q->scratch.record_bytes = 0;
    if (!vy__cuda_describe(d, q, r, k, &pinned, &block, &q->scratch))
      return VY_ERROR_OUT_OF_HOST_MEMORY;
    // What is neither brought nor returned shows in no command's size. Nodes
    // in a loop may not be ones that can be set.
    if (pinned > c->pinned_end || block > c->block_end ||
        !take_over(d, q, k, &s) || s == VY_ERROR_DISPATCH_FAILED)
      return vy__cuda_make_graphs(d, q, r);
  }
  return s;
}

static vy_status prepare(vy__cuda *d, vy__recording *r) {
  const vy_allocator *a = &d->context->alloc;
  vy__cuda_sequence *q = r->native;
  if (!q) {
    q = vy__calloc(a, 1, sizeof *q);
    if (!q)
      return VY_ERROR_OUT_OF_HOST_MEMORY;
    r->native = q;
    q->step_count = r->step_count;
  }
  // What an earlier replay had no memory for may be there now.
  if (!q->steps)
    q->steps = vy__calloc(a, r->step_count, sizeof *q->steps);
  if (!q->segments)
    q->segments = vy__calloc(a, r->step_count, sizeof *q->segments);
  if (!q->steps || !q->segments)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  vy_status s = q->built ? update(d, q, r) : vy__cuda_make_graphs(d, q, r);
  if (s != VY_OK)
    vy__cuda_drop_graphs(d, q);
  return s;
}

void vy__cuda_recording_free(void *device, vy__recording *recording) {
  vy__cuda *d = device;
  const vy_allocator *a = &d->context->alloc;
  vy__cuda_sequence *q = recording->native;
  bool entered;
  (void)vy__cuda_enter(d, &entered);
  vy__cuda_drop_graphs(d, q);
  vy__cuda_pinned_free(d->cu, &q->pinned);
  vy__cuda_pool_give(&d->pool, q->block);
  vy__cuda_commands_free(a, &q->commands);
  vy__cuda_commands_free(a, &q->scratch);
  for (uint32_t i = 0; i < VY__COUNT(q->times); i++)
    if (q->times[i])
      (void)d->cu->event_destroy(q->times[i]);
  vy__free(a, q->steps, q->step_count * sizeof *q->steps);
  vy__free(a, q->segments, q->step_count * sizeof *q->segments);
  vy__free(a, q, sizeof *q);
  vy__cuda_leave(d, entered);
  recording->native = NULL;
}

// ---- running

static void bring(const vy__cuda_sequence *q) {
  for (size_t i = 0; q->hosts && i < q->commands.count; i++) {
    const vy__cuda_command *x = &q->commands.list[i];
    if (x->kind == VY__CUDA_BRING && x->host)
      memcpy(q->pinned.data + x->pinned, x->host, x->size);
    else if (x->kind == VY__CUDA_BRING)
      memset(q->pinned.data + x->pinned, 0, x->size);
    else if (x->kind == VY__CUDA_RECORD)
      memcpy(q->pinned.data + x->pinned, q->commands.records + x->record,
             x->size);
  }
}

static void learn(vy__launch *l, const uint8_t *from) {
  vy__launch_count(&l->items[0], l->code->program, vy__get_u32(from));
}

static void take_home(const vy__cuda_sequence *q) {
  for (uint32_t k = 0; q->hosts && k < q->step_count; k++) {
    const vy__cuda_step *c = &q->steps[k];
    if (c->segment == VY__NONE || !q->segments[c->segment].ran)
      continue;
    for (size_t i = c->first; i < c->first + c->count; i++) {
      const vy__cuda_command *x = &q->commands.list[i];
      const uint8_t *from = q->pinned.data + x->pinned;
      if (x->kind == VY__CUDA_TAKE)
        memcpy(x->host, from, x->size);
      else if (x->kind == VY__CUDA_LEARN)
        learn(x->host, from);
    }
  }
}

static vy_status launch_segment(vy__cuda *d, vy__cuda_lane *lane,
                                vy__cuda_segment *g) {
  g->ran = true;
  if (!g->exec)
    return VY_OK;
  vy__mutex_lock(&lane->mutex);
  int r = d->cu->exec_launch(g->exec, lane->stream);
  vy__mutex_unlock(&lane->mutex);
  return vy__cu_status(r);
}

// A pass has been launched: wait for its element. *next: the step to go on
// with.
static vy_status end_pass(vy__cuda *d, vy__cuda_lane *lane,
                          const vy__cuda_sequence *q, vy__step *steps,
                          uint32_t end, uint32_t *next) {
  vy__step *r = &steps[steps[end].partner];
  VY_TRY(vy__cu_status(d->cu->stream_wait(lane->stream)));
  memcpy(&r->left, q->pinned.data + q->steps[end].pinned, sizeof r->left);
  r->passes++;
  steps[end].passes++;
  bool again = r->left && steps[end].passes < r->max;
  *next = again ? steps[end].partner + 1 : end + 1;
  return VY_OK;
}

static vy__cuda_repeat *repeat_at(const vy__cuda_sequence *q, uint32_t step) {
  return (vy__cuda_repeat *)(void *)(q->pinned.data + q->steps[step].pinned);
}

static void clear_repeats(const vy__cuda_sequence *q, const vy__recording *r) {
  for (uint32_t k = 0; q->device && k < r->step_count; k++)
    if (r->steps[k].kind == VY__STEP_REPEAT)
      *repeat_at(q, k) = (vy__cuda_repeat){0};
}

static void take_repeats(const vy__cuda_sequence *q, vy__recording *r) {
  for (uint32_t k = 0; q->device && k < r->step_count; k++)
    if (r->steps[k].kind == VY__STEP_REPEAT) {
      r->steps[k].left = repeat_at(q, k)->left;
      r->steps[k].passes = repeat_at(q, k)->passes;
    }
}

static vy_status walk(vy__cuda *d, vy__cuda_lane *lane, vy__cuda_sequence *q,
                      vy__recording *r) {
  vy__step *steps = r->steps;
  if (q->device)
    return q->segment_count ? launch_segment(d, lane, &q->segments[0]) : VY_OK;
  for (uint32_t k = 0; k < r->step_count;) {
    if (steps[k].kind == VY__STEP_REPEAT) {
      steps[steps[k].partner].passes = 0;
      k = steps[k].max ? k + 1 : steps[k].partner + 1;
      continue;
    }
    vy__cuda_segment *g = &q->segments[q->steps[k].segment];
    VY_TRY(launch_segment(d, lane, g));
    k = g->end;
    if (steps[k - 1].kind == VY__STEP_END)
      VY_TRY(end_pass(d, lane, q, steps, k - 1, &k));
  }
  return VY_OK;
}

static vy_status mark(vy__cuda *d, vy__cuda_lane *lane, vy__cuda_sequence *q,
                      const vy__launch *l, uint32_t which) {
  int r = VY__CU_OK;
  if (!l->want_timing)
    return VY_OK;
  if (!q->times[which])
    r = d->cu->event_create(&q->times[which], 0);
  if (r == VY__CU_OK)
    r = d->cu->event_record(q->times[which], lane->stream);
  return vy__cu_status(r);
}

static void take_times(vy__cuda *d, const vy__cuda_sequence *q, vy__launch *l,
                       uint64_t brought, uint64_t landed) {
  float ms = 0;
  if (!l->want_timing)
    return;
  l->upload_ns = brought;
  l->readback_ns = vy__now_ns() - landed;
  l->timing_present = VY_TIMING_UPLOAD | VY_TIMING_READBACK;
  if (d->cu->event_elapsed(&ms, q->times[0], q->times[1]) == VY__CU_OK &&
      ms >= 0) {
    l->device_ns = (uint64_t)((double)ms * 1e6);
    l->timing_present |= VY_TIMING_DEVICE;
  }
}

vy_status vy__cuda_replay_graphs(vy__cuda *d, vy__cuda_lane *lane,
                                 vy__launch *l) {
  vy__recording *r = l->recording;
  VY_TRY(prepare(d, r));
  vy__cuda_sequence *q = r->native;
  uint64_t begin = l->want_timing ? vy__now_ns() : 0;
  for (uint32_t i = 0; i < q->segment_count; i++)
    q->segments[i].ran = false;
  for (uint32_t k = 0; k < r->step_count; k++)
    if (r->steps[k].kind == VY__STEP_LAUNCH)
      r->steps[k].launch->items[0].fault =
          (vy__fault){.value = VY__NONE, .stmt = VY__NONE};
  bring(q);
  clear_repeats(q, r);
  uint64_t brought = l->want_timing ? vy__now_ns() - begin : 0;
  vy_status s = mark(d, lane, q, l, 0);
  if (s == VY_OK)
    s = walk(d, lane, q, r);
  if (s == VY_OK)
    s = mark(d, lane, q, l, 1);
  vy_status waited = vy__cuda_stream_wait(d, lane, &q->pinned);
  uint64_t landed = l->want_timing ? vy__now_ns() : 0;
  if (s == VY_OK)
    s = waited;
  if (s != VY_OK) {
    vy__cuda_settle(d, lane->stream);
    return s;
  }
  take_home(q);
  take_repeats(q, r);
  take_times(d, q, l, brought, landed);
  return VY_OK;
}
