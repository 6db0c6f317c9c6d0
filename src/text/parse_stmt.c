// Statements. After an error the rest of the statement is skipped: to its
// `;`, or to a `}` or a word that starts another one.
#include "text/parser.h"

static vy__node *new_node(vy__parser *p, vy__node_kind kind, vy__pos pos) {
  vy__node *n = vy__parser_node(p, sizeof(*n));
  if (n) {
    n->kind = (uint8_t)kind;
    n->pos = pos;
  }
  return n;
}

static bool starts_statement(vy__token_kind kind) {
  switch (kind) {
  case VY__TOK_LET:
  case VY__TOK_VAR:
  case VY__TOK_IF:
  case VY__TOK_WHILE:
  case VY__TOK_FOR:
  case VY__TOK_UNROLL:
  case VY__TOK_BREAK:
  case VY__TOK_CONTINUE:
  case VY__TOK_RETURN:
  case VY__TOK_BARRIER:
    return true;
  default:
    return false;
  }
}

static bool starts_declaration(vy__token_kind kind) {
  return kind == VY__TOK_PROGRAM || kind == VY__TOK_FN ||
         kind == VY__TOK_STRUCT || kind == VY__TOK_IMPORT;
}

static void recover(vy__parser *p) {
  uint32_t open = 0; // braces of a body whose head is wrong
  while (p->token.kind != VY__TOK_END && !starts_declaration(p->token.kind)) {
    vy__token_kind kind = p->token.kind;
    if (open == 0 && (kind == VY__TOK_RBRACE || starts_statement(kind)))
      break;
    open += kind == VY__TOK_LBRACE;
    if (kind == VY__TOK_RBRACE)
      open--;
    vy__advance(p);
    if (open == 0 && (kind == VY__TOK_SEMICOLON || kind == VY__TOK_RBRACE))
      break;
  }
  p->panic = false;
  p->depth = 0;
}

static vy__op assign_op(vy__token_kind kind) {
  switch (kind) {
#define BINARY(token, op, precedence)
#define ASSIGN(token, op)                                                      \
  case VY__TOK_##token:                                                        \
    return VY__OP_##op;
#define UNARY(token, op)
#include "text/operators.def"
#undef BINARY
#undef ASSIGN
#undef UNARY
  default:
    return VY__OP_INVALID;
  }
}

// NAME, NAME: TYPE
static bool parse_declared(vy__parser *p, vy__node *n, const char *what) {
  vy__advance(p);
  n->name_pos = p->token.pos;
  n->name = vy__expect_name(p, what);
  if (!n->name)
    return false;
  if (!vy__accept(p, VY__TOK_COLON))
    return true;
  n->type = vy__expect_type(p);
  return n->type.atom != NULL;
}

// = VALUE;
static bool parse_initial(vy__parser *p, vy__node *n) {
  if (!vy__expect(p, VY__TOK_ASSIGN, "after the name"))
    return false;
  n->a = vy__parse_expr(p);
  if (!n->a)
    return false;
  const char *fix = p->token.kind == VY__TOK_COMMA
                        ? "declare one name in each statement"
                        : NULL;
  return vy__expect_or(p, VY__TOK_SEMICOLON, "after the value", fix);
}

static bool parse_let(vy__parser *p, vy__node *n) {
  return parse_declared(p, n, "a value") && parse_initial(p, n);
}

static bool parse_array(vy__parser *p, vy__node *n) {
  n->kind = VY__NODE_ARRAY;
  n->a = vy__parse_expr(p);
  if (!n->a || !vy__expect(p, VY__TOK_RBRACKET, "after the length"))
    return false;
  if (vy__accept(p, VY__TOK_ASSIGN) &&
      (!vy__expect(p, VY__TOK_LBRACE, "before the elements") ||
       !vy__parse_list(p, VY__TOK_RBRACE, &n->list)))
    return false;
  return vy__expect(p, VY__TOK_SEMICOLON, "after the array");
}

// `var x: T;` without a value declares without assigning: IR in which no
// single first assignment exists is printed with it.
static bool parse_var(vy__parser *p, vy__node *n) {
  if (!parse_declared(p, n, "a variable"))
    return false;
  if (n->type.atom && vy__accept(p, VY__TOK_LBRACKET))
    return parse_array(p, n);
  if (n->type.atom && vy__accept(p, VY__TOK_SEMICOLON))
    return true;
  return parse_initial(p, n);
}

static bool parse_condition(vy__parser *p, vy__node *n) {
  if (!vy__expect(p, VY__TOK_LPAREN, "before the condition"))
    return false;
  n->a = vy__parse_expr(p);
  return n->a && vy__expect(p, VY__TOK_RPAREN, "after the condition");
}

// One `if (c) { ... }`; then `else if`s are added to it without recursion.
static bool parse_if(vy__parser *p, vy__node *n) {
  for (;;) {
    vy__advance(p);
    if (!parse_condition(p, n))
      return false;
    n->body = vy__parse_block(p);
    if (p->panic || !vy__accept(p, VY__TOK_ELSE))
      return !p->panic;
    vy__pos pos = p->token.pos;
    if (p->token.kind != VY__TOK_IF) {
      n->other = new_node(p, VY__NODE_SCOPE, pos);
      if (n->other)
        n->other->body = vy__parse_block(p);
      return !p->panic;
    }
    n->other = new_node(p, VY__NODE_IF, pos);
    if (!n->other)
      return false;
    n = n->other;
  }
}

// `for (i = 0; ...`, up to its `)`, so that its parts are no statements.
static bool refuse_c_for(vy__parser *p) {
  vy__unexpected_or(p, "a name", "write `for i in 0 .. n { ... }`");
  uint32_t open = 0;
  while (p->token.kind != VY__TOK_END && p->token.kind != VY__TOK_LBRACE) {
    open += p->token.kind == VY__TOK_LPAREN;
    bool last = p->token.kind == VY__TOK_RPAREN && --open == 0;
    vy__advance(p);
    if (last)
      break;
  }
  return false;
}

static bool parse_for(vy__parser *p, vy__node *n) {
  n->unroll = vy__accept(p, VY__TOK_UNROLL);
  if (!vy__expect(p, VY__TOK_FOR, "after `unroll`"))
    return false;
  if (p->token.kind == VY__TOK_LPAREN)
    return refuse_c_for(p);
  n->name_pos = p->token.pos;
  n->name = vy__expect_name(p, "the loop's variable");
  if (!n->name || !vy__expect(p, VY__TOK_IN, "after the loop's variable"))
    return false;
  n->a = vy__parse_expr(p);
  if (!n->a || !vy__expect(p, VY__TOK_DOT_DOT, "after the first bound"))
    return false;
  n->b = vy__parse_expr(p);
  if (!n->b)
    return false;
  if (vy__accept(p, VY__TOK_STEP) && !(n->c = vy__parse_expr(p)))
    return false;
  n->body = vy__parse_block(p);
  return !p->panic;
}

static bool parse_simple(vy__parser *p) {
  vy__advance(p);
  return vy__expect(p, VY__TOK_SEMICOLON, "after the statement");
}

static bool parse_return(vy__parser *p, vy__node *n) {
  vy__advance(p);
  if (vy__accept(p, VY__TOK_SEMICOLON))
    return true;
  n->a = vy__parse_expr(p);
  return n->a && vy__expect(p, VY__TOK_SEMICOLON, "after the result");
}

static bool is_place(const vy__expr *e) {
  for (; e->kind == VY__EX_INDEX || e->kind == VY__EX_FIELD; e = e->a)
    ;
  return e->kind == VY__EX_NAME;
}

// For what stands where an assignment was expected; NULL: nothing special.
static const char *assignment_hint(const vy__parser *p) {
  vy__token_kind kind = p->token.kind;
  if (kind == VY__TOK_EQ)
    return "write `=` to assign";
  if (kind == p->next.kind && (kind == VY__TOK_ADD || kind == VY__TOK_SUB))
    return kind == VY__TOK_ADD ? "write `+= 1`" : "write `-= 1`";
  return NULL;
}

// `int i = 0;`, at its name, which is then known.
static bool refuse_c_declaration(vy__parser *p, vy__node *n) {
  vy__pos pos = p->token.pos;
  vy__atom *name = p->token.atom;
  vy__unexpected_or(p, "`=` or another assignment",
                    "declare it with `let` or, if it changes, `var`: "
                    "`var i = 0;`, `var i: u32 = 0;`");
  n->kind = VY__NODE_LET;
  n->name = name->op ? NULL : name;
  n->name_pos = pos;
  return false;
}

static bool parse_assignment(vy__parser *p, vy__node *n) {
  n->a = vy__parse_postfix(p);
  if (!n->a)
    return false;
  if (n->a->kind == VY__EX_CALL && vy__accept(p, VY__TOK_SEMICOLON)) {
    n->kind = VY__NODE_CALL;
    return true;
  }
  vy__pos pos = p->token.pos;
  n->op = (uint16_t)assign_op(p->token.kind);
  if (n->op == VY__OP_INVALID && p->token.kind != VY__TOK_ASSIGN) {
    if (n->a->kind == VY__EX_NAME && p->token.kind == VY__TOK_NAME)
      return refuse_c_declaration(p, n);
    vy__unexpected_or(p,
                      n->a->kind == VY__EX_CALL ? "`;` after the call"
                                                : "`=` or another assignment",
                      assignment_hint(p));
    return false;
  }
  if (!is_place(n->a)) {
    vy__error(p->front, n->a->pos, VY__E_NOT_A_PLACE,
              "this cannot be assigned to");
    p->panic = true;
    return false;
  }
  n->pos = pos;
  vy__advance(p);
  n->b = vy__parse_expr(p);
  return n->b && vy__expect(p, VY__TOK_SEMICOLON, "after the value");
}

static bool is_word(const vy__parser *p, const char *word) {
  return p->token.kind == VY__TOK_NAME &&
         vy__str_eq(p->token.atom->text, vy_str_c(word));
}

// `block { }` and `leave;` are no reserved words: they are recognised by what
// follows, so that every IR can be printed.
static bool parse_other(vy__parser *p, vy__node *n) {
  if (is_word(p, "block") && p->next.kind == VY__TOK_LBRACE) {
    n->kind = VY__NODE_BLOCK;
    vy__advance(p);
    n->body = vy__parse_block(p);
    return !p->panic;
  }
  if (is_word(p, "leave") && p->next.kind == VY__TOK_SEMICOLON) {
    n->kind = VY__NODE_LEAVE;
    return parse_simple(p);
  }
  if (p->token.kind == VY__TOK_LBRACE) {
    n->kind = VY__NODE_SCOPE;
    n->body = vy__parse_block(p);
    return !p->panic;
  }
  bool header =
      p->token.kind == VY__TOK_GROUP || p->token.kind == VY__TOK_LANES ||
      p->token.kind == VY__TOK_GROUPS || p->token.kind == VY__TOK_SHARED;
  if (header) {
    vy__error(p->front, p->token.pos, VY__E_LATE_HEADER,
              "%s stands among the statements", vy__token_text(p->token.kind));
    p->panic = true;
    vy__advance(p);
    return false;
  }
  if (p->token.kind == VY__TOK_TYPE && p->next.kind == VY__TOK_NAME) {
    vy__advance(p);
    return refuse_c_declaration(p, n);
  }
  if (p->token.kind != VY__TOK_NAME) {
    vy__unexpected(p, "a statement");
    return false;
  }
  n->kind = VY__NODE_ASSIGN;
  return parse_assignment(p, n);
}

static bool parse_statement(vy__parser *p, vy__node *n) {
  switch (p->token.kind) {
  case VY__TOK_LET:
    n->kind = VY__NODE_LET;
    return parse_let(p, n);
  case VY__TOK_VAR:
    n->kind = VY__NODE_VAR;
    return parse_var(p, n);
  case VY__TOK_IF:
    n->kind = VY__NODE_IF;
    return parse_if(p, n);
  case VY__TOK_WHILE:
    n->kind = VY__NODE_WHILE;
    vy__advance(p);
    // `while { statements } (c) { ... }`: statements of the condition, so
    // that every IR can be printed.
    if (p->token.kind == VY__TOK_LBRACE) {
      n->other = vy__parse_block(p);
      if (p->panic)
        return false;
    }
    if (!parse_condition(p, n))
      return false;
    n->body = vy__parse_block(p);
    return !p->panic;
  case VY__TOK_FOR:
  case VY__TOK_UNROLL:
    n->kind = VY__NODE_FOR;
    return parse_for(p, n);
  case VY__TOK_BREAK:
    n->kind = VY__NODE_BREAK;
    return parse_simple(p);
  case VY__TOK_CONTINUE:
    n->kind = VY__NODE_CONTINUE;
    return parse_simple(p);
  case VY__TOK_RETURN:
    n->kind = VY__NODE_RETURN;
    return parse_return(p, n);
  case VY__TOK_BARRIER:
    n->kind = VY__NODE_BARRIER;
    return parse_simple(p);
  default:
    return parse_other(p, n);
  }
}

vy__node *vy__parse_statements(vy__parser *p) {
  vy__node *first = NULL, **tail = &first;
  while (p->token.kind != VY__TOK_END && p->token.kind != VY__TOK_RBRACE &&
         !starts_declaration(p->token.kind)) {
    const char *start = p->token.pos.file ? p->lexer.p : NULL;
    vy__node *n = new_node(p, VY__NODE_SCOPE, p->token.pos);
    if (!n)
      return first;
    if (parse_statement(p, n)) {
      *tail = n;
      tail = &n->next;
    } else {
      // A declaration whose value is wrong still declares its name.
      bool named = (n->kind == VY__NODE_LET || n->kind == VY__NODE_VAR ||
                    n->kind == VY__NODE_ARRAY) &&
                   n->name;
      if (named) {
        n->kind = VY__NODE_LET;
        n->a = NULL;
        *tail = n;
        tail = &n->next;
      }
      vy__token_kind kind = p->token.kind;
      recover(p);
      if (p->lexer.p == start && p->token.kind == kind &&
          kind != VY__TOK_RBRACE)
        vy__advance(p); // always go on
    }
  }
  return first;
}

vy__node *vy__parse_block(vy__parser *p) {
  if (!vy__expect_or(p, VY__TOK_LBRACE, "before the statements",
                     "put { } around the statements, around a single one too"))
    return NULL;
  if (!vy__nest(p, &p->blocks))
    return NULL;
  uint32_t depth = p->depth;
  p->depth = 0;
  vy__node *body = vy__parse_statements(p);
  p->depth = depth;
  p->blocks--;
  vy__expect(p, VY__TOK_RBRACE, "after the statements");
  return body;
}
