// Values and statements: types, access, placement, and that every use stands
// where its value has been computed.
//
// Dominance: an ordered value is there from its EXEC (or FOR) to the end of
// the block around it. A pure value is there where all ordered values that it
// is made of are: after the latest of them and before the first end.
#include "semantics/semantics.h"
#include "validate/internal.h"

static bool writes_memory(const vy__op_info *row) {
  return row->sig == VY__SIG_STORE || row->sig == VY__SIG_BYTES_STORE32 ||
         row->sig == VY__SIG_BYTES_STORE64 || row->effect == VY__EFFECT_ATOMIC;
}

static bool on_buffer(const vy__value *v, const vy__op_info *row) {
  return v->space == VY__SPACE_BUFFER || row->sig == VY__SIG_BYTES_LOAD32 ||
         row->sig == VY__SIG_BYTES_LOAD64 ||
         row->sig == VY__SIG_BYTES_STORE32 || row->sig == VY__SIG_BYTES_STORE64;
}

static bool needs_groups(const vy__value *v, const vy__op_info *row) {
  return row->effect == VY__EFFECT_COLLECTIVE ||
         row->effect == VY__EFFECT_SYNC || v->space == VY__SPACE_GROUP ||
         row->laws & VY__LAW_GROUPS;
}

static void check_value(vy__validation *v, uint32_t id) {
  const vy__ir *ir = &v->program->ir;
  const vy__value *x = &ir->values[id];
  const vy__op_info *row = vy__op_row(x->op);
  const char *why = NULL;
  vy_type type = VY_TYPE_NONE;
  for (int i = 0; i < 3; i++)
    if (x->a[i] != VY__NONE && x->a[i] >= id)
      why = "an operand is not computed before";
  if (!why && vy__result_type(ir, x, &type, &why) && type != x->type)
    why = "the result has another type";
  if (!why && x->op == VY__OP_CONST && x->imm != vy__canonical(type, x->imm))
    why = "a NaN must be the canonical one";
  if (why) {
    vy__invalid(v, vy__where_value(ir, id), VY__E_VALUE_TYPE, "%s: %s",
                row->name ? row->name : "an unknown operation", why);
    return;
  }
  if (writes_memory(row) && on_buffer(x, row) &&
      ir->params[x->ref].access == VY_ACCESS_READ)
    vy__invalid(v, vy__where_value(ir, id), VY__E_READ_ONLY,
                "\"%s\" is a `read` buffer, %s writes it",
                vy__ir_string(ir, ir->params[x->ref].name), row->name);
  if (needs_groups(x, row) && !ir->uses_groups)
    vy__invalid(v, vy__where_value(ir, id), VY__E_NEEDS_GROUPS,
                "%s needs groups of a known size", row->name);
  if (x->op == VY__OP_GROUP_SIZE && ir->group[0] == VY__NONE)
    vy__invalid(v, vy__where_value(ir, id), VY__E_NEEDS_GROUPS,
                "%s is known only with `group`", row->name);
}

void vy__validate_values(vy__validation *v) {
  for (uint32_t i = 0; i < v->program->ir.value_count; i++)
    check_value(v, i);
}

// ---- statements

typedef struct open_block {
  uint32_t stmt, kind;
  bool in_condition; // of a WHILE: before its COND
} open_block;

typedef struct body {
  vy__validation *v;
  const vy__ir *ir;
  uint32_t *from, *until; // per value: usable in (from, until)
  uint32_t *ends;         // per statement: end of the block around it
  // Per private array: the statement that zeroes it, and where that ends.
  uint32_t *array_from, *array_until;
  open_block open[VY__MAX_NESTING];
  uint32_t depth;
} body;

static void misplaced(body *b, uint32_t i, const char *what) {
  vy__invalid(b->v, vy__where_stmt(b->ir, i), VY__E_PLACEMENT, "%s", what);
}

static void use(body *b, uint32_t stmt, uint32_t value, uint32_t at) {
  if (value >= b->ir->value_count) {
    misplaced(b, stmt, "a statement has no value to work on");
    return;
  }
  if (b->from[value] == VY__NONE || b->from[value] >= at ||
      at >= b->until[value])
    vy__invalid(b->v, vy__where_stmt(b->ir, stmt), VY__E_DOMINANCE,
                "a value (%s) is used where it may not have been computed",
                vy__op_row(b->ir->values[value].op)->name);
}

// The loop that break and continue mean, if any.
static bool in_loop(const body *b, bool *condition) {
  for (uint32_t d = b->depth; d-- > 0;) {
    uint32_t kind = b->open[d].kind;
    if (kind == VY__STMT_BLOCK)
      return false;
    if (kind == VY__STMT_WHILE || kind == VY__STMT_FOR) {
      *condition = b->open[d].in_condition;
      return true;
    }
  }
  return false;
}

static bool in_block(const body *b) {
  for (uint32_t d = 0; d < b->depth; d++)
    if (b->open[d].kind == VY__STMT_BLOCK)
      return true;
  return false;
}

static void define(body *b, uint32_t i, uint32_t value, uint32_t until) {
  b->from[value] = i;
  b->until[value] = until;
}

// A private array is zeroed once in the text, before all that use it.
static void check_array(body *b, uint32_t i) {
  uint32_t a = b->ir->stmts[i].a;
  if (a >= b->ir->private_count)
    misplaced(b, i, "no such private array");
  else if (b->array_from[a] != VY__NONE)
    misplaced(b, i, "a private array is declared twice");
  else {
    b->array_from[a] = i;
    b->array_until[a] = b->ends[i];
  }
}

static void check_private(body *b, uint32_t i, const vy__value *x) {
  if (x->space != VY__SPACE_PRIVATE || x->ref >= b->ir->private_count)
    return;
  if (b->array_from[x->ref] == VY__NONE || i >= b->array_until[x->ref])
    vy__invalid(b->v, vy__where_stmt(b->ir, i), VY__E_DOMINANCE,
                "a private array is used where it is not declared");
}

static void check_exec(body *b, uint32_t i) {
  uint32_t a = b->ir->stmts[i].a;
  if (a >= b->ir->value_count) {
    misplaced(b, i, "a statement has no operation to do");
    return;
  }
  const vy__value *x = &b->ir->values[a];
  if (!vy__is_ordered(b->ir, x) || x->op == VY__OP_LOOP_INDEX)
    misplaced(b, i, "a pure operation has no place of its own");
  else if (b->from[a] != VY__NONE)
    misplaced(b, i, "an operation is done twice");
  else
    define(b, i, a, b->ends[i]);
  check_private(b, i, x);
}

static void check_for(body *b, uint32_t i) {
  const vy__stmt *s = &b->ir->stmts[i];
  if (s->a >= b->ir->value_count ||
      b->ir->values[s->a].op != VY__OP_LOOP_INDEX ||
      b->from[s->a] != VY__NONE) {
    misplaced(b, i, "a for loop has no variable of its own");
    return;
  }
  define(b, i, s->a, b->v->program->match[i]);
  const uint32_t bounds[3] = {s->b, s->c, s->d};
  for (int k = 0; k < 3; k++)
    if (bounds[k] >= b->ir->value_count)
      misplaced(b, i, "a for loop lacks a bound");
    else if (b->ir->values[bounds[k]].type != b->ir->values[s->a].type)
      vy__invalid(b->v, vy__where_stmt(b->ir, i), VY__E_VALUE_TYPE,
                  "the bounds of a for loop differ in type");
}

static void check_jump(body *b, uint32_t i) {
  uint32_t kind = b->ir->stmts[i].kind;
  bool condition = false;
  if (kind == VY__STMT_LEAVE) {
    if (!in_block(b))
      misplaced(b, i, "leave stands outside a block");
  } else if (!in_loop(b, &condition)) {
    misplaced(b, i, "break or continue stands outside a loop");
  } else if (condition) {
    misplaced(b, i, "break or continue stands in a loop's condition");
  }
}

static void check_condition(body *b, uint32_t i) {
  uint32_t a = b->ir->stmts[i].a;
  if (a < b->ir->value_count && b->ir->values[a].type != VY_TYPE_BOOL)
    vy__invalid(b->v, vy__where_stmt(b->ir, i), VY__E_VALUE_TYPE,
                "a condition must be bool, not %s",
                vy__type_name(b->ir->values[a].type));
}

static void check_stmt(body *b, uint32_t i) {
  const vy__stmt *s = &b->ir->stmts[i];
  switch ((vy__stmt_kind)s->kind) {
  case VY__STMT_EXEC:
    check_exec(b, i);
    return;
  case VY__STMT_FOR:
    check_for(b, i);
    break;
  case VY__STMT_IF:
    check_condition(b, i);
    break;
  case VY__STMT_COND:
    check_condition(b, i);
    b->open[b->depth - 1].in_condition = false;
    return;
  case VY__STMT_WHILE:
  case VY__STMT_BLOCK:
    break;
  case VY__STMT_END:
    b->depth--;
    return;
  case VY__STMT_BREAK:
  case VY__STMT_CONTINUE:
  case VY__STMT_LEAVE:
    check_jump(b, i);
    return;
  case VY__STMT_ARRAY:
    check_array(b, i);
    return;
  case VY__STMT_ELSE:
  case VY__STMT_RETURN:
    return;
  default:
    misplaced(b, i, "unknown kind of statement");
    return;
  }
  b->open[b->depth++] = (open_block){i, s->kind, s->kind == VY__STMT_WHILE};
}

// End of the block around each statement: backwards, with a stack of ends.
static void find_ends(body *b) {
  const uint32_t *match = b->v->program->match;
  uint32_t stack[VY__MAX_NESTING + 1] = {b->ir->stmt_count}, depth = 0;
  for (uint32_t i = b->ir->stmt_count; i-- > 0;) {
    uint32_t kind = b->ir->stmts[i].kind;
    if (kind == VY__STMT_END)
      stack[++depth] = i;
    else if (kind == VY__STMT_ELSE)
      stack[depth] = i;
    else if (match[i] != VY__NONE && kind != VY__STMT_COND)
      depth--;
    b->ends[i] = stack[depth];
  }
}

// Ranges of the pure values, then every use against them.
static void check_uses(body *b) {
  const vy__ir *ir = b->ir;
  for (uint32_t i = 0; i < ir->value_count; i++) {
    const vy__value *x = &ir->values[i];
    if (vy__is_ordered(ir, x)) {
      if (b->from[i] == VY__NONE)
        vy__invalid(b->v, vy__where_value(ir, i), VY__E_PLACEMENT,
                    "%s is never done", vy__op_row(x->op)->name);
      continue;
    }
    uint32_t from = 0, until = UINT32_MAX;
    bool any = false;
    for (int k = 0; k < 3; k++) {
      uint32_t a = x->a[k];
      if (a == VY__NONE)
        continue;
      // `from` is one more than the defining statement; 0: from the start.
      uint32_t f = b->from[a];
      from = f > from ? f : from;
      until = b->until[a] < until ? b->until[a] : until;
      any = true;
    }
    define(b, any ? from : 0, i, until);
  }
  for (uint32_t i = 0; i < ir->stmt_count; i++) {
    const vy__stmt *s = &ir->stmts[i];
    if (s->kind == VY__STMT_EXEC && s->a < ir->value_count) {
      for (int k = 0; k < 3; k++)
        if (ir->values[s->a].a[k] != VY__NONE)
          use(b, i, ir->values[s->a].a[k], i + 1);
    } else if (s->kind == VY__STMT_IF || s->kind == VY__STMT_COND) {
      use(b, i, s->a, i + 1);
    } else if (s->kind == VY__STMT_FOR) {
      use(b, i, s->b, i + 1);
      use(b, i, s->c, i + 1);
      use(b, i, s->d, i + 1);
    }
  }
}

static void check_body(body *b) {
  find_ends(b);
  for (uint32_t i = 0; i < b->ir->stmt_count; i++)
    check_stmt(b, i);
  // Positions count from 1, so that 0 can mean "from the start".
  for (uint32_t i = 0; i < b->ir->value_count; i++)
    if (b->from[i] != VY__NONE) {
      b->from[i]++;
      b->until[i]++;
    }
  if (b->v->status == VY_OK)
    check_uses(b);
}

void vy__validate_body(vy__validation *v) {
  const vy__ir *ir = &v->program->ir;
  if (!vy__ir_match(ir, v->program->match)) {
    vy__invalid(v, (vy__where){0}, VY__E_PLACEMENT,
                "statements are not balanced, or nested deeper than %d",
                VY__MAX_NESTING);
    return;
  }
  size_t count =
      2 * ((size_t)ir->value_count + ir->private_count) + ir->stmt_count;
  uint32_t *block = vy__calloc(ir->alloc, count, sizeof *block);
  if (!block) {
    vy__validation_oom(v);
    return;
  }
  body b = {.v = v, .ir = ir, .from = block};
  b.until = block + ir->value_count;
  b.array_from = b.until + ir->value_count;
  b.array_until = b.array_from + ir->private_count;
  b.ends = b.array_until + ir->private_count;
  for (uint32_t i = 0; i < ir->value_count; i++)
    b.from[i] = VY__NONE;
  for (uint32_t i = 0; i < ir->private_count; i++)
    b.array_from[i] = VY__NONE;
  check_body(&b);
  vy__free(ir->alloc, block, count * sizeof *block);
}
