// Recording sequences. What a call finds wrong is kept, with the number of its
// step, until vy_sequence_finish tells it.
#include "dispatch/sequence.h"

#define NONE VY_SEQUENCE_NONE

static const vy_allocator *alloc_of(const vy_sequence *s) {
  return &s->device->context->alloc;
}

// ---- life

vy_status vy_sequence_create(vy_device *device, vy_sequence **out,
                             vy_diags *diags) {
  if (!device || !out)
    return vy__fail_argument(diags, "vy_sequence_create: %s is NULL",
                             device ? "out" : "device");
  VY_TRY(vy__device_usable(device, diags));
  vy__device_sweep(device);
  vy_sequence *s = vy__calloc(&device->context->alloc, 1, sizeof *s);
  if (!s)
    return vy__fail_oom(diags, "a sequence");
  vy__refs_init(&s->refs);
  vy__refs_init(&s->users);
  s->device = vy_device_retain(device);
  vy__device_hold(device);
  s->errors = (vy_diags)VY_DIAGS_INIT;
  s->errors.records = s->records;
  s->errors.capacity = VY__COUNT(s->records);
  s->errors.text = s->text;
  s->errors.text_capacity = sizeof s->text;
  *out = s;
  return VY_OK;
}

static void launch_free(vy_sequence *s, vy__seq_launch *l) {
  const vy_allocator *a = alloc_of(s);
  size_t bytes = l->pipeline->plan.param_count * sizeof *l->args;
  if (l->ticket)
    vy__ticket_unref(l->ticket);
  if (l->recorded)
    vy__free(a, l->recorded, bytes);
  if (l->args)
    vy__free(a, l->args, bytes);
  vy__options_drop(a, &l->options);
  vy__pipeline_unhold(l->pipeline);
  vy__free(a, l, sizeof *l);
}

static void sequence_free(vy_sequence *s) {
  vy_device *d = s->device;
  const vy_allocator *a = alloc_of(s);
  for (uint32_t i = 0; i < s->step_count; i++)
    if (s->steps[i].launch)
      launch_free(s, s->steps[i].launch);
  if (s->recording)
    vy__device_retire(d, s->recording);
  if (s->last)
    vy__free(a, s->last, s->binding_count * sizeof *s->last);
  if (s->differs)
    vy__free(a, s->differs, s->binding_count * sizeof *s->differs);
  if (s->spans)
    vy__free(a, s->spans, s->span_capacity * sizeof *s->spans);
  if (s->steps)
    vy__free(a, s->steps, s->step_capacity * sizeof *s->steps);
  vy__free(a, s, sizeof *s);
  vy__device_unhold(d);
}

void vy__sequence_hold(vy_sequence *s) { vy__refs_take(&s->refs); }

void vy__sequence_unhold(vy_sequence *s) {
  if (vy__refs_drop(&s->refs))
    sequence_free(s);
}

vy_sequence *vy_sequence_retain(vy_sequence *s) {
  if (s)
    vy__refs_take(&s->users);
  return s;
}

void vy_sequence_release(vy_sequence *s) {
  if (!s || vy__device_forked(s->device) || !vy__refs_drop(&s->users))
    return;
  vy_device *d = s->device;
  for (uint32_t i = 0; i < s->step_count; i++)
    if (s->steps[i].launch)
      vy_pipeline_release(s->steps[i].launch->pipeline);
  vy__sequence_unhold(s);
  vy__device_sweep(d);
  vy_device_release(d);
}

// ---- steps

// May a step be recorded? Then this is one more call.
static bool recording(vy_sequence *s) {
  if (!s || vy__device_forked(s->device))
    return false;
  if (s->state == VY__SEQUENCE_OPEN) {
    s->calls++;
    return true;
  }
  atomic_store(&s->recorded_late, 1);
  return false;
}

// What was found since there were `before` records is about this call, whose
// number is that of its step while nothing was wrong.
static int32_t wrong(vy_sequence *s, uint32_t before) {
  vy__diags_set_item(&s->errors, before, s->calls - 1);
  return NONE;
}

static vy_status grow(vy_sequence *s) {
  if (s->step_count >= VY_SEQUENCE_MAX_STEPS)
    return vy__fail(&s->errors, NULL, VY__E_SEQUENCE_LIMIT,
                    "there are more than %d steps", VY_SEQUENCE_MAX_STEPS);
  void *steps = s->steps;
  bool room = vy__grow(alloc_of(s), &steps, &s->step_capacity,
                       s->step_count + 1, sizeof *s->steps);
  s->steps = steps;
  return room ? VY_OK : vy__fail_oom(&s->errors, "the steps of a sequence");
}

static int32_t add(vy_sequence *s, const vy__seq_step *step) {
  s->steps[s->step_count] = *step;
  s->steps[s->step_count].call = s->calls - 1;
  s->steps[s->step_count].repeat =
      s->depth ? s->open[s->depth - 1] : (uint32_t)VY__NONE;
  return (int32_t)s->step_count++;
}

// An argument may name a binding; the tables must reach to it.
static vy_status note(vy_sequence *s, const vy_arg *a, const char *what) {
  if (a->kind != VY_ARG_BINDING)
    return VY_OK;
  if (a->u.bits >= VY_SEQUENCE_MAX_BINDINGS || a->type || a->reserved[0] ||
      a->reserved[1])
    return vy__fail(&s->errors, NULL, VY__E_SEQUENCE_BINDING,
                    "%s names binding %llu; there are at most %d", what,
                    (unsigned long long)a->u.bits, VY_SEQUENCE_MAX_BINDINGS);
  if (s->binding_count <= a->u.bits)
    s->binding_count = (uint32_t)a->u.bits + 1;
  return VY_OK;
}

// A range of a step that is no parameter's.
static vy_status note_range(vy_sequence *s, const vy_arg *a, const char *what) {
  if (a->kind != VY_ARG_BUFFER && a->kind != VY_ARG_BINDING)
    return vy__fail(&s->errors, NULL, VY__E_ARGUMENT_KIND,
                    "%s is of kind %s; it must be a resident range (BUFFER) "
                    "or a binding\nFix: make it with vy_arg_buffer, "
                    "vy_arg_range or vy_arg_binding",
                    what, vy__arg_kind_name(a->kind));
  return note(s, a, what);
}

// ---- dispatches

static vy_status check_dispatch(vy_sequence *s, const vy_pipeline *p,
                                const vy_arg *args, size_t arg_count,
                                int32_t outputs) {
  const vy__ir *ir = &p->program->ir;
  if (p->device != s->device)
    return vy__fail_argument(&s->errors,
                             "vy_sequence_dispatch: the pipeline of '%s' "
                             "belongs to another device",
                             vy__ir_string(ir, ir->name));
  if (arg_count != ir->param_count)
    return vy__fail(&s->errors, NULL, VY__E_ARGUMENT_COUNT,
                    "program '%s' has %u parameters; %zu arguments are given",
                    vy__ir_string(ir, ir->name), ir->param_count, arg_count);
  if (!args && arg_count)
    return vy__fail_argument(&s->errors, "vy_sequence_dispatch: args is NULL");
  if (outputs < NONE || outputs >= VY_SEQUENCE_MAX_STEPS)
    return vy__fail_argument(&s->errors,
                             "vy_sequence_dispatch: outputs is %d; it must be "
                             "an index below %d or VY_SEQUENCE_NONE",
                             outputs, VY_SEQUENCE_MAX_STEPS);
  for (uint32_t i = 0; i < ir->param_count; i++)
    VY_TRY(note(s, &args[i], vy__name_param(&p->plan, i).text));
  return VY_OK;
}

static vy_status fill_launch(vy_sequence *s, vy__seq_launch *l,
                             const vy_arg *args,
                             const vy_dispatch_options *options) {
  vy_pipeline *p = l->pipeline;
  size_t bytes = p->plan.param_count * sizeof *args;
  vy__ticket_shape shape = {.item_count = 1, .blocking = true};
  vy__binder b; // only to look at the options
  VY_TRY(vy__options_keep(alloc_of(s), options, &l->options, &s->errors));
  VY_TRY(vy__binder_init(&b, &p->plan, &p->device->buffers, p->flags,
                         &l->options.o, &s->errors));
  l->count = l->options.o.count;
  if (l->count.kind != VY_ARG_NONE)
    VY_TRY(note_range(s, &l->count, "vy_dispatch_options: count"));
  l->recorded = vy__alloc(alloc_of(s), bytes);
  l->args = vy__alloc(alloc_of(s), bytes);
  if (!l->recorded || !l->args)
    return vy__fail_oom(&s->errors, "the arguments of a step");
  if (bytes) {
    memcpy(l->recorded, args, bytes);
    memcpy(l->args, args, bytes);
  }
  VY_TRY(vy__ticket_make(s->device, p, &shape, &l->ticket, &s->errors));
  l->ticket->prepared = true;
  vy__ticket_set_item(l->ticket, 0);
  vy__ticket_set_options(l->ticket, &b.options);
  return VY_OK;
}

int32_t vy_sequence_dispatch(vy_sequence *s, vy_pipeline *pipeline,
                             const vy_arg *args, size_t arg_count,
                             const vy_dispatch_options *options,
                             int32_t outputs) {
  if (!recording(s))
    return NONE;
  uint32_t before = s->errors.count;
  if (!pipeline)
    (void)vy__fail_argument(&s->errors,
                            "vy_sequence_dispatch: pipeline is NULL");
  if (!pipeline ||
      check_dispatch(s, pipeline, args, arg_count, outputs) != VY_OK ||
      grow(s) != VY_OK)
    return wrong(s, before);
  vy__seq_launch *l = vy__calloc(alloc_of(s), 1, sizeof *l);
  if (!l) {
    (void)vy__fail_oom(&s->errors, "a step of a sequence");
    return wrong(s, before);
  }
  l->pipeline = vy_pipeline_retain(pipeline);
  l->outputs = outputs;
  vy__pipeline_hold(pipeline);
  if (fill_launch(s, l, args, options) != VY_OK) {
    launch_free(s, l);
    vy_pipeline_release(pipeline);
    return wrong(s, before);
  }
  if (outputs >= 0 && s->output_count <= (uint32_t)outputs)
    s->output_count = (uint32_t)outputs + 1;
  s->launch_count++;
  return add(s, &(vy__seq_step){.kind = VY__STEP_LAUNCH, .launch = l});
}

// ---- the other steps

int32_t vy_sequence_copy(vy_sequence *s, vy_arg from, vy_arg to) {
  if (!recording(s))
    return NONE;
  uint32_t before = s->errors.count;
  if (note_range(s, &from, "vy_sequence_copy: from") != VY_OK ||
      note_range(s, &to, "vy_sequence_copy: to") != VY_OK || grow(s) != VY_OK)
    return wrong(s, before);
  return add(s, &(vy__seq_step){.kind = VY__STEP_COPY, .ranges = {from, to}});
}

int32_t vy_sequence_fill(vy_sequence *s, vy_arg range, uint8_t value) {
  if (!recording(s))
    return NONE;
  uint32_t before = s->errors.count;
  if (note_range(s, &range, "vy_sequence_fill: range") != VY_OK ||
      grow(s) != VY_OK)
    return wrong(s, before);
  return add(s, &(vy__seq_step){
                    .kind = VY__STEP_FILL, .value = value, .ranges = {range}});
}

int32_t vy_sequence_repeat_begin(vy_sequence *s, vy_arg element, uint32_t max) {
  if (!recording(s))
    return NONE;
  uint32_t before = s->errors.count;
  if (s->depth == VY_SEQUENCE_MAX_NESTING)
    (void)vy__fail(&s->errors, NULL, VY__E_SEQUENCE_LIMIT,
                   "more than %d repeats are in one another",
                   VY_SEQUENCE_MAX_NESTING);
  if (s->depth == VY_SEQUENCE_MAX_NESTING ||
      note_range(s, &element, "vy_sequence_repeat_begin: element") != VY_OK ||
      grow(s) != VY_OK) {
    s->lost_repeats++;
    return wrong(s, before);
  }
  int32_t at =
      add(s, &(vy__seq_step){
                 .kind = VY__STEP_REPEAT, .max = max, .ranges = {element}});
  s->open[s->depth++] = (uint32_t)at;
  return at;
}

int32_t vy_sequence_repeat_end(vy_sequence *s) {
  if (!recording(s))
    return NONE;
  if (s->lost_repeats) { // its begin was told
    s->lost_repeats--;
    return NONE;
  }
  uint32_t before = s->errors.count;
  if (!s->depth)
    (void)vy__fail(&s->errors, NULL, VY__E_SEQUENCE_ORDER,
                   "vy_sequence_repeat_end: no repeat is open");
  if (!s->depth || grow(s) != VY_OK)
    return wrong(s, before);
  uint32_t begin = s->open[--s->depth];
  s->steps[begin].partner = s->step_count;
  return add(s, &(vy__seq_step){.kind = VY__STEP_END, .partner = begin});
}

// ---- the end

// Pass on what recording found.
static vy_status report(const vy_sequence *s, vy_diags *diags) {
  const vy_diags *e = &s->errors;
  for (uint32_t i = 0; i < e->count; i++) {
    const vy_diag *r = &e->records[i];
    uint32_t from = diags ? diags->count : 0;
    (void)vy__fail(diags, NULL, (vy__err)r->code, "%.*s\nFix: %.*s",
                   (int)r->message.size, r->message.data, (int)r->fix.size,
                   r->fix.data);
    if (diags)
      vy__diags_set_item(diags, from, r->item);
  }
  if (diags) {
    diags->errors += e->errors - e->count;
    diags->dropped += e->errors - e->count;
  }
  return (vy_status)e->records[0].status;
}

static vy_status make_recording(vy_sequence *s) {
  size_t bytes = sizeof(vy__recording) + s->step_count * sizeof(vy__step);
  vy__recording *r = vy__calloc(alloc_of(s), 1, bytes);
  if (!r)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  r->steps = (vy__step *)(void *)(r + 1);
  r->step_count = s->step_count;
  r->launch_count = s->launch_count;
  for (uint32_t i = 0; i < s->step_count; i++) {
    const vy__seq_step *from = &s->steps[i];
    vy__step *to = &r->steps[i];
    to->kind = from->kind;
    to->partner = from->partner;
    to->value = from->value;
    to->max = from->max;
    if (!from->launch)
      continue;
    vy_ticket *t = from->launch->ticket;
    to->launch = &t->launch;
    t->launch.code = t->pipeline->compiled->code;
    t->launch.item_count = 1;
  }
  s->recording = r;
  return VY_OK;
}

static bool make_tables(vy_sequence *s) {
  const vy_allocator *a = alloc_of(s);
  for (uint32_t i = 0; i < s->step_count; i++)
    if (s->steps[i].launch)
      s->span_capacity += s->steps[i].launch->pipeline->plan.param_count +
                          s->steps[i].launch->pipeline->plan.output_count;
  s->last = vy__alloc(a, s->binding_count * sizeof *s->last);
  s->differs = vy__alloc(a, s->binding_count * sizeof *s->differs);
  s->spans = vy__alloc(a, s->span_capacity * sizeof *s->spans);
  return s->last && s->differs && s->spans && make_recording(s) == VY_OK;
}

vy_status vy_sequence_finish(vy_sequence *s, vy_diags *diags) {
  if (!s)
    return vy__fail_argument(diags, "vy_sequence_finish: sequence is NULL");
  VY_TRY(vy__device_usable(s->device, diags));
  if (s->state != VY__SEQUENCE_OPEN)
    return vy__fail(diags, NULL, VY__E_SEQUENCE_ORDER,
                    "vy_sequence_finish was called before");
  s->state = VY__SEQUENCE_FAILED;
  uint32_t before = s->errors.count;
  if (s->depth) {
    uint32_t begin = s->steps[s->open[s->depth - 1]].call;
    (void)vy__fail(&s->errors, NULL, VY__E_SEQUENCE_ORDER,
                   "the repeat of step %u has no end", begin);
    vy__diags_set_item(&s->errors, before, begin);
  }
  if (s->errors.errors)
    return report(s, diags);
  if (!make_tables(s))
    return vy__fail_oom(diags, "a sequence");
  s->state = VY__SEQUENCE_READY;
  return VY_OK;
}
