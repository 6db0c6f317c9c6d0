// Binding the steps of a sequence. Bindings are put in the place of the
// arguments that name them, and the one binder does the rest. A step for which
// nothing differs from the replay before keeps what was bound then; only its
// marks are renewed.
#include "dispatch/sequence.h"

typedef unsigned long long ull;

// ---- bindings

static vy_status take_bindings(const vy_sequence *s, const vy_bindings *given,
                               vy_bindings *out, vy_diags *diags) {
  *out = (vy_bindings)VY_BINDINGS_INIT;
  if (given)
    VY_TRY(vy__take_struct(out, sizeof *out, given, "vy_bindings", diags));
  if (!out->args && out->arg_count)
    return vy__fail_argument(diags, "vy_bindings: args is NULL, its count %zu",
                             out->arg_count);
  if (!out->outputs && out->output_count)
    return vy__fail_argument(diags,
                             "vy_bindings: outputs is NULL, its count %zu",
                             out->output_count);
  if (out->arg_count < s->binding_count)
    return vy__fail(diags, NULL, VY__E_SEQUENCE_BINDING,
                    "the steps name %u bindings; %zu are given",
                    s->binding_count, out->arg_count);
  if (out->output_count < s->output_count)
    return vy__fail(diags, NULL, VY__E_SEQUENCE_BINDING,
                    "the steps name %u outputs objects; %zu are given",
                    s->output_count, out->output_count);
  return VY_OK;
}

static bool same_arg(const vy_arg *a, const vy_arg *b) {
  return a->kind == b->kind && a->type == b->type && a->u.bits == b->u.bits &&
         a->offset == b->offset && a->size == b->size &&
         a->reserved[0] == b->reserved[0] && a->reserved[1] == b->reserved[1];
}

static void compare(vy_sequence *s, const vy_bindings *b) {
  for (uint32_t i = 0; i < s->binding_count; i++)
    s->differs[i] = !s->warm || !same_arg(&s->last[i], &b->args[i]);
}

static bool differs(const vy_sequence *s, const vy_arg *recorded) {
  return recorded->kind == VY_ARG_BINDING && s->differs[recorded->u.bits];
}

// `size` bytes at `offset` of a span of `has` (UINT64_MAX: not known here)?
static bool part(uint64_t has, uint64_t offset, uint64_t *size) {
  bool known = has != UINT64_MAX;
  if (known && offset > has)
    return false;
  if (known && *size == UINT64_MAX)
    *size = has - offset;
  return !known || *size <= has - offset;
}

typedef struct named { // what an argument is, for messages
  const vy__plan *plan;
  uint32_t param;
  const char *what; // NULL: the parameter
} named;

static vy_status fail_binding(const vy_arg *recorded, const vy_arg *a,
                              const named *n, vy__err code, vy_diags *diags) {
  vy__arg_name name = {""};
  if (!n->what)
    name = vy__name_param(n->plan, n->param);
  const char *what = n->what ? n->what : name.text;
  ull index = recorded->u.bits;
  if (a->kind == VY_ARG_BINDING)
    return vy__fail(diags, NULL, code, "%s: binding %llu is itself a binding",
                    what, index);
  if (code == VY__E_SEQUENCE_BINDING)
    return vy__fail(diags, NULL, code,
                    "%s is a part of binding %llu, which is of kind %s", what,
                    index, vy__arg_kind_name(a->kind));
  return vy__fail(diags, NULL, code,
                  "%s: %llu bytes at byte %llu do not lie in binding %llu, "
                  "which has %llu bytes",
                  what, (ull)recorded->size, (ull)recorded->offset, index,
                  (ull)a->size);
}

// A part of a binding.
static vy_status take_part(const vy_arg *recorded, const vy_arg *a, vy_arg *out,
                           const named *n, vy_diags *diags) {
  uint64_t offset = recorded->offset, size = recorded->size, at;
  bool host = a->kind == VY_ARG_HOST;
  if (!host && a->kind != VY_ARG_BUFFER)
    return fail_binding(recorded, a, n, VY__E_SEQUENCE_BINDING, diags);
  if (!part(a->size, offset, &size) || (host && !a->u.data && a->size) ||
      __builtin_add_overflow(host ? 0 : a->offset, offset, &at))
    return fail_binding(recorded, a, n, VY__E_ARGUMENT_RANGE, diags);
  *out = *a;
  out->size = size;
  if (!host)
    out->offset = at;
  else if (a->u.data)
    out->u.data = (const uint8_t *)a->u.data + offset;
  return VY_OK;
}

// The argument that a step's stands for.
static vy_status resolve(const vy_arg *recorded, const vy_bindings *b,
                         vy_arg *out, const named *n, vy_diags *diags) {
  *out = *recorded;
  if (recorded->kind != VY_ARG_BINDING)
    return VY_OK;
  const vy_arg *a = &b->args[recorded->u.bits];
  if (a->kind == VY_ARG_BINDING)
    return fail_binding(recorded, a, n, VY__E_SEQUENCE_BINDING, diags);
  if (recorded->offset || recorded->size != UINT64_MAX)
    return take_part(recorded, a, out, n, diags);
  *out = *a;
  return VY_OK;
}

// ---- dispatches

static bool launch_differs(const vy_sequence *s, const vy__seq_launch *l) {
  bool found = !l->ready || l->outputs >= 0 || l->ticket->items[0].returns ||
               differs(s, &l->count);
  for (uint32_t i = 0; !found && i < l->pipeline->plan.param_count; i++)
    found = differs(s, &l->recorded[i]);
  return found;
}

static vy_status bind_anew(vy_sequence *s, vy__seq_launch *l,
                           const vy_bindings *bindings, vy_diags *diags) {
  vy_pipeline *p = l->pipeline;
  vy__binder b;
  l->ready = false;
  for (uint32_t i = 0; i < p->plan.param_count; i++)
    if (l->recorded[i].kind == VY_ARG_BINDING)
      VY_TRY(resolve(&l->recorded[i], bindings, &l->args[i],
                     &(named){&p->plan, i, NULL}, diags));
  named count = {.what = "vy_dispatch_options: count"};
  VY_TRY(resolve(&l->count, bindings, &l->options.o.count, &count, diags));
  VY_TRY(vy__binder_init(&b, &p->plan, &s->device->buffers, p->flags,
                         &l->options.o, diags));
  vy_item item = {l->args, p->plan.param_count,
                  l->outputs >= 0 ? bindings->outputs[l->outputs] : NULL};
  VY_TRY(vy__ticket_bind(l->ticket, &b, 0, &item, diags));
  l->ready = true;
  return VY_OK;
}

// What the replay before left in a step that is bound as before.
static vy_status renew(vy__seq_launch *l, vy_diags *diags) {
  vy__bound *item = &l->ticket->items[0];
  item->launch->fault = (vy__fault){0};
  item->bad_output = VY__NONE;
  item->bytes_out = 0;
  vy__launch_count(item->launch, l->ticket->program, UINT32_MAX);
  return vy__ticket_pin(l->ticket, l->args, &l->options.o.count, diags);
}

static vy_status bind_launch(vy_sequence *s, vy__seq_launch *l, vy__step *to,
                             const vy_bindings *bindings, vy_diags *diags) {
  if (!launch_differs(s, l))
    return renew(l, diags);
  to->changed = 1;
  return bind_anew(s, l, bindings, diags);
}

// ---- the other steps

typedef struct place { // of a resident range
  struct vy__memory *memory;
  uint64_t offset, size;
} place;

static vy_status bind_range(vy_sequence *s, vy__seq_step *step, uint32_t i,
                            const vy_bindings *bindings, const char *what,
                            place *out, vy_diags *diags) {
  vy_arg a;
  VY_TRY(
      resolve(&step->ranges[i], bindings, &a, &(named){.what = what}, diags));
  VY_TRY(vy__pin_arg(&s->device->buffers, &a, what, &step->pins[i], &out->size,
                     diags));
  out->memory = step->pins[i]->memory;
  out->offset = a.offset;
  return VY_OK;
}

static void set_place(vy__step *to, const place *p) {
  to->changed |=
      to->memory != p->memory || to->offset != p->offset || to->size != p->size;
  to->memory = p->memory;
  to->offset = p->offset;
  to->size = p->size;
}

static vy_status bind_copy(vy_sequence *s, vy__seq_step *step, vy__step *to,
                           const vy_bindings *bindings, vy_diags *diags) {
  place from, at;
  VY_TRY(
      bind_range(s, step, 0, bindings, "the source of a copy", &from, diags));
  VY_TRY(bind_range(s, step, 1, bindings, "the target of a copy", &at, diags));
  if (from.size != at.size)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_SIZE,
                    "a copy has a source of %llu bytes and a target of %llu\n"
                    "Fix: give two ranges of one size",
                    (ull)from.size, (ull)at.size);
  if (step->pins[0] == step->pins[1] && at.size &&
      from.offset < at.offset + at.size && at.offset < from.offset + at.size)
    return vy__fail(diags, NULL, VY__E_ALIASING,
                    "a copy of %llu bytes from byte %llu to byte %llu of the "
                    "same buffer overlaps",
                    (ull)at.size, (ull)from.offset, (ull)at.offset);
  to->changed |= to->from != from.memory || to->from_offset != from.offset;
  to->from = from.memory;
  to->from_offset = from.offset;
  set_place(to, &at);
  return VY_OK;
}

static vy_status bind_repeat(vy_sequence *s, vy__seq_step *step, vy__step *to,
                             const vy_bindings *bindings, vy_diags *diags) {
  static const char what[] = "the element of a repeat";
  vy_arg a;
  VY_TRY(
      resolve(&step->ranges[0], bindings, &a, &(named){.what = what}, diags));
  VY_TRY(vy__pin_u32(&s->device->buffers, &a, what, &step->pins[0], diags));
  place p = {step->pins[0]->memory, a.offset, 4};
  set_place(to, &p);
  return VY_OK;
}

static vy_status bind_step(vy_sequence *s, uint32_t i,
                           const vy_bindings *bindings, vy_diags *diags) {
  vy__seq_step *step = &s->steps[i];
  vy__step *to = &s->recording->steps[i];
  place p;
  switch ((vy__step_kind)step->kind) {
  case VY__STEP_LAUNCH:
    return bind_launch(s, step->launch, to, bindings, diags);
  case VY__STEP_COPY:
    return bind_copy(s, step, to, bindings, diags);
  case VY__STEP_FILL:
    VY_TRY(bind_range(s, step, 0, bindings, "the range of a fill", &p, diags));
    set_place(to, &p);
    return VY_OK;
  case VY__STEP_REPEAT:
    return bind_repeat(s, step, to, bindings, diags);
  case VY__STEP_END:
    break;
  }
  return VY_OK;
}

// ---- host memory of different steps

// The spans of parameter `p`: what is read, and the slot. An `update` that
// returns to its own input is one span.
static uint32_t add_spans(vy__seq_span *out, const vy__bound *item,
                          const vy__plan *plan, uint32_t p, uint32_t step) {
  uint32_t n = 0, o = plan->params[p].output;
  const vy__bind *b = &item->binds[p];
  uintptr_t in = (uintptr_t)b->in;
  if (b->in)
    out[n++] = (vy__seq_span){in, in + b->size, step, false};
  const vy__out *slot = item->returns && o != UINT8_MAX ? &item->outs[o] : NULL;
  if (!slot || !slot->slot || !slot->slot->data)
    return n;
  uintptr_t at = (uintptr_t)slot->slot->data;
  uint64_t bytes =
      slot->need > slot->slot->capacity ? slot->slot->capacity : slot->need;
  if (n && at == in) {
    out[0].write = true;
    if (in + b->size < at + bytes)
      out[0].hi = at + bytes;
  } else if (bytes) {
    out[n++] = (vy__seq_span){at, at + bytes, step, true};
  }
  return n;
}

static void sift(vy__seq_span *all, uint32_t at, uint32_t count) {
  for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && all[child].lo < all[child + 1].lo)
      child++;
    if (all[at].lo >= all[child].lo)
      return;
    vy__seq_span x = all[at];
    all[at] = all[child];
    all[child] = x;
  }
}

// By start, in place: a heap.
static void sort_spans(vy__seq_span *all, uint32_t count) {
  for (uint32_t i = count / 2; i-- > 0;)
    sift(all, i, count);
  for (uint32_t n = count; n > 1; n--) {
    vy__seq_span x = all[0];
    all[0] = all[n - 1];
    all[n - 1] = x;
    sift(all, 0, n - 1);
  }
}

static vy_status fail_spans(const vy__seq_span *a, const vy__seq_span *b,
                            vy_diags *diags) {
  uint32_t from = diags ? diags->count : 0;
  (void)vy__fail(diags, NULL, VY__E_ALIASING,
                 "host memory of steps %u and %u overlaps, and at least one "
                 "of them returns into it\nFix: pass it on in a resident "
                 "buffer",
                 a->step, b->step);
  vy__diags_set_item(diags, from, a->step > b->step ? a->step : b->step);
  return VY_ERROR_INVALID_ARGUMENT;
}

// Each span against the one before it that reaches furthest, and the written
// one that does: all others before it end earlier.
static vy_status check_spans(const vy__seq_span *all, uint32_t count,
                             vy_diags *diags) {
  const vy__seq_span *any = NULL, *written = NULL;
  for (uint32_t i = 0; i < count; i++) {
    const vy__seq_span *x = &all[i];
    if (written && x->lo < written->hi)
      return fail_spans(written, x, diags);
    if (x->write && any && x->lo < any->hi)
      return fail_spans(any, x, diags);
    if (!any || x->hi > any->hi)
      any = x;
    if (x->write && (!written || x->hi > written->hi))
      written = x;
  }
  return VY_OK;
}

static vy_status fail_in_place(const vy__seq_launch *l, uint32_t step,
                               uint32_t param, vy_diags *diags) {
  uint32_t from = diags ? diags->count : 0;
  (void)vy__fail(diags, NULL, VY__E_ALIASING,
                 "%s returns into its own input, in a repeat\nFix: use a "
                 "resident buffer",
                 vy__name_param(&l->pipeline->plan, param).text);
  vy__diags_set_item(diags, from, step);
  return VY_ERROR_INVALID_ARGUMENT;
}

static vy_status check_host(vy_sequence *s, vy_diags *diags) {
  uint32_t count = 0;
  bool written = false;
  for (uint32_t i = 0; i < s->step_count; i++) {
    const vy__seq_launch *l = s->steps[i].launch;
    for (uint32_t p = 0; l && p < l->pipeline->plan.param_count; p++) {
      vy__seq_span *at = &s->spans[count];
      const vy__bound *item = &l->ticket->items[0];
      uint32_t n = add_spans(at, item, &l->pipeline->plan, p, i);
      if (n && at->write && item->binds[p].in && s->steps[i].repeat != VY__NONE)
        return fail_in_place(l, i, p, diags);
      for (uint32_t k = 0; k < n; k++)
        written |= at[k].write;
      count += n;
    }
  }
  if (!written)
    return VY_OK;
  sort_spans(s->spans, count);
  return check_spans(s->spans, count, diags);
}

// ---- all together

void vy__sequence_let_go(vy_sequence *s) {
  for (uint32_t i = 0; i < s->step_count; i++) {
    vy__seq_step *step = &s->steps[i];
    for (uint32_t k = 0; k < 2; k++) {
      if (step->pins[k])
        vy__buffers_unpin(&s->device->buffers, step->pins[k]);
      step->pins[k] = NULL;
    }
    if (!step->launch)
      continue;
    vy__ticket_unpin(step->launch->ticket);
    vy__ticket_release_outputs(step->launch->ticket);
  }
}

static vy_status bind_steps(vy_sequence *s, const vy_bindings *b,
                            vy_diags *diags) {
  for (uint32_t i = 0; i < s->step_count; i++) {
    uint32_t from = diags ? diags->count : 0;
    vy_status st = bind_step(s, i, b, diags);
    if (st == VY_OK)
      continue;
    if (diags)
      vy__diags_set_item(diags, from, i);
    return st;
  }
  return VY_OK;
}

static vy_status make_room(vy_sequence *s, vy_diags *diags) {
  for (uint32_t i = 0; i < s->step_count; i++)
    if (s->steps[i].launch)
      VY_TRY(vy__ticket_grow(s->steps[i].launch->ticket, diags));
  return VY_OK;
}

static vy_status bind_all(vy_sequence *s, const vy_bindings *given,
                          vy_bindings *b, vy_diags *diags) {
  VY_TRY(take_bindings(s, given, b, diags));
  compare(s, b);
  VY_TRY(bind_steps(s, b, diags));
  bool changed = false;
  for (uint32_t i = 0; i < s->step_count; i++)
    changed |= s->recording->steps[i].changed != 0;
  s->recording->changed = changed;
  if (changed)
    VY_TRY(check_host(s, diags));
  return make_room(s, diags);
}

// Nothing is kept of a replay that did not come to run.
static void forget(vy_sequence *s) {
  for (uint32_t i = 0; i < s->step_count; i++)
    if (s->steps[i].launch) {
      vy_ticket *t = s->steps[i].launch->ticket;
      vy__bind_abandon(&t->pipeline->plan, &t->items[0]);
      s->steps[i].launch->ready = false;
    }
  s->warm = false;
  vy__sequence_let_go(s);
}

vy_status vy__sequence_bind(vy_sequence *s, const vy_bindings *bindings,
                            vy_diags *diags) {
  vy_bindings b;
  vy_status st = bind_all(s, bindings, &b, diags);
  if (st != VY_OK) {
    forget(s);
    return st;
  }
  for (uint32_t i = 0; i < s->step_count; i++)
    if (s->steps[i].launch)
      vy__ticket_commit(s->steps[i].launch->ticket);
  if (s->binding_count)
    memcpy(s->last, b.args, s->binding_count * sizeof *s->last);
  s->warm = true;
  return VY_OK;
}
