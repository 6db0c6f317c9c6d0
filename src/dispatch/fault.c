// What a fault says: the lane, the access or loop, and where in the source.
// Ids of the shared code are looked up in the pipeline's own program.
#include "dispatch/ticket.h"

#include <stdio.h>

typedef unsigned long long ull;

typedef struct text {
  char s[160];
} text;

// " in dispatch 'label'", or nothing.
static text label_text(vy_str label) {
  text t = {""};
  if (label.size)
    snprintf(t.s, sizeof t.s, " in dispatch '%.*s'", (int)label.size,
             label.data);
  return t;
}

static text lane_text(const vy_program *program, const vy__bound *item,
                      uint64_t lane) {
  text t;
  const uint64_t *n = item->launch->lanes;
  uint64_t w = n[0] ? n[0] : 1, h = n[1] ? n[1] : 1;
  if (program->ir.dimensions == 1)
    snprintf(t.s, sizeof t.s, "lane %llu", (ull)lane);
  else if (program->ir.dimensions == 2)
    snprintf(t.s, sizeof t.s, "lane (%llu, %llu)", (ull)(lane % w),
             (ull)(lane / w));
  else
    snprintf(t.s, sizeof t.s, "lane (%llu, %llu, %llu)", (ull)(lane % w),
             (ull)(lane / w % h), (ull)(lane / w / h));
  return t;
}

static uint32_t name_of(const uint32_t *names, uint32_t index) {
  return names ? names[index] : 0;
}

// The memory that an access names.
static text place_text(const vy__ir *ir, const vy__value *v) {
  text t;
  const char *kind = "buffer";
  uint32_t name = 0;
  if (v->space == VY__SPACE_GROUP) {
    kind = "group array";
    name = name_of(ir->group_names, v->ref);
  } else if (v->space == VY__SPACE_PRIVATE) {
    kind = "array";
    name = name_of(ir->private_names, v->ref);
  } else if (v->space == VY__SPACE_TABLE) {
    kind = "table";
    name = name_of(ir->table_names, v->ref);
  } else {
    name = ir->params[v->ref].name;
  }
  const char *s = vy__ir_string(ir, name);
  if (*s)
    snprintf(t.s, sizeof t.s, "%s '%.100s'", kind, s);
  else
    snprintf(t.s, sizeof t.s, "%s %u", kind, v->ref);
  return t;
}

static vy_status bounds(const vy_program *program, const vy__bound *item,
                        vy_str label, vy_diags *diags) {
  const vy__ir *ir = &program->ir;
  const vy__fault *f = &item->launch->fault;
  vy__where where = {0};
  text place = {"a buffer"};
  if (f->value < ir->value_count) {
    where = vy__where_value(ir, f->value);
    place = place_text(ir, &ir->values[f->value]);
  }
  char index[32];
  if (f->negative)
    snprintf(index, sizeof index, "%lld", (long long)f->index);
  else
    snprintf(index, sizeof index, "%llu", (ull)f->index);
  return vy__fail(diags, &where, VY__E_BOUNDS,
                  "%s%s: index %s of %s, whose length is %llu",
                  lane_text(program, item, f->lane).s, label_text(label).s,
                  index, place.s, (ull)f->length);
}

static vy_status budget(const vy_program *program, const vy__bound *item,
                        vy_str label, vy_diags *diags) {
  const vy__fault *f = &item->launch->fault;
  vy__where where = {0};
  if (f->stmt < program->ir.stmt_count)
    where = vy__where_stmt(&program->ir, f->stmt);
  return vy__fail(diags, &where, VY__E_BUDGET,
                  "%s%s ran out of its steps in this loop",
                  lane_text(program, item, f->lane).s, label_text(label).s);
}

static vy_status readback(const vy_program *program, const vy__bound *item,
                          vy_str label, vy_diags *diags) {
  const vy__ir *ir = &program->ir;
  uint32_t output = 0, i = 0;
  for (;; i++)
    if (ir->params[i].access >= VY_ACCESS_WRITE && output++ == item->bad_output)
      break;
  char lo[64], hi[64];
  const char *name = vy__ir_string(ir, ir->params[i].name);
  vy__size_text(ir, ir->params[i].readback_lo, lo, sizeof lo);
  vy__size_text(ir, ir->params[i].readback_hi, hi, sizeof hi);
  if (item->bad_why != VY__SIZE_OK)
    return vy__fail(diags, NULL, VY__E_READBACK_RANGE,
                    "output '%.48s'%s: its readback range [%s, %s) has a bound "
                    "outside [0, 2^63)",
                    name, label_text(label).s, lo, hi);
  return vy__fail(diags, NULL, VY__E_READBACK_RANGE,
                  "output '%.48s'%s: its readback range [%s, %s) is "
                  "[%llu, %llu)",
                  name, label_text(label).s, lo, hi, (ull)item->bad_lo,
                  (ull)item->bad_hi);
}

vy_status vy__item_result(const vy_program *program, const vy__bound *item,
                          vy_str label, vy_diags *diags) {
  switch ((vy__fault_kind)item->launch->fault.kind) {
  case VY__FAULT_BOUNDS:
    return bounds(program, item, label, diags);
  case VY__FAULT_BUDGET:
    return budget(program, item, label, diags);
  case VY__FAULT_MEMORY:
    return vy__fail_oom(diags, "what this run works in");
  case VY__FAULT_NONE:
    break;
  }
  if (item->bad_output != VY__NONE)
    return readback(program, item, label, diags);
  return VY_OK;
}
