// Binding, as a whole: options, one item, and the overlaps of its memory.
#include "dispatch/bind.h"

#include <stdio.h>

typedef unsigned long long ull;

// ---- options

static vy_status check_readbacks(const vy__binder *b, vy_diags *diags) {
  const vy_dispatch_options *o = &b->options;
  uint64_t seen = 0;
  if (o->readback_count && !o->readbacks)
    return vy__fail_argument(diags,
                             "vy_dispatch_options: readbacks is NULL, its "
                             "count %u",
                             o->readback_count);
  for (uint32_t i = 0; i < o->readback_count; i++) {
    const vy_readback *r = &o->readbacks[i];
    if (r->output >= b->plan->output_count || r->reserved)
      return vy__fail(diags, NULL, VY__E_READBACK_OPTION,
                      "readback %u names output %u (reserved %u); the program "
                      "has %u outputs",
                      i, r->output, r->reserved, b->plan->output_count);
    if (r->lo > r->hi || seen >> r->output & 1)
      return vy__fail(diags, NULL, VY__E_READBACK_OPTION,
                      "readback %u of output %u is [%llu, %llu), %s", i,
                      r->output, (ull)r->lo, (ull)r->hi,
                      r->lo > r->hi ? "which ends before it starts"
                                    : "the second for that output");
    seen |= UINT64_C(1) << r->output;
  }
  return VY_OK;
}

vy_status vy__binder_init(vy__binder *b, const vy__plan *plan,
                          vy__buffers *buffers, uint32_t flags,
                          const vy_dispatch_options *options, vy_diags *diags) {
  b->plan = plan;
  b->buffers = buffers;
  b->flags = flags;
  b->count_slot = NULL;
  b->counts = false;
  b->like = NULL;
  b->options = (vy_dispatch_options)VY_DISPATCH_OPTIONS_INIT;
  for (uint32_t p = 0; p < plan->param_count; p++)
    b->last_id[p] = 0;
  vy_dispatch_options *o = &b->options;
  if (options)
    VY_TRY(
        vy__take_struct(o, sizeof *o, options, "vy_dispatch_options", diags));
  if (o->label.size && !o->label.data)
    return vy__fail_argument(diags,
                             "vy_dispatch_options: label.data is NULL, its "
                             "size %zu",
                             o->label.size);
  if (o->set_lanes > 1 || o->set_groups > 1)
    return vy__fail_argument(diags,
                             "vy_dispatch_options: set_lanes is %u and "
                             "set_groups %u; they must be 0 or 1",
                             o->set_lanes, o->set_groups);
  if (o->device_times > 1 || o->reserved)
    return vy__fail_argument(diags,
                             "vy_dispatch_options: device_times is %u and "
                             "reserved %u; they must be 0 or 1, and 0",
                             o->device_times, o->reserved);
  if (o->budget && !(flags & VY_COMPILE_BUDGETED))
    return vy__fail(diags, NULL, VY__E_BUDGET_OPTION,
                    "budget is %llu, and the pipeline was compiled without "
                    "VY_COMPILE_BUDGETED",
                    (ull)o->budget);
  if (!o->iterations)
    o->iterations = 1;
  b->counts = o->set_lanes || o->lanes[0] || o->set_groups || o->groups[0];
  return check_readbacks(b, diags);
}

// ---- overlaps

typedef struct range {
  const void *space; // resident memory; NULL: host
  uint64_t lo, hi;   // bytes
  uint32_t param;
  bool write, slot, dying; // dying: a slot's memory that will be replaced
} range;

static bool conflict(const range *a, const range *b) {
  if (a->space != b->space || !(a->write || b->write) || a->lo >= b->hi ||
      b->lo >= a->hi)
    return false;
  bool own = a->param == b->param && a->slot != b->slot && a->lo == b->lo;
  return !own || a->dying || b->dying;
}

static uint32_t add_host(range *r, const vy__bound *item, uint32_t i,
                         const vy__out *out) {
  uint32_t n = 0;
  const vy__bind *bind = &item->binds[i];
  uintptr_t in = (uintptr_t)bind->in;
  if (bind->in)
    r[n++] = (range){NULL, in, in + bind->size, i, false, false, false};
  const vy__slot *s = out ? out->slot : NULL;
  if (!s || !s->data)
    return n;
  uintptr_t at = (uintptr_t)s->data;
  bool dying = out->need > s->capacity;
  uint64_t bytes = dying ? s->capacity : out->need;
  if (bytes)
    r[n++] = (range){NULL, at, at + bytes, i, true, true, dying};
  return n;
}

// Most items have resident buffers only, each another: nothing to look at.
static bool all_apart(const vy__plan *plan, const vy__bound *item) {
  if (item->outputs || item->bytes_in)
    return false;
  for (uint32_t i = 1; i < plan->param_count; i++) {
    const struct vy__memory *memory = item->binds[i].memory;
    for (uint32_t k = 0; memory && k < i; k++)
      if (item->binds[k].memory == memory)
        return false;
  }
  return true;
}

// The count is read while the run goes on.
static vy_status check_count(const vy__plan *plan, const vy__bound *item,
                             vy_diags *diags) {
  const vy__launch_item *l = item->launch;
  for (uint32_t o = 0; o < plan->output_count; o++) {
    const vy__bind *b = &item->binds[plan->output_param[o]];
    if (b->memory == l->count && b->offset < l->count_offset + 4 &&
        l->count_offset < b->offset + b->size)
      return vy__fail(diags, NULL, VY__E_ALIASING,
                      "%s is written, and holds the count of the options",
                      vy__name_param(plan, plan->output_param[o]).text);
  }
  return VY_OK;
}

vy_status vy__bind_aliases(const vy__binder *b, const vy__bound *item,
                           vy_diags *diags) {
  range all[3 * VY__MAX_PARAMS];
  uint32_t count = 0;
  const vy__plan *plan = b->plan;
  if (item->launch->count)
    VY_TRY(check_count(plan, item, diags));
  if (all_apart(plan, item))
    return VY_OK;
  for (uint32_t i = 0; i < plan->param_count; i++) {
    const vy__param *p = &plan->program->ir.params[i];
    const vy__bind *bind = &item->binds[i];
    uint32_t before = count;
    if (p->access == VY_ACCESS_NONE)
      continue;
    if (bind->memory)
      all[count++] = (range){bind->memory,
                             bind->offset,
                             bind->offset + bind->size,
                             i,
                             p->access != VY_ACCESS_READ,
                             false,
                             false};
    uint32_t o = plan->params[i].output;
    bool returns = item->returns && o != UINT8_MAX;
    count += add_host(all + count, item, i, returns ? &item->outs[o] : NULL);
    for (uint32_t k = before; k < count; k++)
      for (uint32_t j = 0; j < k; j++)
        if (conflict(&all[j], &all[k]))
          return vy__fail(diags, NULL, VY__E_ALIASING,
                          "the memory of %s%s overlaps that of %s%s, and at "
                          "least one of them is written",
                          vy__name_param(plan, all[j].param).text,
                          all[j].slot ? " (its output slot)" : "",
                          vy__name_param(plan, all[k].param).text,
                          all[k].slot ? " (its output slot)" : "");
  }
  return VY_OK;
}

// ---- one item

// An argument of another value, which no size uses.
static bool is_scalar(const vy__plan *plan, uint32_t i, const vy_arg *a) {
  uint32_t width = vy__type_bits(a->type);
  return !(plan->size_scalars >> i & 1) &&
         (width >= 64 || a->u.bits >> width == 0);
}

// Bind an item that is as `like`, but for where its resident ranges begin and
// for scalars that no size uses: what holds of kinds, lengths, domain and
// outputs then holds of it too, and only the ranges are to be checked. False,
// without a word: it is not so, or a range is wrong.
static bool bind_like(vy__binder *b, vy__bound *item, const vy_arg *args) {
  const vy__bound *like = b->like;
  uint64_t differ = 0;
  for (uint32_t i = 0; i < b->plan->param_count; i++) {
    const vy_arg *a = &args[i], *was = &b->like_args[i];
    const vy__bind *bind = &like->binds[i];
    if (a->kind != was->kind || (a->reserved[0] | a->reserved[1]))
      return false;
    item->lengths[i] = bind->length;
    if (a->kind == VY_ARG_BUFFER) {
      uint64_t size = b->last_slot[i]->size;
      if (a->u.buffer != was->u.buffer || a->size != bind->size ||
          a->offset % 16 || a->offset > size || a->size > size - a->offset)
        return false;
      item->scalars[i] = 0;
      item->binds[i] = (vy__bind){.memory = bind->memory,
                                  .offset = a->offset,
                                  .size = a->size,
                                  .length = bind->length};
      continue;
    }
    if (a->kind != VY_ARG_SCALAR || a->type != was->type ||
        (a->u.bits != was->u.bits && !is_scalar(b->plan, i, a)))
      return false;
    differ |= a->u.bits ^ was->u.bits;
    item->scalars[i] = a->u.bits;
    item->binds[i] = (vy__bind){0};
  }
  vy__launch_item *to = item->launch;
  const vy__launch_item *from = like->launch;
  memcpy(to->lanes, from->lanes, sizeof to->lanes);
  memcpy(to->groups, from->groups, sizeof to->groups);
  to->count_most = from->count_most;
  to->alike = !differ && b->last_same;
  b->last_same = !differ;
  item->resident = like->resident;
  return true;
}

vy_status vy__bind_item(vy__binder *b, vy__bound *item, const vy_arg *args,
                        size_t arg_count, vy_diags *diags) {
  const vy__ir *ir = &b->plan->program->ir;
  if (arg_count != b->plan->param_count)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_COUNT,
                    "program '%s' has %u parameters; %zu arguments are given",
                    vy__ir_string(ir, ir->name), ir->param_count, arg_count);
  if (arg_count && !args)
    return vy__fail_argument(diags,
                             "args is NULL; the program has %u "
                             "parameters",
                             ir->param_count);
  if (b->like && !item->outputs && bind_like(b, item, args))
    return b->like_apart ? VY_OK : vy__bind_aliases(b, item, diags);
  VY_TRY(vy__bind_args(b, item, args, diags));
  VY_TRY(vy__bind_lengths(b, item, args, diags));
  VY_TRY(vy__bind_domain(b, item, diags));
  VY_TRY(vy__bind_outputs(b, item, args, diags));
  VY_TRY(vy__bind_aliases(b, item, diags));
  b->like = vy__bound_is_plain(item) && !item->launch->count ? item : NULL;
  b->like_args = args;
  b->like_apart = all_apart(b->plan, item);
  b->last_same = true;
  return VY_OK;
}
