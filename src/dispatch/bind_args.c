// Binding, first part: kinds, types, lengths and the domain.
#include "dispatch/bind.h"

#include <stdio.h>

static const char *const kind_names[] = {
    [VY_ARG_NONE] = "NONE",     [VY_ARG_LENGTH] = "LENGTH",
    [VY_ARG_SCALAR] = "SCALAR", [VY_ARG_HOST] = "HOST",
    [VY_ARG_BUFFER] = "BUFFER", [VY_ARG_BINDING] = "BINDING",
};

const char *vy__arg_kind_name(uint32_t kind) {
  return kind < VY__COUNT(kind_names) ? kind_names[kind] : "?";
}

typedef unsigned long long ull;

vy__arg_name vy__name_param(const vy__plan *plan, uint32_t param) {
  vy__arg_name n;
  const vy__ir *ir = &plan->program->ir;
  snprintf(n.text, sizeof n.text, "argument %u '%.48s'", param,
           vy__ir_string(ir, ir->params[param].name));
  return n;
}

// ---- kinds

static const char *kinds_wanted(const vy__param *p) {
  switch (p->access) {
  case VY_ACCESS_NONE:
    return "a scalar, which takes SCALAR";
  case VY_ACCESS_WRITE:
    return p->length == VY__NONE
               ? "a `write` without a length, which takes LENGTH or BUFFER"
               : "a `write` whose length the program gives, which takes NONE "
                 "or BUFFER";
  default:
    return "a buffer that is read, which takes HOST or BUFFER";
  }
}

static inline bool fits(const vy__binder *b, uint32_t i, const vy_arg *a) {
  return a->kind <= VY_ARG_BINDING &&
         (b->plan->params[i].kinds >> a->kind & 1) &&
         !(a->reserved[0] | a->reserved[1]) &&
         (a->kind != VY_ARG_BUFFER || b->buffers);
}

// It does not fit.
static vy_status fail_kind(const vy__binder *b, uint32_t i, const vy_arg *a,
                           vy_diags *diags) {
  const vy__param *p = &b->plan->program->ir.params[i];
  if (a->kind > VY_ARG_BINDING || a->reserved[0] || a->reserved[1])
    return vy__fail_argument(
        diags,
        "%s: kind is %u, reserved 0x%llx and 0x%llx; they must be a "
        "VY_ARG value and 0\nFix: make arguments with the vy_arg_ "
        "functions",
        vy__name_param(b->plan, i).text, a->kind, (ull)a->reserved[0],
        (ull)a->reserved[1]);
  if (!(b->plan->params[i].kinds >> a->kind & 1))
    return vy__fail(diags, NULL, VY__E_ARGUMENT_KIND, "%s is %s, not %s",
                    vy__name_param(b->plan, i).text, kinds_wanted(p),
                    vy__arg_kind_name(a->kind));
  return vy__fail(diags, NULL, VY__E_ARGUMENT_KIND,
                  "%s is a resident buffer; this call takes host memory only\n"
                  "Fix: give it by vy_arg_host",
                  vy__name_param(b->plan, i).text);
}

static vy_status bind_scalar(const vy__binder *b, vy__bound *item, uint32_t i,
                             const vy_arg *a, vy_diags *diags) {
  uint32_t type = b->plan->program->ir.params[i].type;
  if (a->type != type)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_TYPE, "%s is %s, not %s",
                    vy__name_param(b->plan, i).text, vy__type_name(type),
                    vy__type_name(a->type));
  uint32_t width = vy__type_bits(type);
  if (width < 64 && a->u.bits >> width)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_TYPE,
                    "%s is %s, of %u bits; the bits given are 0x%llx",
                    vy__name_param(b->plan, i).text, vy__type_name(type), width,
                    (ull)a->u.bits);
  item->scalars[i] = a->u.bits;
  return VY_OK;
}

// ---- memory

static vy_status fail_length(const vy__binder *b, uint32_t i, uint64_t size,
                             vy_diags *diags) {
  uint32_t element = b->plan->program->ir.params[i].element_size;
  return vy__fail(diags, NULL, VY__E_ARGUMENT_SIZE,
                  "%s has elements of %u bytes; %llu bytes are %llu elements "
                  "and %llu bytes more",
                  vy__name_param(b->plan, i).text, element, (ull)size,
                  (ull)(size / element), (ull)(size % element));
}

// Elements of `size` bytes; false: there is a remainder.
static inline bool length_of(const vy__plan *plan, uint32_t i, uint64_t size,
                             uint64_t *length) {
  uint32_t shift = plan->params[i].shift;
  if (VY__LIKELY(shift < 64)) {
    *length = size >> shift;
    return *length << shift == size;
  }
  uint32_t element = plan->program->ir.params[i].element_size;
  *length = size / element;
  return *length * element == size;
}

static vy_status bind_host(const vy__binder *b, vy__bound *item, uint32_t i,
                           const vy_arg *a, vy_diags *diags) {
  if (!a->u.data && a->size)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_RANGE,
                    "%s: %llu bytes at NULL\n"
                    "Fix: give the memory's address, or size 0",
                    vy__name_param(b->plan, i).text, (ull)a->size);
  if (a->size > UINTPTR_MAX - (uintptr_t)a->u.data || a->size > INT64_MAX)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_RANGE,
                    "%s: %llu bytes at %p are not a span of memory\n"
                    "Fix: give the size in bytes",
                    vy__name_param(b->plan, i).text, (ull)a->size, a->u.data);
  uint64_t length;
  if (!length_of(b->plan, i, a->size, &length))
    return fail_length(b, i, a->size, diags);
  item->binds[i] = (vy__bind){
      .in = a->size ? a->u.data : NULL, .size = a->size, .length = length};
  item->lengths[i] = length;
  item->bytes_in += a->size;
  return VY_OK;
}

// Its range is not one.
static vy_status fail_range(const vy__binder *b, uint32_t i, const vy_arg *a,
                            uint64_t size, vy_diags *diags) {
  const vy__buffer_slot *s = b->last_slot[i];
  if (a->offset % 16)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_ALIGNMENT,
                    "%s: its range starts at byte %llu of the buffer, which is "
                    "no multiple of 16",
                    vy__name_param(b->plan, i).text, (ull)a->offset);
  if (a->offset > s->size || size > s->size - a->offset)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_RANGE,
                    "%s: %llu bytes at byte %llu do not lie in the buffer, "
                    "which has %llu bytes",
                    vy__name_param(b->plan, i).text, (ull)size, (ull)a->offset,
                    (ull)s->size);
  return fail_length(b, i, size, diags);
}

static inline vy_status bind_resident(vy__binder *b, vy__bound *item,
                                      uint32_t i, const vy_arg *a,
                                      vy_diags *diags) {
  vy__buffer_slot *s = b->last_slot[i];
  if (!a->u.buffer || a->u.buffer != b->last_id[i]) {
    s = vy__buffers_pin(b->buffers, a->u.buffer);
    if (!s)
      return vy__buffers_stale(b->buffers, a->u.buffer,
                               vy__name_param(b->plan, i).text, diags);
    item->pins[i] = b->last_slot[i] = s;
    item->pinned |= UINT64_C(1) << i;
    b->last_id[i] = a->u.buffer;
  }
  uint64_t length, size = a->size;
  bool inside = a->offset <= s->size;
  if (inside && size == UINT64_MAX)
    size = s->size - a->offset;
  if (VY__UNLIKELY(a->offset % 16 || !inside || size > s->size - a->offset ||
                   !length_of(b->plan, i, size, &length)))
    return fail_range(b, i, a, size, diags);
  item->resident |= UINT64_C(1) << i;
  item->binds[i] = (vy__bind){
      .memory = s->memory, .offset = a->offset, .size = size, .length = length};
  item->lengths[i] = length;
  return VY_OK;
}

static vy_status set_elements(const vy__binder *b, vy__bound *item, uint32_t i,
                              uint64_t count, vy_diags *diags) {
  uint32_t element = b->plan->program->ir.params[i].element_size;
  uint64_t size;
  if (__builtin_mul_overflow(count, (uint64_t)element, &size) ||
      size > INT64_MAX)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_RANGE,
                    "%s: %llu elements of %u bytes are 2^63 bytes or more\n"
                    "Fix: give a smaller number of elements",
                    vy__name_param(b->plan, i).text, (ull)count, element);
  item->binds[i].size = size;
  item->lengths[i] = item->binds[i].length = count;
  return VY_OK;
}

vy_status vy__bind_args(vy__binder *b, vy__bound *item, const vy_arg *args,
                        vy_diags *diags) {
  for (uint32_t i = 0; i < b->plan->param_count; i++) {
    const vy_arg *a = &args[i];
    if (VY__UNLIKELY(!fits(b, i, a)))
      return fail_kind(b, i, a, diags);
    item->scalars[i] = 0;
    if (a->kind == VY_ARG_BUFFER) {
      VY_TRY(bind_resident(b, item, i, a, diags));
      continue;
    }
    if (a->kind == VY_ARG_HOST) {
      VY_TRY(bind_host(b, item, i, a, diags));
      continue;
    }
    item->binds[i] = (vy__bind){0};
    item->lengths[i] = 0;
    if (a->kind == VY_ARG_SCALAR)
      VY_TRY(bind_scalar(b, item, i, a, diags));
    else if (a->kind == VY_ARG_LENGTH)
      VY_TRY(set_elements(b, item, i, a->size, diags));
  }
  return VY_OK;
}

// ---- lengths

static const char *size_problem(vy__size_result r) {
  switch (r) {
  case VY__SIZE_NEGATIVE:
    return "is negative";
  case VY__SIZE_TOO_LARGE:
    return "is 2^63 or more";
  case VY__SIZE_DIV_ZERO:
    return "divides by zero";
  case VY__SIZE_UNKNOWN:
    return "needs something that is known only after the run";
  default:
    return "overflows 128-bit arithmetic";
  }
}

vy_status vy__eval_size(const vy__plan *plan, const vy__bound *item,
                        uint32_t node, const char *what, uint32_t param,
                        uint64_t *out, vy_diags *diags) {
  const vy__ir *ir = &plan->program->ir;
  const vy__size *s = &ir->sizes[node];
  if (s->op == VY__SIZE_LEN && item->lengths[s->ref] <= INT64_MAX) {
    *out = item->lengths[s->ref]; // most often
    return VY_OK;
  }
  vy__size_env env = {.scalars = item->scalars, .lengths = item->lengths};
  vy__size_result r = vy__size_eval(ir, node, &env, out);
  if (r == VY__SIZE_OK)
    return VY_OK;
  char text[160];
  vy__size_text(ir, node, text, sizeof text);
  return vy__fail(diags, NULL, VY__E_SIZE_EXPRESSION, "%s: `%s` %s",
                  what ? what : vy__name_param(plan, param).text, text,
                  size_problem(r));
}

static vy_status check_sized(const vy__binder *b, const vy__bound *item,
                             uint32_t i, vy_diags *diags) {
  uint64_t want;
  const vy__ir *ir = &b->plan->program->ir;
  uint32_t node = ir->params[i].length;
  VY_TRY(vy__eval_size(b->plan, item, node, NULL, i, &want, diags));
  if (item->lengths[i] == want)
    return VY_OK;
  char text[160];
  vy__size_text(ir, node, text, sizeof text);
  return vy__fail(diags, NULL, VY__E_ARGUMENT_SIZE,
                  "%s takes exactly `%s` = %llu elements, not %llu",
                  vy__name_param(b->plan, i).text, text, (ull)want,
                  (ull)item->lengths[i]);
}

// Lengths that the program gives, then what must agree with them.
vy_status vy__bind_lengths(const vy__binder *b, vy__bound *item,
                           const vy_arg *args, vy_diags *diags) {
  const vy__plan *plan = b->plan;
  const vy__ir *ir = &plan->program->ir;
  bool given = !(plan->sized & plan->outputs & ~item->resident);
  for (uint32_t k = 0; !given && k < plan->size_count; k++) {
    uint32_t i = plan->size_order[k];
    uint64_t count;
    if (args[i].kind != VY_ARG_NONE)
      continue;
    VY_TRY(vy__eval_size(plan, item, ir->params[i].length, NULL, i, &count,
                         diags));
    VY_TRY(set_elements(b, item, i, count, diags));
  }
  for (uint64_t m = plan->sized | plan->uses_len; m; m &= m - 1) {
    uint32_t i = (uint32_t)__builtin_ctzll(m);
    uint32_t as = plan->params[i].same_length;
    if ((plan->sized >> i & 1) &&
        (as == UINT8_MAX || item->lengths[i] != item->lengths[as]))
      VY_TRY(check_sized(b, item, i, diags));
    if (plan->uses_len >> i & 1 && item->lengths[i] > UINT32_MAX)
      return vy__fail(diags, NULL, VY__E_LENGTH_TOO_LARGE,
                      "%s has %llu elements, and the program uses len() of it, "
                      "which is a u32",
                      vy__name_param(plan, i).text, (ull)item->lengths[i]);
  }
  return VY_OK;
}

// ---- the domain

static bool overridden(const uint64_t *n, uint32_t set) { return set || n[0]; }

static vy_status take_override(const vy__binder *b, const uint64_t *n,
                               uint32_t set, const char *what, uint64_t *out,
                               vy_diags *diags) {
  uint32_t dimensions = b->plan->program->ir.dimensions;
  for (uint32_t d = 0; d < 3; d++) {
    bool missing = d < dimensions && n[d] == 0 && !set;
    if (missing || (d >= dimensions && n[d] > 1))
      return vy__fail(diags, NULL, VY__E_DOMAIN_OPTION,
                      "the options give %llu for dimension %u of %s, and the "
                      "program has %u\nFix: give a number for each dimension "
                      "of the program; set set_%s to 1 if one is to be 0",
                      (ull)n[d], d, what, dimensions, what);
    out[d] = d < dimensions ? n[d] : 1;
  }
  return VY_OK;
}

// lanes or groups, whichever the program counts.
static vy_status counted(const vy__binder *b, const vy__bound *item,
                         uint64_t *out, vy_diags *diags) {
  const vy__ir *ir = &b->plan->program->ir;
  const vy_dispatch_options *o = &b->options;
  bool lanes = overridden(o->lanes, o->set_lanes);
  bool groups = overridden(o->groups, o->set_groups);
  if (ir->uses_groups ? lanes : groups)
    return vy__fail(diags, NULL, VY__E_DOMAIN_OPTION,
                    "the options give %s, and the program counts %s",
                    ir->uses_groups ? "lanes" : "groups",
                    ir->uses_groups ? "groups" : "lanes");
  if (lanes)
    return take_override(b, o->lanes, o->set_lanes, "lanes", out, diags);
  if (groups)
    return take_override(b, o->groups, o->set_groups, "groups", out, diags);
  for (uint32_t d = 0; d < 3; d++) {
    out[d] = 1;
    if (d < ir->dimensions)
      VY_TRY(vy__eval_size(b->plan, item, ir->domain[d],
                           ir->uses_groups ? "groups" : "lanes", VY__NONE,
                           &out[d], diags));
  }
  return VY_OK;
}

// The options' count stands over x of the domain, which is its bound.
static vy_status bind_count(vy__binder *b, vy__bound *item, vy_diags *diags) {
  static const char what[] = "vy_dispatch_options: count";
  const vy_arg *a = &b->options.count;
  if (!b->buffers)
    return vy__fail(diags, NULL, VY__E_ARGUMENT_KIND,
                    "%s is given; this call takes host memory only\n"
                    "Fix: leave it out",
                    what);
  if (!b->count_slot) {
    VY_TRY(vy__pin_u32(b->buffers, a, what, &item->count_pin, diags));
    b->count_slot = item->count_pin;
  }
  item->launch->count = b->count_slot->memory;
  item->launch->count_offset = a->offset;
  return VY_OK;
}

vy_status vy__bind_domain(vy__binder *b, vy__bound *item, vy_diags *diags) {
  const vy__plan *plan = b->plan;
  const vy_program *program = plan->program;
  uint64_t *lanes = item->launch->lanes, *groups = item->launch->groups;
  uint64_t n[3], total = 1;
  if (plan->same_lanes != UINT8_MAX && !b->counts &&
      item->lengths[plan->same_lanes] <= UINT32_MAX) {
    lanes[0] = groups[0] = item->lengths[plan->same_lanes];
    lanes[1] = lanes[2] = groups[1] = groups[2] = 1;
    item->launch->count_most = lanes[0];
    return b->options.count.kind ? bind_count(b, item, diags) : VY_OK;
  }
  VY_TRY(counted(b, item, n, diags));
  item->launch->count_most = n[0];
  for (uint32_t d = 0; d < 3; d++) {
    uint64_t size = program->group_size[d] ? program->group_size[d] : 1;
    uint64_t each = program->ir.uses_groups ? size : 1;
    if (n[d] == 1 && size == 1) {
      lanes[d] = groups[d] = 1;
      continue;
    }
    if (n[d] > UINT32_MAX || n[d] * each > UINT32_MAX)
      return vy__fail(diags, NULL, VY__E_DOMAIN_TOO_LARGE,
                      "dimension %u has %llu %s; lanes are counted in u32, so "
                      "at most %llu fit",
                      d, (ull)n[d],
                      program->ir.uses_groups ? "groups" : "lanes",
                      (ull)(UINT32_MAX / each));
    lanes[d] = n[d] * each;
    groups[d] = n[d];
    if (!program->ir.uses_groups && size > 1)
      groups[d] = (n[d] + size - 1) / size;
    if (__builtin_mul_overflow(total, lanes[d], &total) || total > INT64_MAX)
      return vy__fail(diags, NULL, VY__E_DOMAIN_TOO_LARGE,
                      "the domain of %llu x %llu x %llu has 2^63 lanes or more",
                      (ull)n[0], (ull)n[1], (ull)n[2]);
  }
  return b->options.count.kind ? bind_count(b, item, diags) : VY_OK;
}
