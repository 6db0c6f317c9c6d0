// Expressions. Operators by precedence climbing over operators.def; a left
// operand never recurses, so that a long sum is no deep tree to the parser.
#include "text/parser.h"

static vy__expr *new_expr(vy__parser *p, vy__expr_kind kind, vy__pos pos) {
  vy__expr *e = vy__parser_node(p, sizeof(*e));
  if (e) {
    e->kind = (uint8_t)kind;
    e->pos = pos;
  }
  return e;
}

static uint8_t both_literal(const vy__expr *a, const vy__expr *b) {
  if (!a->lit || !b->lit)
    return VY__LIT_NONE;
  return a->lit > b->lit ? a->lit : b->lit;
}

bool vy__parse_list(vy__parser *p, vy__token_kind close, vy__expr **out) {
  vy__expr **tail = out;
  *out = NULL;
  if (vy__accept(p, close))
    return true;
  do {
    *tail = vy__parse_expr(p);
    if (!*tail)
      return false;
    tail = &(*tail)->next;
  } while (vy__accept(p, VY__TOK_COMMA));
  return vy__expect(p, close, "after the last element");
}

// Is a call of a built-in that maps T to T of untyped literals untyped too?
static uint8_t call_literal(const vy__expr *e) {
  uint8_t lit = VY__LIT_NONE;
  const vy__expr *arg = e->a;
  switch (vy__op_row(e->name->op)->sig) {
  case VY__SIG_SELECT:
    arg = arg ? arg->next : NULL;
    break;
  case VY__SIG_SHIFT:
    return arg ? arg->lit : lit;
  case VY__SIG_UN:
  case VY__SIG_BIN:
  case VY__SIG_TER:
    break;
  default:
    return lit;
  }
  if (vy__op_row(e->name->op)->effect != VY__EFFECT_PURE)
    return lit;
  for (; arg; arg = arg->next) {
    if (!arg->lit)
      return VY__LIT_NONE;
    lit = arg->lit > lit ? arg->lit : lit;
  }
  return lit;
}

static vy__expr *parse_word(vy__parser *p) {
  vy__token t = p->token;
  bool call = p->next.kind == VY__TOK_LPAREN;
  vy__expr *e = new_expr(p,
                         t.kind == VY__TOK_TYPE ? VY__EX_CAST
                         : call                 ? VY__EX_CALL
                                                : VY__EX_NAME,
                         t.pos);
  vy__advance(p);
  if (!e)
    return NULL;
  e->name = t.atom;
  e->type = (vy__type_ref){t.atom, t.pos};
  if (e->kind == VY__EX_NAME)
    return e;
  if (!vy__expect_or(p, VY__TOK_LPAREN, "after the type",
                     "write a conversion as a call: `u32(x)`") ||
      !vy__parse_list(p, VY__TOK_RPAREN, &e->a))
    return NULL;
  if (e->kind == VY__EX_CALL && t.atom->op)
    e->lit = call_literal(e);
  return e;
}

static vy__expr *parse_bitcast(vy__parser *p) {
  vy__expr *e = new_expr(p, VY__EX_BITCAST, p->token.pos);
  vy__advance(p);
  if (!e || !vy__expect(p, VY__TOK_LT, "after `bitcast`"))
    return NULL;
  e->type = vy__expect_type(p);
  if (!e->type.atom || !vy__expect(p, VY__TOK_GT, "after the type") ||
      !vy__expect(p, VY__TOK_LPAREN, "after `bitcast<...>`"))
    return NULL;
  e->a = vy__parse_expr(p);
  return e->a && vy__expect(p, VY__TOK_RPAREN, "after the operand") ? e : NULL;
}

static vy__expr *parse_literal(vy__parser *p, vy__pos pos, bool negative) {
  vy__token t = p->token;
  vy__expr *e = new_expr(
      p, t.kind == VY__TOK_NUMBER ? VY__EX_NUMBER : VY__EX_SPECIAL, pos);
  vy__advance(p);
  if (!e)
    return NULL;
  e->negative = negative;
  e->number = t.number;
  e->nan = t.kind == VY__TOK_NAN;
  if (e->kind == VY__EX_SPECIAL)
    e->number.is_float = true;
  if (e->number.suffix == VY_TYPE_NONE)
    e->lit = e->number.is_float ? VY__LIT_FLOAT : VY__LIT_INT;
  return e;
}

static bool is_literal(vy__token_kind kind) {
  return kind == VY__TOK_NUMBER || kind == VY__TOK_INF || kind == VY__TOK_NAN;
}

static vy__expr *parse_primary(vy__parser *p) {
  vy__token t = p->token;
  if (is_literal(t.kind))
    return parse_literal(p, t.pos, false);
  switch (t.kind) {
  case VY__TOK_NAME:
  case VY__TOK_TYPE:
    return parse_word(p);
  case VY__TOK_BITCAST:
    return parse_bitcast(p);
  case VY__TOK_TRUE:
  case VY__TOK_FALSE: {
    vy__expr *e = new_expr(p, VY__EX_BOOL, t.pos);
    vy__advance(p);
    if (e)
      e->number.value = t.kind == VY__TOK_TRUE;
    return e;
  }
  case VY__TOK_LPAREN: {
    vy__advance(p);
    vy__expr *e = vy__parse_expr(p);
    return e && vy__expect(p, VY__TOK_RPAREN, "to close the `(`") ? e : NULL;
  }
  default:
    vy__unexpected(p, "an expression");
    return NULL;
  }
}

vy__expr *vy__parse_postfix(vy__parser *p) {
  vy__expr *e = parse_primary(p);
  uint32_t links = 0;
  while (e) {
    vy__pos pos = p->token.pos;
    vy__expr *base = e;
    bool index = p->token.kind == VY__TOK_LBRACKET;
    if (!index && p->token.kind != VY__TOK_DOT)
      return e;
    links++;
    if (!vy__nest(p, &links))
      return NULL;
    links--;
    vy__advance(p);
    e = new_expr(p, index ? VY__EX_INDEX : VY__EX_FIELD, pos);
    if (!e)
      return NULL;
    e->a = base;
    if (index) {
      e->b = vy__parse_expr(p);
      if (!e->b || !vy__expect(p, VY__TOK_RBRACKET, "after the index"))
        return NULL;
    } else {
      e->pos = p->token.pos;
      e->name = p->token.atom;
      if (!vy__expect(p, VY__TOK_NAME, "after `.`"))
        return NULL;
    }
  }
  return NULL;
}

static vy__op unary_op(vy__token_kind kind) {
  switch (kind) {
#define BINARY(token, op, precedence)
#define ASSIGN(token, op)
#define UNARY(token, op)                                                       \
  case VY__TOK_##token:                                                        \
    return VY__OP_##op;
#include "text/operators.def"
#undef BINARY
#undef ASSIGN
#undef UNARY
  default:
    return VY__OP_INVALID;
  }
}

static vy__expr *parse_unary(vy__parser *p) {
  vy__token t = p->token;
  vy__op op = unary_op(t.kind);
  if (op == VY__OP_INVALID && t.kind != VY__TOK_ADD)
    return vy__parse_postfix(p);
  vy__advance(p);
  if (t.kind == VY__TOK_SUB && is_literal(p->token.kind))
    return parse_literal(p, t.pos, true);
  if (!vy__nest(p, &p->depth))
    return NULL;
  vy__expr *e =
      new_expr(p, t.kind == VY__TOK_ADD ? VY__EX_PLUS : VY__EX_UNARY, t.pos);
  vy__expr *a = e ? parse_unary(p) : NULL;
  p->depth--;
  if (!a)
    return NULL;
  e->a = a;
  // Both `~` and `!` are the operation NOT; nan tells them apart.
  e->op = (uint16_t)op;
  e->nan = t.kind == VY__TOK_NOT;
  e->lit = e->nan ? VY__LIT_NONE : a->lit;
  return e;
}

typedef struct binary_row {
  uint16_t op;
  uint8_t precedence;
  bool logic;
} binary_row;

static binary_row binary_op(vy__token_kind kind) {
  switch (kind) {
  case VY__TOK_OR_OR:
    return (binary_row){VY__OP_OR, 1, true};
  case VY__TOK_AND_AND:
    return (binary_row){VY__OP_AND, 2, true};
#define BINARY(token, op, precedence)                                          \
  case VY__TOK_##token:                                                        \
    return (binary_row){VY__OP_##op, precedence, false};
#define ASSIGN(token, op)
#define UNARY(token, op)
#include "text/operators.def"
#undef BINARY
#undef ASSIGN
#undef UNARY
  default:
    return (binary_row){0, 0, false};
  }
}

static vy__expr *parse_binary(vy__parser *p, uint32_t lowest) {
  vy__expr *a = parse_unary(p);
  while (a) {
    binary_row row = binary_op(p->token.kind);
    if (row.precedence == 0 || row.precedence < lowest)
      return a;
    vy__expr *e =
        new_expr(p, row.logic ? VY__EX_LOGIC : VY__EX_BINARY, p->token.pos);
    vy__advance(p);
    vy__expr *b = e ? parse_binary(p, row.precedence + 1u) : NULL;
    if (!b)
      return NULL;
    e->op = row.op;
    e->a = a;
    e->b = b;
    uint32_t sig = vy__op_row(row.op)->sig;
    if (sig == VY__SIG_SHIFT)
      e->lit = a->lit;
    else if (sig == VY__SIG_BIN && !row.logic)
      e->lit = both_literal(a, b);
    a = e;
  }
  return NULL;
}

vy__expr *vy__parse_expr(vy__parser *p) {
  if (!vy__nest(p, &p->depth))
    return NULL;
  vy__expr *e = parse_binary(p, 1);
  vy__pos pos = p->token.pos;
  if (e && vy__accept(p, VY__TOK_QUESTION)) {
    vy__expr *t = new_expr(p, VY__EX_TERNARY, pos);
    vy__expr *b = t ? vy__parse_expr(p) : NULL;
    bool colon = b && vy__expect(p, VY__TOK_COLON, "in `c ? a : b`");
    vy__expr *c = colon ? vy__parse_expr(p) : NULL;
    if (c) {
      t->a = e;
      t->b = b;
      t->c = c;
      t->lit = both_literal(b, c);
    }
    e = c ? t : NULL;
  }
  p->depth--;
  return e;
}
