// The passes in order, and what comes out: origins, and the checks of the
// last pass. A stage works on IR whose debug positions carry where each value
// and statement came from (line: original id + 1), so that every pass, and
// vy__ir_canonicalize between them, moves origins along without knowing.
#include "lower/lower.h"

const char *vy__lower_pass_name(uint32_t index) {
  (void)index;
  return NULL;
}

// Positions become origins; names stay, for whoever prints a pass.
static void mark(vy__ir *ir) {
  for (uint32_t i = 0; i < ir->value_count; i++)
    ir->value_pos[i] = (vy__pos){0, i + 1, 0};
  for (uint32_t i = 0; i < ir->stmt_count; i++)
    ir->stmt_pos[i] = (vy__pos){0, i + 1, 0};
}

// A copy with a debug part, whether the original has one or not.
static bool copy_marked(const vy__ir *from, vy__ir *out) {
  vy__ir with = *from;
  with.has_debug = true;
  if (!from->has_debug) // rows that do not exist read as zeroes
    with.value_pos = with.stmt_pos = with.param_pos = with.size_pos = NULL;
  if (!vy__ir_canonicalize(&with, out))
    return false;
  mark(out);
  return true;
}

static vy__pos pos_of(const vy__pos *pos, uint32_t origin) {
  return pos && origin != VY__NONE ? pos[origin] : (vy__pos){0};
}

// Origins out of the positions, and the original's positions back in.
static bool unmark(const vy__ir *original, vy__ir *ir, vy__lowered *out) {
  out->origin_value = vy__calloc(ir->alloc, ir->value_count, sizeof(uint32_t));
  out->origin_stmt = vy__calloc(ir->alloc, ir->stmt_count, sizeof(uint32_t));
  out->check = vy__calloc(ir->alloc, ir->value_count, 1);
  if (!out->origin_value || !out->origin_stmt || !out->check)
    return false;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    uint32_t from = ir->value_pos[i].line - 1; // 0 becomes VY__NONE
    out->origin_value[i] = from;
    ir->value_pos[i] = pos_of(original->value_pos, from);
  }
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    uint32_t from = ir->stmt_pos[i].line - 1;
    out->origin_stmt[i] = from;
    ir->stmt_pos[i] = pos_of(original->stmt_pos, from);
  }
  return true;
}

static vy_status find_pass(const char *after, uint32_t *count,
                           vy_diags *diags) {
  *count = 0;
  while (vy__lower_pass_name(*count)) {
    const char *name = vy__lower_pass_name((*count)++);
    if (after && !strcmp(name, after))
      return VY_OK;
  }
  if (!after)
    return VY_OK;
  return vy__fail_argument(diags, "no pass of lowering is named '%.64s'",
                           after);
}

static void free_arrays(vy__lowered *l, uint32_t values, uint32_t stmts) {
  vy__free(l->alloc, l->origin_value, values * sizeof *l->origin_value);
  vy__free(l->alloc, l->origin_stmt, stmts * sizeof *l->origin_stmt);
  vy__free(l->alloc, l->check, values);
  vy__free(l->alloc, l->facts, l->fact_count * sizeof *l->facts);
}

void vy__lowered_free(vy__lowered *l) {
  if (l->program) {
    free_arrays(l, l->program->ir.value_count, l->program->ir.stmt_count);
    vy_program_release(l->program);
  }
  memset(l, 0, sizeof *l);
}

// Takes `ir` over.
static vy_status finish(const vy_program *program, vy__ir *ir, vy__lowered *out,
                        vy_diags *diags) {
  uint32_t values = ir->value_count, stmts = ir->stmt_count;
  vy_status status;
  if (unmark(&program->ir, ir, out)) {
    status = vy__validate(program->context, ir, &out->program, diags);
  } else {
    vy__ir_free(ir);
    status = vy__fail_oom(diags, "lowering");
  }
  if (status != VY_OK) {
    free_arrays(out, values, stmts);
    memset(out, 0, sizeof *out);
  }
  return status;
}

vy_status vy__lower(const vy_program *program, uint32_t flags,
                    const char *after, vy__lowered *out, vy_diags *diags) {
  uint32_t count;
  (void)flags;
  memset(out, 0, sizeof *out);
  VY_TRY(find_pass(after, &count, diags));
  out->alloc = program->ir.alloc;
  vy__ir ir;
  if (!copy_marked(&program->ir, &ir)) {
    memset(out, 0, sizeof *out);
    return vy__fail_oom(diags, "lowering");
  }
  return finish(program, &ir, out, diags);
}
