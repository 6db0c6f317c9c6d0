// A program's life, and specialization: constants become literals, and what
// results goes through the validator again.
#include "semantics/semantics.h"
#include "validate/validate.h"

vy_program *vy_program_retain(vy_program *program) {
  if (program)
    vy__refs_take(&program->refs);
  return program;
}

void vy_program_release(vy_program *program) {
  if (!program || !vy__refs_drop(&program->refs))
    return;
  vy_program *p = program;
  vy_context *context = p->context;
  const vy_allocator *a = p->ir.alloc;
  vy__free(a, p->match, p->ir.stmt_count * sizeof *p->match);
  vy__free(a, p->value_uniform, p->ir.value_count);
  vy__free(a, p->stmt_uniform, p->ir.stmt_count);
  vy__free(a, p->group_lengths, p->ir.group_count * sizeof(uint32_t));
  vy__free(a, p->private_lengths, p->ir.private_count * sizeof(uint32_t));
  vy__free(a, p->notes, p->note_count * sizeof *p->notes);
  vy__ir_free(&p->ir);
  vy__free(a, p, sizeof *p);
  vy_context_release(context);
}

static int64_t size_bits(vy_type type, uint64_t bits) {
  return type == VY_TYPE_I32 ? (int32_t)(uint32_t)bits : (int64_t)bits;
}

static uint32_t literal_size(vy__ir *ir, int64_t v) {
  vy__size s = {VY__SIZE_LITERAL, VY__NONE, VY__NONE, 0, (uint64_t)v};
  return vy__ir_add_size(ir, &s, NULL);
}

// A u64 of 2^63 or more is no signed literal: it becomes the sum of two.
static bool fix_size(vy__ir *ir, uint32_t id, uint64_t bits) {
  vy_type type = ir->consts[ir->sizes[id].ref].type;
  vy__size s = {VY__SIZE_LITERAL, VY__NONE, VY__NONE, 0, 0};
  if (type == VY_TYPE_U64 && bits > INT64_MAX) {
    s.op = VY__SIZE_ADD;
    s.a = literal_size(ir, INT64_MAX);
    s.b = literal_size(ir, (int64_t)(bits - INT64_MAX - 1));
    uint32_t one = literal_size(ir, 1);
    vy__size sum = {VY__SIZE_ADD, s.b, one, 0, 0};
    s.b = vy__ir_add_size(ir, &sum, NULL);
    if (s.a == VY__NONE || sum.a == VY__NONE || one == VY__NONE ||
        s.b == VY__NONE)
      return false;
  } else {
    s.imm = (uint64_t)size_bits(type, bits);
  }
  ir->sizes[id] = s;
  return true;
}

static bool fix(vy__ir *ir, const uint64_t *bits, const uint8_t *given) {
  for (uint32_t i = 0; i < ir->value_count; i++) {
    vy__value *v = &ir->values[i];
    if (v->op != VY__OP_SPEC || !given[v->ref])
      continue;
    v->op = VY__OP_CONST;
    v->imm = vy__canonical(v->type, bits[v->ref]);
    v->ref = 0;
  }
  uint32_t sizes = ir->size_count;
  for (uint32_t i = 0; i < sizes; i++)
    if (ir->sizes[i].op == VY__SIZE_SPEC && given[ir->sizes[i].ref] &&
        !fix_size(ir, i, bits[ir->sizes[i].ref]))
      return false;
  return true;
}

vy_status vy__specialize(const vy_program *program, const uint64_t *bits,
                         const uint8_t *given, vy_program **out,
                         vy_diags *diags) {
  vy__ir copy, fixed;
  if (!vy__ir_copy(&program->ir, &copy))
    return vy__fail_oom(diags, "a specialised program");
  bool ok = fix(&copy, bits, given) && vy__ir_canonicalize(&copy, &fixed);
  vy__ir_free(&copy);
  if (!ok)
    return vy__fail_oom(diags, "a specialised program");
  return vy__validate(program->context, &fixed, out, diags);
}

bool vy__loop_is_uniform(const vy_program *p, uint32_t i) {
  const vy__stmt *t = &p->ir.stmts[i];
  if (t->kind == VY__STMT_FOR)
    return p->stmt_uniform[i] && p->stmt_uniform[i + 1] &&
           p->value_uniform[t->b] && p->value_uniform[t->c] &&
           p->value_uniform[t->d];
  uint32_t cond = p->match[i];
  return p->stmt_uniform[i] && p->stmt_uniform[cond] &&
         p->value_uniform[p->ir.stmts[cond].a];
}
