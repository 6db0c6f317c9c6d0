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

// Where a store goes: at each * lane.x + more, at (each * lane.y + more) * row
// + lane.x, or at group_id.x; or at each * local.x + more of block times *
// group_id.x + i, i being the number of a round of `loop`; or, where some is
// not 0, at some * local.x + more of block group_id.x, a block being of each *
// group_size elements.
typedef struct shape {
  bool known, group;
  uint32_t each, more;
  vy__term row;   // NONE: there are no rows
  vy__term times; // NONE: there are no blocks
  uint32_t loop;  // the value of its variable
  uint32_t some;
} shape;

static const shape one = {.each = 1, .loop = VY__NONE};

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
         same_term(a->times, b->times) && a->loop == b->loop &&
         a->some == b->some;
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

// What a value of 32 bits, as a number, was widened from.
static const vy__value *narrow(const vy__ir *ir, uint32_t id) {
  const vy__value *v = &ir->values[id];
  if (v->op == VY__OP_CONVERT &&
      (v->type == VY_TYPE_U64 || v->type == VY_TYPE_I64) &&
      ir->values[v->a[0]].type == VY_TYPE_U32)
    return &ir->values[v->a[0]];
  return v;
}

static bool is_lane(const vy__ir *ir, uint32_t id, uint32_t dimension) {
  const vy__value *v = narrow(ir, id);
  return v->op == VY__OP_LANE && v->ref == dimension;
}

// A number that is the same for all lanes and known before the dispatch.
static vy__term term_of(const vy__ir *ir, uint32_t id) {
  const vy__value *v = narrow(ir, id);
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

// The sum `v` without a small number.
static const vy__value *without(const vy__ir *ir, const vy__value *v,
                                uint32_t *more) {
  *more = 0;
  for (int k = 0; k < 2 && v->op == VY__OP_ADD && v->type == VY_TYPE_U32; k++)
    if (small_number(ir, v->a[k], MOST_EACH, more))
      return &ir->values[v->a[1 - k]];
  *more = 0;
  return v;
}

// each * lane + more, of the lanes of dimension d; narrow sums only, which a
// wide part does not widen.
static shape several(const vy__ir *ir, uint32_t id, uint32_t d) {
  shape s = one;
  const vy__value *v = without(ir, narrow(ir, id), &s.more);
  if (v->type != VY_TYPE_U32)
    return s;
  if (v->op == VY__OP_SHL && is_lane(ir, v->a[0], d)) {
    s.known = small_number(ir, v->a[1], 7, &s.each);
    s.each = UINT32_C(1) << (s.each & 7);
  } else if (v->op == VY__OP_MUL) {
    for (int k = 0; k < 2 && !s.known; k++)
      s.known = is_lane(ir, v->a[k], d) &&
                small_number(ir, v->a[1 - k], MOST_EACH + 1, &s.each);
  }
  s.known = s.known && s.each > 1 && s.each <= MOST_EACH && s.more < s.each;
  return s;
}

// (each * lane.y + more) * row, the first part being value `id`.
static shape rows(const vy__ir *ir, uint32_t id, vy__term row) {
  shape s = several(ir, id, 1);
  if (is_lane(ir, id, 1)) {
    s = one;
    s.known = true;
  }
  s.row = row;
  s.known = s.known && row.kind != VY__TERM_NONE;
  return s;
}

static shape rows_of(const vy__ir *ir, uint32_t id) {
  const vy__value *v = narrow(ir, id);
  shape s = one;
  for (int k = 0; k < 2 && v->op == VY__OP_MUL && !s.known; k++)
    s = rows(ir, v->a[k], term_of(ir, v->a[1 - k]));
  uint32_t by;
  if (v->op == VY__OP_SHL && small_number(ir, v->a[1], 31, &by))
    s = rows(ir, v->a[0], (vy__term){VY__TERM_LITERAL, UINT32_C(1) << by});
  return s;
}

// Value `id` as some value times a constant.
static const vy__value *multiple(const vy__ir *ir, uint32_t id, uint32_t *by) {
  const vy__value *v = &ir->values[id];
  *by = 1;
  if (v->op == VY__OP_SHL && small_number(ir, v->a[1], 31, by)) {
    *by = UINT32_C(1) << *by;
    return &ir->values[v->a[0]];
  }
  for (int k = 0; k < 2 && v->op == VY__OP_MUL; k++)
    if (small_number(ir, v->a[1 - k], INT32_MAX, by))
      return &ir->values[v->a[k]];
  *by = 1;
  return v;
}

// group_id, or times * group_id + the variable of a loop.
static bool is_block(const vy__ir *ir, const vy__value *v, shape *s) {
  s->times = one.times;
  s->loop = one.loop;
  if (v->op == VY__OP_GROUP_ID)
    return true;
  for (int k = 0; k < 2 && v->op == VY__OP_ADD; k++) {
    const vy__value *first = &ir->values[v->a[k]];
    s->loop = v->a[1 - k];
    if (ir->values[s->loop].op != VY__OP_LOOP_INDEX || first->op != VY__OP_MUL)
      continue;
    for (int j = 0; j < 2; j++) {
      const vy__value *id = &ir->values[first->a[j]];
      s->times = term_of(ir, first->a[1 - j]);
      if (id->op == VY__OP_GROUP_ID && s->times.kind != VY__TERM_NONE)
        return true;
    }
  }
  return false;
}

// each * local + more, of one block of a group or of block after block.
static shape in_blocks(const finder *f, uint32_t index) {
  const vy__ir *ir = f->ir;
  shape s = one;
  const vy__value *v = without(ir, narrow(ir, index), &s.more);
  for (int k = 0; k < 2 && v->op == VY__OP_ADD && !s.known; k++) {
    uint32_t size;
    const vy__value *block = multiple(ir, v->a[k], &size);
    const vy__value *local = multiple(ir, v->a[1 - k], &s.each);
    s.known = v->type == VY_TYPE_U32 && local->op == VY__OP_LOCAL &&
              s.each <= MOST_EACH && s.more < s.each &&
              size == s.each * f->group_size && is_block(ir, block, &s);
  }
  return s.known ? s : one;
}

// A sum of numbers times group_id.x and local.x, and a constant, modulo 2^32.
typedef struct sum {
  uint32_t group, local, more;
} sum;

enum { DEEP = 5 }; // sums of sums

static bool sum_of(const finder *f, uint32_t id, uint32_t depth, sum *out) {
  const vy__value *v = &f->ir->values[id];
  uint32_t by;
  sum a, b;
  *out = (sum){0};
  if (v->type != VY_TYPE_U32 || !depth)
    return false;
  switch (v->op) {
  case VY__OP_CONST:
    out->more = (uint32_t)v->imm;
    return true;
  case VY__OP_GROUP_ID:
    out->group = 1;
    return v->ref == 0;
  case VY__OP_LOCAL:
    out->local = 1;
    return v->ref == 0;
  case VY__OP_LANE:
    *out = (sum){f->group_size, 1, 0};
    return v->ref == 0;
  case VY__OP_ADD:
    if (!sum_of(f, v->a[0], depth - 1, &a) ||
        !sum_of(f, v->a[1], depth - 1, &b))
      return false;
    *out = (sum){a.group + b.group, a.local + b.local, a.more + b.more};
    return true;
  case VY__OP_SHL:
  case VY__OP_MUL:
    if (!sum_of(f, v->a[0], depth - 1, &a) ||
        !small_number(f->ir, v->a[1], 1 << 20, &by))
      return false;
    by = v->op == VY__OP_SHL ? UINT32_C(1) << (by & 31) : by;
    *out = (sum){a.group * by, a.local * by, a.more * by};
    return true;
  default:
    return false;
  }
}

// A group's block, row by row, `some` neighbours a lane.
static shape in_rows(const finder *f, uint32_t index) {
  shape s = one;
  sum at;
  if (!f->ir->uses_groups || !sum_of(f, index, DEEP, &at) || !at.local ||
      at.group % f->group_size)
    return s;
  s.each = at.group / f->group_size;
  s.some = at.local;
  s.more = at.more;
  s.known = s.each > 1 && s.each <= MOST_EACH && s.each % s.some == 0 &&
            s.more < at.group;
  return s.known ? s : one;
}

static shape shape_of(const finder *f, uint32_t index) {
  const vy__ir *ir = f->ir;
  const vy__value *v = narrow(ir, index);
  shape s = one;
  if (ir->dimensions == 1) {
    s.group = v->op == VY__OP_GROUP_ID && v->ref == 0;
    s.known = s.group || is_lane(ir, index, 0);
    if (!s.known)
      s = several(ir, index, 0);
    if (!s.known)
      s = in_blocks(f, index);
    return s.known ? s : in_rows(f, index);
  }
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
    const vy__value *x = narrow(ir, v->a[k]);
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
  if (f->want.each > 1 && f->want.row.kind != VY__TERM_NONE) {
    shape s = several(ir, small, 1);
    return is_lane(ir, small, 0)
               ? join(&most[0], bound)
               : s.known && s.each == f->want.each && s.more == f->want.more &&
                     join(&most[1], bound);
  }
  if (f->want.group || f->want.each > 1 || f->want.loop != VY__NONE) {
    shape s = shape_of(f, small);
    return same_shape(&s, &f->want) && join(&most[0], bound);
  }
  for (uint32_t d = 0; d < ir->dimensions && d < 2; d++)
    if (is_lane(ir, small, d))
      return join(&most[d], bound);
  return false;
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
  uint32_t some = f->want.some ? f->want.some : f->want.each;
  for (uint32_t k = 0; k < f->want.each; k++) {
    f->want.more = k / some * some * f->group_size + k % some;
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
