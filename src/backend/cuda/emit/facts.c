// Is a body of its own, for launches whose facts hold, worth its compiling? It
// leaves out the checks of some accesses. Where they are a few beside much
// else, as they mostly are in programs with loops, one body that checks takes
// half of the time to compile and as long to run.
#include "backend/cuda/emit/emit.h"

enum {
  TRIPS = 8,   // of a loop, guessed
  DEEPEST = 4, // loops in loops that count as such
  MUCH = 64,   // operations for each access that is not checked
};

typedef struct tally {
  uint64_t work; // operations, as often as they are done
  uint32_t unchecked;
  uint64_t params; // bit p % 64: some are of parameter p
  bool needed;     // what is not checked goes as one, or is in a loop
} tally;

static bool is_loop(uint32_t kind) {
  return kind == VY__STMT_FOR || kind == VY__STMT_WHILE;
}

static void count(const vy__ptx *p, uint32_t id, uint32_t depth, tally *t) {
  const vy__value *v = &p->ir->values[id];
  uint64_t times = 1;
  for (uint32_t k = 0; k < depth && k < DEEPEST; k++)
    times *= TRIPS;
  t->work += vy__op_row(v->op)->effect == VY__EFFECT_LEAF ? 0 : times;
  if (p->lowered->check[id] != VY__CHECK_FACT)
    return;
  uint64_t bit = UINT64_C(1) << v->ref % 64;
  t->needed = t->needed || depth || t->params & bit;
  t->params |= bit;
  t->unchecked++;
}

// Statements [from, to) and what is placed at them.
static void walk(const vy__ptx *p, uint32_t from, uint32_t to, uint32_t depth,
                 tally *t) {
  for (uint32_t i = from; i < to; i++) {
    const vy__stmt *s = &p->ir->stmts[i];
    for (uint32_t v = p->schedule.first[i]; v != VY__NONE;
         v = p->schedule.next[v])
      count(p, v, depth, t);
    if (s->kind == VY__STMT_EXEC)
      count(p, s->a, depth, t);
    if (!is_loop(s->kind))
      continue;
    uint32_t after = vy__ptx_after(p, i);
    walk(p, i + 1, after, depth + 1, t);
    i = after - 1;
  }
}

bool vy__ptx_wants_facts(const vy__ptx *p) {
  tally t = {0};
  if (!p->lowered->fact_count || p->strict || p->survives || p->several > 1)
    return false;
  walk(p, 0, p->ir->stmt_count, 0, &t);
  return t.needed || t.work < (uint64_t)MUCH * t.unchecked;
}
