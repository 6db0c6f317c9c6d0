// The validator's stages in order, and the report that they share.
#include <stdarg.h>
#include <stdio.h>

#include "validate/internal.h"
#include "wire/wire.h"

void vy__invalid(vy__validation *v, vy__where where, vy__err code,
                 const char *format, ...) {
  if (v->reported++ >= VY__MAX_REPORTED)
    return;
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  vy_status status = vy__fail(v->diags, &where, code, "%s", text);
  if (v->status == VY_OK)
    v->status = status;
}

void vy__validation_oom(vy__validation *v) {
  v->status = vy__fail_oom(v->diags, "validation");
}

// False where a count is beyond its limit: later stages rely on them.
static bool within_limits(vy__validation *v) {
  const vy__ir *ir = &v->program->ir;
  const struct {
    const char *what;
    uint32_t count, limit;
  } rows[] = {
      {"values", ir->value_count, VY__MAX_VALUES},
      {"statements", ir->stmt_count, VY__MAX_STATEMENTS},
      {"parameters", ir->param_count, VY__MAX_PARAMS},
      {"specialization constants", ir->const_count, VY__MAX_CONSTS},
      {"tables", ir->table_count, VY__MAX_TABLES},
      {"variables", ir->var_count, VY__MAX_VARS},
      {"private arrays", ir->private_count, VY__MAX_ARRAYS},
      {"group arrays", ir->group_count, VY__MAX_ARRAYS},
      {"size nodes", ir->size_count, VY__MAX_SIZE_NODES},
  };
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (rows[i].count > rows[i].limit)
      vy__invalid(v, (vy__where){0}, VY__E_LIMIT,
                  "the program has %u %s, the limit is %u", rows[i].count,
                  rows[i].what, rows[i].limit);
  for (uint32_t i = 0; i < ir->table_count; i++)
    if (ir->tables[i].count > VY__MAX_TABLE_ELEMENTS)
      vy__invalid(v, (vy__where){0}, VY__E_LIMIT,
                  "a table has %u elements, the limit is %d",
                  ir->tables[i].count, VY__MAX_TABLE_ELEMENTS);
  return v->status == VY_OK;
}

static bool allocate(vy__validation *v) {
  vy_program *p = v->program;
  const vy__ir *ir = &p->ir;
  const vy_allocator *a = ir->alloc;
  p->match = vy__calloc(a, ir->stmt_count, sizeof *p->match);
  p->value_uniform = vy__calloc(a, ir->value_count, 1);
  p->stmt_uniform = vy__calloc(a, ir->stmt_count, 1);
  p->group_lengths = vy__calloc(a, ir->group_count, sizeof(uint32_t));
  p->private_lengths = vy__calloc(a, ir->private_count, sizeof(uint32_t));
  if (p->match && p->value_uniform && p->stmt_uniform && p->group_lengths &&
      p->private_lengths)
    return true;
  vy__validation_oom(v);
  return false;
}

static void run_stages(vy__validation *v) {
  vy__validate_header(v);
  if (v->status == VY_OK)
    vy__validate_memory(v);
  vy__validate_values(v);
  vy__validate_body(v);
  if (v->status == VY_OK)
    vy__validate_uniformity(v);
  if (v->status == VY_OK)
    vy__classify(v);
  if (v->status == VY_OK &&
      !vy__wire_fingerprint(&v->program->ir, &v->program->fingerprint))
    vy__validation_oom(v);
}

vy_status vy__validate(vy_context *context, vy__ir *ir, vy_program **out,
                       vy_diags *diags) {
  vy_program *p = vy__calloc(ir->alloc, 1, sizeof *p);
  if (!p) {
    vy__ir_free(ir);
    return vy__fail_oom(diags, "a program");
  }
  vy__refs_init(&p->refs);
  p->context = vy_context_retain(context);
  p->ir = *ir;
  memset(ir, 0, sizeof *ir);
  vy__validation v = {.program = p, .diags = diags};
  if (within_limits(&v) && allocate(&v))
    run_stages(&v);
  if (v.status != VY_OK) {
    vy_program_release(p);
    return v.status;
  }
  *out = p;
  return VY_OK;
}
