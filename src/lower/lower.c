// The passes in order, and what comes out: origins, and the checks of the
// last pass. A stage works on IR whose debug positions carry where each value
// and statement came from (line: original id + 1), so that every pass, and
// vy__ir_canonicalize between them, moves origins along without knowing.
#include "lower/pass.h"

#include "text/text.h"
#include "wire/wire.h"

// The last one is no pass from IR to IR: it looks.
static const struct {
  const char *name;
  vy__pass_fn *fn;
  uint32_t flag; // only with it; 0: always
} passes[] = {
    {"fold", vy__pass_fold, 0},
    {"unroll", vy__pass_unroll, 0},
    {"arrays", vy__pass_arrays, 0},
    {"flatten", vy__pass_flatten, 0},
    {"promote", vy__pass_promote, 0}, // needs constants
    {"cse", vy__pass_cse, 0},
    {"refold", vy__pass_fold, 0}, // now that equal operands are one
    {"strength", vy__pass_strength, 0},
    {"arrange", vy__pass_arrange, VY__LOWER_BY_FOUR},
    {"dce", vy__pass_dce, 0},
    {"checks", NULL, 0},
};

const char *vy__lower_pass_name(uint32_t index) {
  return index < VY__COUNT(passes) ? passes[index].name : NULL;
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
  out->stays = vy__calloc(ir->alloc, ir->value_count, 1);
  if (!out->origin_value || !out->origin_stmt || !out->check || !out->stays)
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
  vy__free(l->alloc, l->stays, values);
  vy__free(l->alloc, l->facts, l->fact_count * sizeof *l->facts);
}

void vy__lowered_free(vy__lowered *l) {
  if (l->program) {
    free_arrays(l, l->program->ir.value_count, l->program->ir.stmt_count);
    vy_program_release(l->program);
  }
  memset(l, 0, sizeof *l);
}

// ---- passes

#ifndef NDEBUG
// The other form of `ir` as IR again, compared with it; takes `back` over.
static vy_status same_again(const vy__ir *ir, vy__ir *back) {
  bool same = vy__ir_equal(ir, back);
  vy__ir_free(back);
  return same ? VY_OK : VY_ERROR_COMPILE_FAILED; // a bug of the pass
}

// What a pass gives is a valid program that survives its other two forms.
static vy_status check_forms(const vy_program *program, const vy__ir *ir,
                             vy_diags *diags) {
  vy__ir copy, back;
  vy_program *whole = NULL;
  vy__buf wire, text;
  if (!vy__ir_copy(ir, &copy))
    return vy__fail_oom(diags, "lowering");
  VY_TRY(vy__validate(program->context, &copy, &whole, diags));
  vy_program_release(whole);
  vy__buf_init(&wire, ir->alloc);
  vy__buf_init(&text, ir->alloc);
  vy_source source = VY_SOURCE_INIT;
  vy_status status = VY_OK;
  if (!vy__wire_encode(ir, 0, &wire) || !vy__text_print(ir, &text))
    status = vy__fail_oom(diags, "lowering");
  source.text = (vy_str){text.data, text.size};
  if (status == VY_OK)
    status = vy__wire_decode(ir->alloc, wire.data, wire.size, &back, diags);
  if (status == VY_OK)
    status = same_again(ir, &back);
  if (status == VY_OK)
    status = vy__text_parse(program->context, &source, &back, diags);
  if (status == VY_OK)
    status = same_again(ir, &back);
  vy__buf_free(&wire);
  vy__buf_free(&text);
  return status;
}
#endif

static vy_status run_pass(const vy__pass_env *env, vy__pass_fn *pass,
                          vy__ir *ir, vy_diags *diags) {
  vy__ir next;
  if (!pass(env, ir, &next)) {
    vy__ir_free(ir);
    return vy__fail_oom(diags, "lowering");
  }
  if (next.value_count > VY__MAX_VALUES) { // a valid program stays one
    vy__ir_free(&next);
    return VY_OK;
  }
  vy__ir_free(ir);
  *ir = next;
#ifndef NDEBUG
  vy_status status = check_forms(env->program, ir, diags);
  if (status != VY_OK) {
    vy__ir_free(ir);
    return status;
  }
#endif
  return VY_OK;
}

// On failure *ir is freed.
static vy_status run_passes(const vy__pass_env *env, uint32_t count, vy__ir *ir,
                            vy_diags *diags) {
  for (uint32_t i = 0; i < count; i++)
    if (passes[i].fn && (!passes[i].flag || env->flags & passes[i].flag))
      VY_TRY(run_pass(env, passes[i].fn, ir, diags));
  return VY_OK;
}

// Takes `ir` over.
static vy_status finish(const vy_program *program, vy__ir *ir, vy__lowered *out,
                        vy_diags *diags) {
  uint32_t values = ir->value_count, stmts = ir->stmt_count;
  vy_status status;
  out->alloc = program->ir.alloc;
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

static vy_status lower(const vy__pass_env *env, uint32_t count,
                       vy__lowered *out, vy_diags *diags) {
  vy__ir ir;
  if (!copy_marked(&env->program->ir, &ir))
    return vy__fail_oom(diags, "lowering");
  VY_TRY(run_passes(env, count, &ir, diags));
  return finish(env->program, &ir, out, diags);
}

// Are budgets counted as in the original? Lowering may find more uniform.
static bool counts_alike(const vy_program *original, const vy__lowered *l) {
  const vy_program *p = l->program;
  for (uint32_t i = 0; i < p->ir.stmt_count; i++) {
    uint32_t kind = p->ir.stmts[i].kind;
    if ((kind == VY__STMT_WHILE || kind == VY__STMT_FOR) &&
        vy__loop_is_uniform(p, i) !=
            vy__loop_is_uniform(original, l->origin_stmt[i]))
      return false;
  }
  return true;
}

vy_status vy__lower(const vy_program *program, uint32_t flags,
                    const char *after, vy__lowered *out, vy_diags *diags) {
  uint32_t count;
  memset(out, 0, sizeof *out);
  VY_TRY(find_pass(after, &count, diags));
  bool checks = count == VY__COUNT(passes);
  if (after) // who asks for a pass gets it
    flags |= passes[count - 1].flag;
  if (flags & VY_COMPILE_STRICT) // every access keeps its place and number
    count = 0;
  vy__pass_env env = {program, flags};
  VY_TRY(lower(&env, count, out, diags));
  if (flags & VY_COMPILE_BUDGETED && count && !counts_alike(program, out)) {
    vy__lowered_free(out);
    VY_TRY(lower(&env, 0, out, diags));
  }
  if (checks && !vy__pass_checks(&env, out)) {
    vy__lowered_free(out);
    return vy__fail_oom(diags, "lowering");
  }
  if (checks && !(flags & (VY_COMPILE_STRICT | VY_COMPILE_BUDGETED)))
    vy__pass_covers(out);
  return VY_OK;
}
