// Which statements are the group's: those in which its lanes meet, whatever
// they stand in, and jumps of the whole group out of one of these.
#include "lower/lower.h"
#include "lower/pass.h"

static bool is_jump(uint32_t kind) {
  return kind >= VY__STMT_BREAK && kind <= VY__STMT_RETURN;
}

// Where a jump of `kind` inside the openers on `stack` goes; NONE: out of all.
static uint32_t target(const vy__ir *ir, const uint32_t *stack, uint32_t depth,
                       uint32_t kind) {
  while (depth-- > 0 && kind != VY__STMT_RETURN) {
    uint32_t is = ir->stmts[stack[depth]].kind;
    bool loop = is == VY__STMT_WHILE || is == VY__STMT_FOR;
    if (kind == VY__STMT_LEAVE ? is == VY__STMT_BLOCK : loop)
      return stack[depth];
  }
  return VY__NONE;
}

static bool jumps_together(const vy_program *p, const uint8_t *level,
                           const uint32_t *stack, uint32_t depth, uint32_t i) {
  uint32_t kind = p->ir.stmts[i].kind;
  if (!is_jump(kind) || !p->stmt_uniform[i])
    return false;
  uint32_t to = target(&p->ir, stack, depth, kind);
  return to == VY__NONE || level[to];
}

// One way through the program; did it find anything?
static bool spread(const vy_program *p, uint8_t *level) {
  uint32_t stack[VY__MAX_NESTING + 1], depth = 0;
  bool found = false;
  for (uint32_t i = 0; i < p->ir.stmt_count; i++) {
    uint32_t kind = p->ir.stmts[i].kind;
    if (kind == VY__STMT_END)
      depth--;
    if (!level[i] && jumps_together(p, level, stack, depth, i)) {
      level[i] = 1;
      found = true;
    }
    for (uint32_t k = depth; level[i] && k-- > 0 && !level[stack[k]];) {
      level[stack[k]] = 1;
      found = true;
    }
    if (vy__is_opener(kind))
      stack[depth++] = i;
  }
  return found;
}

void vy__group_level(const vy_program *program, uint8_t *level) {
  while (spread(program, level))
    ;
}
