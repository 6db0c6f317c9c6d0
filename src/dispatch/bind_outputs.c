// Binding, second part: what returns where. A range known before the run goes
// straight to the slot. One whose bounds are elements of outputs is cut out
// of the whole output afterwards; elements of an output that does not return
// whole come to staging memory.
#include "dispatch/bind.h"
#include "semantics/semantics.h"

typedef unsigned long long ull;

// ---- ranges

static const vy_readback *option_for(const vy__binder *b, uint32_t output) {
  for (uint32_t i = 0; i < b->options.readback_count; i++)
    if (b->options.readbacks[i].output == output)
      return &b->options.readbacks[i];
  return NULL;
}

static uint64_t clamp(uint64_t v, uint64_t most) { return v < most ? v : most; }

static vy_status fail_range(const vy__plan *plan, uint32_t output, uint64_t lo,
                            uint64_t hi, vy_diags *diags) {
  return vy__fail(diags, NULL, VY__E_READBACK_RANGE,
                  "%s: its readback range is [%llu, %llu)",
                  vy__name_param(plan, plan->output_param[output]).text,
                  (ull)lo, (ull)hi);
}

static vy_status set_range(const vy__binder *b, vy__bound *item, uint32_t o,
                           vy_diags *diags) {
  const vy__plan *plan = b->plan;
  uint32_t i = plan->output_param[o];
  const vy__param *p = &plan->program->ir.params[i];
  const vy_readback *option = option_for(b, o);
  vy__out *out = &item->outs[o];
  uint64_t lo = 0, hi = item->lengths[i];
  if (option) {
    lo = option->lo;
    hi = option->hi;
  } else if (plan->late_outputs >> o & 1) {
    out->late = out->slot != NULL;
    out->whole = true;
  } else if (p->readback_lo != VY__NONE) {
    VY_TRY(vy__eval_size(plan, item, p->readback_lo, NULL, i, &lo, diags));
    VY_TRY(vy__eval_size(plan, item, p->readback_hi, NULL, i, &hi, diags));
    if (lo > hi)
      return fail_range(plan, o, lo, hi, diags);
  }
  out->lo = clamp(lo, item->lengths[i]) * p->element_size;
  out->hi = clamp(hi, item->lengths[i]) * p->element_size;
  return VY_OK;
}

// The element that late bounds of some output read must come back.
static vy_status need_element(const vy__binder *b, vy__bound *item,
                              const vy__late *late, vy_diags *diags) {
  const vy__plan *plan = b->plan;
  const vy__ir *ir = &plan->program->ir;
  const vy__size *s = &ir->sizes[late->node];
  const vy__param *p = &ir->params[s->ref];
  vy__out *from = &item->outs[plan->params[s->ref].output];
  uint64_t index;
  VY_TRY(vy__eval_size(plan, item, s->a, NULL, plan->output_param[late->output],
                       &index, diags));
  if (index >= item->lengths[s->ref])
    return VY_OK; // reads as 0
  if (from->slot) {
    from->whole = true;
    return VY_OK;
  }
  const vy__field *f = &ir->fields[p->first_field + s->imm];
  uint64_t lo = index * p->element_size + f->offset;
  uint64_t hi = lo + vy__type_bytes(f->type);
  bool first = from->element_lo == from->element_hi;
  if (first || lo < from->element_lo)
    from->element_lo = lo;
  if (first || hi > from->element_hi)
    from->element_hi = hi;
  return VY_OK;
}

// ---- slots

static vy_status fail_no_outputs(const vy__plan *plan, uint32_t output,
                                 vy_diags *diags) {
  return vy__fail(diags, NULL, VY__E_NO_OUTPUTS,
                  "%s returns to the host, and outputs is NULL",
                  vy__name_param(plan, plan->output_param[output]).text);
}

static vy_status choose_slot(const vy__binder *b, vy__bound *item, uint32_t o,
                             const vy_arg *arg, vy_diags *diags) {
  vy__slot *s = item->outputs ? &item->outputs->slots[o] : NULL;
  bool resident = arg->kind == VY_ARG_BUFFER;
  item->outs[o].slot = NULL;
  if (!s && !resident)
    return fail_no_outputs(b->plan, o, diags);
  bool skip =
      !s || s->mode == VY_SLOT_SKIP || (s->mode == VY_SLOT_DEFAULT && resident);
  if (!skip)
    item->outs[o].slot = s;
  return VY_OK;
}

static vy_status check_room(const vy__binder *b, vy__bound *item, uint32_t o,
                            uint64_t *total, vy_diags *diags) {
  vy__out *out = &item->outs[o];
  uint64_t limit = b->options.max_output_bytes;
  if (!out->slot)
    return VY_OK;
  uint32_t i = b->plan->output_param[o];
  out->need = out->whole ? item->binds[i].size : out->hi - out->lo;
  if (__builtin_add_overflow(*total, out->need, total) ||
      (limit && *total > limit))
    return vy__fail(diags, NULL, VY__E_OUTPUT_LIMIT,
                    "%s would bring the bytes returned to %llu; "
                    "max_output_bytes is %llu",
                    vy__name_param(b->plan, i).text, (ull)*total, (ull)limit);
  if (out->slot->mode == VY_SLOT_MEMORY && out->need > out->slot->capacity)
    return vy__fail(diags, NULL, VY__E_OUTPUT_TOO_SMALL,
                    "%s needs %llu bytes; its slot has %llu",
                    vy__name_param(b->plan, i).text, (ull)out->need,
                    (ull)out->slot->capacity);
  return VY_OK;
}

// Everything is resident and stays there.
static vy_status stays(const vy__plan *plan, uint64_t resident,
                       vy_diags *diags) {
  uint64_t missing = plan->outputs & ~resident;
  if (!missing)
    return VY_OK;
  uint32_t first = (uint32_t)__builtin_ctzll(missing);
  return fail_no_outputs(plan, plan->params[first].output, diags);
}

vy_status vy__bind_outputs(const vy__binder *b, vy__bound *item,
                           const vy_arg *args, vy_diags *diags) {
  const vy__plan *plan = b->plan;
  uint64_t total = 0;
  if (item->outputs && item->outputs->count != plan->output_count)
    return vy__fail(diags, NULL, VY__E_OUTPUTS_COUNT,
                    "the program has %u outputs; the outputs object has %u "
                    "slots",
                    plan->output_count, item->outputs->count);
  if (!item->outputs && !plan->reads_back && !b->options.readback_count)
    return stays(plan, item->resident, diags);
  item->returns = true;
  for (uint32_t o = 0; o < plan->output_count; o++)
    item->outs[o] = (vy__out){0};
  for (uint32_t o = 0; o < plan->output_count; o++) {
    VY_TRY(choose_slot(b, item, o, &args[plan->output_param[o]], diags));
    VY_TRY(set_range(b, item, o, diags));
  }
  for (uint32_t k = 0; k < plan->late_count; k++)
    if (item->outs[plan->late[k].output].late)
      VY_TRY(need_element(b, item, &plan->late[k], diags));
  for (uint32_t o = 0; o < plan->output_count; o++)
    VY_TRY(check_room(b, item, o, &total, diags));
  return VY_OK;
}

// ---- making room

bool vy__bind_grow(const vy__plan *plan, const vy_allocator *a,
                   vy__bound *item) {
  for (uint32_t o = 0; item->returns && o < plan->output_count; o++) {
    vy__out *out = &item->outs[o];
    vy__slot *s = out->slot;
    if (s && out->need > s->capacity &&
        !vy__slot_grow(item->outputs, s, out->need))
      return false;
    uint64_t elements = out->element_hi - out->element_lo;
    out->staging = out->small;
    if (elements <= sizeof out->small)
      continue;
    out->staging = vy__alloc(a, elements);
    if (!out->staging)
      return false;
    out->staging_size = elements;
  }
  return true;
}

static void count_slot(vy_outputs *o, const vy__slot *s) {
  vy__count(o->context,
            s->grown ? VY__COUNT_SLOTS_GROWN : VY__COUNT_SLOTS_REUSED, 1);
  if (s->grown)
    o->grown++;
  else
    o->reused++;
}

void vy__bind_commit(const vy__plan *plan, vy__bound *item) {
  for (uint32_t o = 0; item->returns && o < plan->output_count; o++) {
    vy__out *out = &item->outs[o];
    vy__bind *bind = &item->binds[plan->output_param[o]];
    if (item->outputs) {
      vy__slot *s = &item->outputs->slots[o];
      s->size = 0;
      s->returned = false;
      if (out->slot)
        count_slot(item->outputs, s);
      vy__slot_commit(item->outputs, s);
    }
    bind->out = out->slot ? out->slot->data : NULL;
    bind->lo = out->whole ? 0 : out->lo;
    bind->hi = out->whole ? bind->size : out->hi;
    if (!out->slot && out->element_hi > out->element_lo) {
      bind->out = out->staging;
      bind->lo = out->element_lo;
      bind->hi = out->element_hi;
    } else if (!bind->out || bind->lo == bind->hi) {
      bind->out = NULL;
      bind->lo = bind->hi = 0;
    }
  }
}

void vy__bind_abandon(const vy__plan *plan, vy__bound *item) {
  for (uint32_t o = 0; item->returns && o < plan->output_count; o++)
    if (item->outputs && item->outs[o].slot)
      vy__slot_drop(item->outputs, item->outs[o].slot);
}

void vy__bind_finish(const vy__plan *plan, const vy_allocator *alloc,
                     vy__bound *item) {
  for (uint32_t o = 0; item->returns && o < plan->output_count; o++) {
    vy__out *out = &item->outs[o];
    if (out->staging_size)
      vy__free(alloc, out->staging, out->staging_size);
    out->staging_size = 0;
  }
}

// ---- after the run

typedef struct late_env {
  const vy__plan *plan;
  const vy__bound *item;
} late_env;

static bool read_element(void *user, uint32_t param, uint64_t index,
                         uint32_t field, uint64_t *bits) {
  const late_env *env = user;
  const vy__ir *ir = &env->plan->program->ir;
  const vy__param *p = &ir->params[param];
  const vy__out *out = &env->item->outs[env->plan->params[param].output];
  *bits = 0;
  if (index >= env->item->lengths[param])
    return true;
  const vy__field *f = &ir->fields[p->first_field + field];
  uint64_t at = index * p->element_size + f->offset;
  const uint8_t *from =
      out->slot ? out->slot->data + at : out->staging + (at - out->element_lo);
  uint64_t stored = 0;
  memcpy(&stored, from, vy__type_bytes(f->type));
  *bits = vy__load_convert(f->type, stored);
  return true;
}

static bool late_range(const vy__plan *plan, vy__bound *item, uint32_t o) {
  const vy__ir *ir = &plan->program->ir;
  uint32_t i = plan->output_param[o];
  const vy__param *p = &ir->params[i];
  late_env user = {plan, item};
  vy__size_env env = {item->scalars, item->lengths, NULL, read_element, &user};
  uint64_t lo = 0, hi = 0;
  vy__size_result r = vy__size_eval(ir, p->readback_lo, &env, &lo);
  if (r == VY__SIZE_OK)
    r = vy__size_eval(ir, p->readback_hi, &env, &hi);
  if (r != VY__SIZE_OK || lo > hi) {
    item->bad_output = o;
    item->bad_why = r;
    item->bad_lo = lo;
    item->bad_hi = hi;
    return false;
  }
  item->outs[o].lo = clamp(lo, item->lengths[i]) * p->element_size;
  item->outs[o].hi = clamp(hi, item->lengths[i]) * p->element_size;
  return true;
}

bool vy__bind_return(const vy__plan *plan, vy__bound *item) {
  if (!item->returns)
    return true;
  for (uint32_t o = 0; o < plan->output_count; o++)
    if (item->outs[o].late && !late_range(plan, item, o))
      return false;
  for (uint32_t o = 0; o < plan->output_count; o++) {
    vy__out *out = &item->outs[o];
    vy__slot *s = out->slot;
    if (!s)
      continue;
    if (out->whole && out->lo > 0 && out->hi > out->lo)
      memmove(s->data, s->data + out->lo, out->hi - out->lo);
    s->size = out->hi - out->lo;
    s->returned = true;
    item->bytes_out += s->size;
    item->outputs->bytes += s->size;
  }
  return true;
}
