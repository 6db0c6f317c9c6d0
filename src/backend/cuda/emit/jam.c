// Copies of a loop's body, interleaved: of each part of the body all copies are
// made before the next part (unroll and jam). Where the body is large, values
// that only one part needs, such as four neighbours that one load fetches for
// four copies, are then in registers for a short time only.
//
// It is the same: the parts load and go about with variables, and all that the
// body does with a variable stands in one part, in which copies come in turn.
#include "backend/cuda/emit/emit.h"

static const vy__value *executed(const vy__ptx *p, uint32_t s) {
  return &p->ir->values[p->ir->stmts[s].a];
}

// The statement behind the last one before `end` that touches variable `var`.
static uint32_t last_of(const vy__ptx *p, uint32_t from, uint32_t end,
                        uint32_t var) {
  uint32_t last = from;
  for (uint32_t s = from; s < end; s++)
    if (vy__ptx_is_variable(p, s) && executed(p, s)->ref == var)
      last = s + 1;
  return last;
}

// The end of the part that starts at `from`: loads in a row, or all that has to
// do with some variables.
static uint32_t part_end(const vy__ptx *p, uint32_t from, uint32_t end) {
  uint32_t to = from + 1;
  if (!vy__ptx_is_variable(p, from)) {
    while (to < end && !vy__ptx_is_variable(p, to))
      to++;
    return to;
  }
  for (uint32_t s = from; s < to; s++)
    if (vy__ptx_is_variable(p, s)) {
      uint32_t last = last_of(p, s, end, executed(p, s)->ref);
      to = last > to ? last : to;
    }
  return to;
}

bool vy__ptx_can_jam(const vy__ptx *p, uint32_t i) {
  uint32_t end = p->program->match[i], parts = 0;
  for (uint32_t s = i + 1; s < end; s++)
    if (p->ir->stmts[s].kind != VY__STMT_EXEC ||
        (!vy__ptx_is_variable(p, s) && executed(p, s)->op != VY__OP_LOAD))
      return false;
  for (uint32_t s = i + 1; s < end; s = part_end(p, s, end))
    parts++;
  return parts > 1 && !p->strict && !p->budgeted;
}

// Each copy has a register of its own for `v`.
static void spread(vy__ptx *p, uint32_t v) {
  vy__ptx_class class = vy__ptx_class_of((vy_type)p->ir->values[v].type);
  p->spread[v] = p->temps[class];
  p->temps[class] += p->copies;
}

static void for_values(vy__ptx *p, uint32_t i,
                       void (*act)(vy__ptx *p, uint32_t v)) {
  act(p, p->ir->stmts[i].a);
  for (uint32_t s = i + 1; s < p->program->match[i]; s++) {
    for (uint32_t v = p->schedule.first[s]; v != VY__NONE;
         v = p->schedule.next[v])
      act(p, v);
    if (executed(p, s)->op != VY__OP_VAR_SET)
      act(p, p->ir->stmts[s].a);
  }
}

static void gather(vy__ptx *p, uint32_t v) { p->spread[v] = VY__NONE; }

void vy__ptx_jam(vy__ptx *p, uint32_t i, vy__reg index, const char *type) {
  uint32_t end = p->program->match[i], to;
  for_values(p, i, spread);
  for (p->copy = 0; p->copy < p->copies; p->copy++)
    vy__ptx_line(p, "add.%s %s, %s, %u", type,
                 vy__ptx_use(p, p->ir->stmts[i].a).s, index.s,
                 p->copy * p->step);
  p->jam_body = p->body + 1;
  for (uint32_t s = i + 1; s < end; s = to) {
    to = part_end(p, s, end);
    p->part_body = p->body + 1;
    for (p->copy = 0; p->copy < p->copies; p->copy++) {
      p->body++; // what came with its neighbours must come again
      vy__ptx_stmts(p, s, to);
    }
  }
  p->copy = 0;
  p->body++;
  p->jam_body = p->part_body = 0;
  for_values(p, i, gather);
}
