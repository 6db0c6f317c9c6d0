// Which `write` buffers need no zeroes before a dispatch: those that nothing
// reads and whose every element some lane stores. Only the dispatch knows the
// lengths, so what is found here is which elements the lanes store for sure:
// those at lane.x, at lane.y * row + lane.x, at each * lane.x + k or at
// (each * lane.y + k) * row + lane.x for all k < each, or at group_id.x, of all
// lanes or of those below a bound; or, by groups that go over `times` blocks
// one after another, those at each * local.x + k of each block; or, by groups
// that take a block row by row, those at some * local.x + k of each row of it,
// for all k < some. Whatever is not of these forms keeps its zeroes.
//
// The wrapping of an index is no matter: element e < 2^32 is stored by lane
// (e % row, e / row), or e / each, whose index is e with no part above it; and
// so are a row's number, or a block's, and what it is made of.
#include "lower/pass.h"

enum {
  LARGEST = 1 << 16, // statements
  SHAPES = 4,        // of one buffer's stores
  MOST_EACH = 64,    // elements that a lane stores
};

// Where a store goes: at group_id.x; or, with a row, at (each * lane.y + more)
// * row + lane.x; or at some * local.x + more of block group_id.x, or of block
// times * group_id.x + i, i being the number of a round of `loop`, where a
// block is of each * group_size elements and each a multiple of some. What
// goes to each * lane.x + more is of the last form, by lane.x = group_size *
// group_id.x + local.x, which is how sums are read.
typedef struct shape {
  bool known, group;
  uint32_t each, some, more;
  vy__term row;   // NONE: there are no rows
  vy__term times; // NONE: there are no rounds
  uint32_t loop;  // the value of its variable
} shape;

static const shape one = {.each = 1, .some = 1, .loop = VY__NONE};

typedef struct finder {
  const vy__ir *ir;
  const uint32_t *match;
  uint32_t group_size, param;
  shape want;
} finder;

static bool same_term(vy__term a, vy__term b) {
  return a.kind == b.kind && a.ref == b.ref;
}

static bool same_shape(const shape *a, const shape *b) {
  return a->known && b->known && a->group == b->group && a->each == b->each &&
         a->more == b->more && same_term(a->row, b->row) &&
         a->some == b->some && same_term(a->times, b->times) &&
         a->loop == b->loop;
}

// What is stored below a and below b; false when it is not one bound. NONE is
// above all.
static bool join(vy__term *a, vy__term b) {
  if (b.kind == VY__TERM_NONE || same_term(*a, b))
    return true;
  if (a->kind != VY__TERM_NONE)
    return false;
  *a = b;
  return true;
}

// ---- values

static const vy__value *value(const vy__ir *ir, uint32_t id) {
  return &ir->values[id];
}

// What a value of 32 bits, as a number, was widened from.
static uint32_t narrow(const vy__ir *ir, uint32_t id) {
  const vy__value *v = value(ir, id);
  bool widens = v->op == VY__OP_CONVERT &&
                (v->type == VY_TYPE_U64 || v->type == VY_TYPE_I64) &&
                value(ir, v->a[0])->type == VY_TYPE_U32;
  return widens ? v->a[0] : id;
}

static bool is_lane(const vy__ir *ir, uint32_t id, uint32_t dimension) {
  const vy__value *v = value(ir, narrow(ir, id));
  return v->op == VY__OP_LANE && v->ref == dimension;
}

// A number that is the same for all lanes and known before the dispatch.
static vy__term term_of(const vy__ir *ir, uint32_t id) {
  const vy__value *v = value(ir, narrow(ir, id));
  if (v->op == VY__OP_CONST && vy__is_int((vy_type)v->type) &&
      v->imm <= INT32_MAX)
    return (vy__term){VY__TERM_LITERAL, (uint32_t)v->imm};
  if (v->op == VY__OP_LEN || v->op == VY__OP_LEN64)
    return (vy__term){VY__TERM_LEN, v->ref};
  if (v->op == VY__OP_PARAM && v->type == VY_TYPE_U32)
    return (vy__term){VY__TERM_SCALAR, v->ref};
  if (v->op == VY__OP_NUM_LANES)
    return (vy__term){VY__TERM_LANES, v->ref};
  return (vy__term){VY__TERM_NONE, 0};
}

static bool may_index(vy_type t) {
  return t == VY_TYPE_U32 || t == VY_TYPE_U64 || t == VY_TYPE_I64;
}

static bool small_number(const vy__ir *ir, uint32_t id, uint32_t limit,
                         uint32_t *out) {
  vy__term t = term_of(ir, id);
  *out = t.ref;
  return t.kind == VY__TERM_LITERAL && t.ref < limit;
}

// (each * lane.y + more) * row, the first part being value `id`; narrow sums
// only, which a wide part does not widen.
static shape rows(const vy__ir *ir, uint32_t id, vy__term row) {
  shape s = one;
  vy__linear sum;
  if (row.kind == VY__TERM_NONE || !vy__linear_of(ir, narrow(ir, id), &sum) ||
      sum.count != 1 || !is_lane(ir, sum.parts[0].value, 1))
    return s;
  s.row = row;
  s.each = sum.parts[0].times;
  s.more = sum.constant;
  s.known = s.each <= MOST_EACH && s.more < s.each;
  return s;
}

static shape rows_of(const vy__ir *ir, uint32_t id) {
  const vy__value *v = value(ir, narrow(ir, id));
  shape s = one;
  for (int k = 0; k < 2 && v->op == VY__OP_MUL && !s.known; k++)
    s = rows(ir, v->a[k], term_of(ir, v->a[1 - k]));
  uint32_t by;
  if (v->op == VY__OP_SHL && small_number(ir, v->a[1], 31, &by))
    s = rows(ir, v->a[0], (vy__term){VY__TERM_LITERAL, UINT32_C(1) << by});
  return s;
}

// An index in the first dimension, modulo 2^32: the sum of these times
// group_id, local, `times` * group_id, the variable of `loop`, and 1.
typedef struct spread {
  uint32_t group, local, blocks, rounds, more;
  vy__term times;
  uint32_t loop;
} spread;

// times * group_id?
static bool is_blocks(const vy__ir *ir, const vy__value *v, vy__term *times) {
  for (int k = 0; k < 2 && v->op == VY__OP_MUL; k++) {
    const vy__value *group = value(ir, v->a[k]);
    *times = term_of(ir, v->a[1 - k]);
    if (group->op == VY__OP_GROUP_ID && group->ref == 0 &&
        times->kind != VY__TERM_NONE)
      return true;
  }
  return false;
}

static bool add_part(const finder *f, vy__part part, spread *to) {
  const vy__value *v = value(f->ir, part.value);
  vy__term times;
  if (v->op == VY__OP_LOOP_INDEX && to->loop == VY__NONE) {
    to->loop = part.value;
    to->rounds = part.times;
  } else if (!to->blocks && is_blocks(f->ir, v, &times)) {
    to->times = times;
    to->blocks = part.times;
  } else if (v->op == VY__OP_GROUP_ID && v->ref == 0) {
    to->group += part.times;
  } else if (v->op == VY__OP_LOCAL && v->ref == 0) {
    to->local += part.times;
  } else if (is_lane(f->ir, part.value, 0)) {
    to->group += part.times * f->group_size;
    to->local += part.times;
  } else {
    return false;
  }
  return true;
}

// The elements of a block, of which a group has one, or the rounds of a loop
// one each; 0: there are no such blocks.
static uint32_t block_of(spread *s) {
  if (s->loop == VY__NONE)
    return s->blocks ? 0 : s->group;
  if (s->blocks)
    return s->blocks == s->rounds && !s->group ? s->rounds : 0;
  if (!s->rounds || s->group % s->rounds)
    return 0;
  s->times = (vy__term){VY__TERM_LITERAL, s->group / s->rounds};
  return s->rounds;
}

static shape in_blocks(const finder *f, uint32_t index) {
  shape s = one;
  vy__linear sum;
  if (!vy__linear_of(f->ir, index, &sum))
    return s;
  spread at = {.more = sum.constant, .loop = VY__NONE};
  for (uint32_t k = 0; k < sum.count; k++)
    if (!add_part(f, sum.parts[k], &at))
      return s;
  uint32_t block = block_of(&at);
  s.group = block == 1 && !at.local && !at.more && at.loop == VY__NONE;
  s.known = s.group;
  if (s.known || !at.local || block % f->group_size ||
      block / f->group_size > MOST_EACH || at.more >= block ||
      block / f->group_size % at.local)
    return s;
  return (shape){.known = true,
                 .each = block / f->group_size,
                 .some = at.local,
                 .more = at.more,
                 .times = at.times,
                 .loop = at.loop};
}

static shape shape_of(const finder *f, uint32_t index) {
  const vy__ir *ir = f->ir;
  index = narrow(ir, index);
  const vy__value *v = value(ir, index);
  shape s = one;
  if (ir->dimensions == 1)
    return in_blocks(f, index);
  if (ir->dimensions == 2 && v->op == VY__OP_ADD &&
      may_index((vy_type)v->type)) {
    for (int k = 0; k < 2 && !s.known; k++) {
      s = rows_of(ir, v->a[k]);
      s.known = s.known && is_lane(ir, v->a[1 - k], 0);
    }
  }
  return s;
}

// A condition that the first lane of every group meets.
static bool is_first(const vy__ir *ir, uint32_t condition) {
  const vy__value *v = &ir->values[condition];
  for (int k = 0; k < 2 && v->op == VY__OP_EQ; k++) {
    const vy__value *x = value(ir, narrow(ir, v->a[k]));
    vy__term zero = term_of(ir, v->a[1 - k]);
    if (x->op == VY__OP_LOCAL && x->ref == 0 && zero.kind == VY__TERM_LITERAL &&
        zero.ref == 0)
      return true;
  }
  return false;
}

// Take in that the condition holds for each lane whose id (or, where a lane
// stores several, the element's) is below a bound in every dimension; false
// when it is nothing of that kind.
static bool add_bounds(const finder *f, uint32_t condition, vy__term most[2]) {
  const vy__ir *ir = f->ir;
  const vy__value *v = &ir->values[condition];
  if (v->op == VY__OP_AND && v->type == VY_TYPE_BOOL)
    return add_bounds(f, v->a[0], most) && add_bounds(f, v->a[1], most);
  if (v->op != VY__OP_LT && v->op != VY__OP_GT)
    return false;
  uint32_t small = v->a[v->op == VY__OP_GT], large = v->a[v->op == VY__OP_LT];
  vy__term bound = term_of(ir, large);
  if (bound.kind == VY__TERM_NONE)
    return false;
  if (f->want.row.kind == VY__TERM_NONE) {
    shape s = shape_of(f, small);
    return same_shape(&s, &f->want) && join(&most[0], bound);
  }
  if (is_lane(ir, small, 0))
    return join(&most[0], bound);
  shape s = rows(ir, small, f->want.row);
  return same_shape(&s, &f->want) && join(&most[1], bound);
}

// ---- control

// May a lane that enters statements [from, to] of one opener not come out at
// the end? Loops keep their own BREAK and CONTINUE, a BLOCK its LEAVE.
static bool escapes(const finder *f, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i <= to; i++)
    if (f->ir->stmts[i].kind == VY__STMT_RETURN ||
        (f->ir->stmts[i].kind == VY__STMT_LEAVE &&
         f->ir->stmts[from].kind != VY__STMT_BLOCK))
      return true;
  return false;
}

static bool is_store(const finder *f, const vy__value *v) {
  if (v->op != VY__OP_STORE || v->space != VY__SPACE_BUFFER ||
      v->ref != f->param)
    return false;
  shape s = shape_of(f, v->a[0]);
  return same_shape(&s, &f->want);
}

static bool stores(const finder *f, uint32_t from, uint32_t to,
                   vy__term most[2]);

// The loop over a group's blocks, of which no lane leaves out anything.
static bool goes_over_blocks(const finder *f, uint32_t i, uint32_t end) {
  const vy__stmt *s = &f->ir->stmts[i];
  const vy__term zero = {VY__TERM_LITERAL, 0}, step = {VY__TERM_LITERAL, 1};
  if (f->want.times.kind == VY__TERM_NONE || s->a != f->want.loop ||
      !same_term(term_of(f->ir, s->b), zero) ||
      !same_term(term_of(f->ir, s->c), f->want.times) ||
      !same_term(term_of(f->ir, s->d), step))
    return false;
  while (++i < end) {
    uint32_t kind = f->ir->stmts[i].kind;
    if (kind == VY__STMT_BREAK || kind == VY__STMT_CONTINUE ||
        kind == VY__STMT_RETURN || kind == VY__STMT_LEAVE)
      return false;
  }
  return true;
}

static bool if_stores(const finder *f, uint32_t i, vy__term most[2]) {
  uint32_t next = f->match[i], end = vy__end_of(f->ir, f->match, i);
  vy__term all[2] = {most[0], most[1]}, other[2] = {{VY__TERM_NONE, 0}};
  if (next != end) { // both arms; what both store
    if (!stores(f, i + 1, next, all) || !stores(f, next + 1, end, other) ||
        !join(&all[0], other[0]) || !join(&all[1], other[1]))
      return false;
  } else if (f->want.group && is_first(f->ir, f->ir->stmts[i].a)) {
    if (!stores(f, i + 1, end, all))
      return false;
  } else if (!add_bounds(f, f->ir->stmts[i].a, all) ||
             !stores(f, i + 1, end, all)) {
    return false;
  }
  most[0] = all[0];
  most[1] = all[1];
  return true;
}

// Does each lane that comes to statements [from, to), its ids below `most`,
// store as wanted there? Adds to `most` only if so.
static bool stores(const finder *f, uint32_t from, uint32_t to,
                   vy__term most[2]) {
  for (uint32_t i = from; i < to; i++) {
    const vy__stmt *s = &f->ir->stmts[i];
    if (s->kind == VY__STMT_EXEC && is_store(f, &f->ir->values[s->a]))
      return true;
    if (s->kind == VY__STMT_LEAVE || s->kind == VY__STMT_RETURN ||
        s->kind == VY__STMT_BREAK || s->kind == VY__STMT_CONTINUE)
      return false;
    if (!vy__is_opener(s->kind))
      continue;
    uint32_t end = vy__end_of(f->ir, f->match, i);
    if ((s->kind == VY__STMT_IF && if_stores(f, i, most)) ||
        (s->kind == VY__STMT_BLOCK && stores(f, i + 1, end, most)) ||
        (s->kind == VY__STMT_FOR && goes_over_blocks(f, i, end) &&
         stores(f, i + 1, end, most)))
      return true;
    if (escapes(f, i, end))
      return false;
    i = end;
  }
  return false;
}

// ---- buffers

static bool is_candidate(const vy__ir *ir, uint32_t param) {
  const vy__param *p = &ir->params[param];
  return p->access == VY_ACCESS_WRITE && p->field_count == 1 &&
         vy__type_bytes((vy_type)ir->fields[p->first_field].type) ==
             p->element_size;
}

// Buffers that something other than a plain store accesses.
static uint64_t other_uses(const vy__ir *ir) {
  uint64_t uses = 0;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *v = &ir->values[i];
    uint32_t sig = vy__op_row(v->op)->sig;
    bool bytes = sig >= VY__SIG_BYTES_LOAD32 && sig <= VY__SIG_BYTES_STORE64;
    if (bytes || (v->space == VY__SPACE_BUFFER && v->op != VY__OP_STORE))
      uses |= UINT64_C(1) << v->ref;
  }
  return uses;
}

// Are all elements of a lane stored, those below one bound?
static bool all_stored(finder *f, vy__term most[2]) {
  uint32_t some = f->want.some;
  bool rows = f->want.row.kind != VY__TERM_NONE;
  for (uint32_t k = 0; k < f->want.each; k++) {
    f->want.more = rows ? k : k / some * some * f->group_size + k % some;
    vy__term own[2] = {{VY__TERM_NONE, 0}};
    if (!stores(f, 0, f->ir->stmt_count, own) || !join(&most[0], own[0]) ||
        !join(&most[1], own[1]))
      return false;
  }
  return true;
}

static bool find(finder *f, vy__cover *out) {
  uint32_t tried = 0;
  for (uint32_t i = 0; i < f->ir->value_count && tried < SHAPES; i++) {
    const vy__value *v = &f->ir->values[i];
    if (v->op != VY__OP_STORE || v->space != VY__SPACE_BUFFER ||
        v->ref != f->param)
      continue;
    f->want = shape_of(f, v->a[0]);
    if (!f->want.known || f->want.more)
      continue;
    *out = (vy__cover){.param = f->param,
                       .row = f->want.row,
                       .each = f->want.each,
                       .group = f->want.group ? f->group_size : 0,
                       .times = f->want.times};
    if (all_stored(f, out->most))
      return true;
    tried++;
  }
  return false;
}

void vy__pass_covers(vy__lowered *lowered) {
  const vy__ir *ir = &lowered->program->ir;
  finder f = {.ir = ir,
              .match = lowered->program->match,
              .group_size = lowered->program->group_size[0]};
  uint64_t uses = other_uses(ir);
  if (ir->stmt_count > LARGEST)
    return;
  for (f.param = 0; f.param < ir->param_count; f.param++) {
    if (lowered->cover_count == VY__MAX_COVERS)
      return;
    vy__cover *c = &lowered->covers[lowered->cover_count];
    if (is_candidate(ir, f.param) && !(uses >> f.param & 1) && find(&f, c))
      lowered->cover_count++;
  }
}
