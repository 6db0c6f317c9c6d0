// Declarations of a file: constants, tables, structs, functions, programs.
#include "text/parser.h"

void vy__advance(vy__parser *p) {
  p->end = p->token.pos;
  p->token = p->next;
  p->next = vy__lex(&p->lexer);
}

bool vy__accept(vy__parser *p, vy__token_kind kind) {
  if (p->token.kind != kind)
    return false;
  vy__advance(p);
  return true;
}

static void report_unexpected(vy__parser *p, const char *expected,
                              const char *after, const char *fix) {
  bool known = p->token.kind == VY__TOK_ERROR ||
               (p->lexer.given_up && p->token.kind == VY__TOK_END);
  if (!p->panic && !known) {
    vy_str word = p->token.atom ? p->token.atom->text : (vy_str){NULL, 0};
    const char *quote = word.size ? "`" : "";
    if (!word.size)
      word = vy_str_c(vy__token_text(p->token.kind));
    vy__error(p->front, p->token.pos, VY__E_SYNTAX,
              "expected %s%s%s, found %s%.*s%s%s%s", expected,
              *after ? " " : "", after, quote,
              (int)(word.size < 60 ? word.size : 60), word.data, quote,
              fix ? "\nFix: " : "", fix ? fix : "");
  }
  p->panic = true;
}

void vy__unexpected(vy__parser *p, const char *expected) {
  report_unexpected(p, expected, "", NULL);
}

void vy__unexpected_or(vy__parser *p, const char *expected, const char *fix) {
  report_unexpected(p, expected, "", fix);
}

bool vy__expect_or(vy__parser *p, vy__token_kind kind, const char *after,
                   const char *fix) {
  if (vy__accept(p, kind))
    return true;
  report_unexpected(p, vy__token_text(kind), after, fix);
  return false;
}

bool vy__expect(vy__parser *p, vy__token_kind kind, const char *after) {
  return vy__expect_or(p, kind, after, NULL);
}

vy__atom *vy__expect_name(vy__parser *p, const char *what) {
  vy__atom *a = p->token.atom;
  if (p->token.kind == VY__TOK_NAME && !a->op) {
    vy__advance(p);
    return a;
  }
  if (a && !p->panic) {
    vy__error(p->front, p->token.pos, VY__E_RESERVED_NAME,
              "`%.*s` is a word of the language and cannot name %s",
              (int)a->text.size, a->text.data, what);
    vy__advance(p);
    return a; // bound or not: only this is wrong
  }
  vy__unexpected(p, "a name");
  return NULL;
}

vy__type_ref vy__expect_type(vy__parser *p) {
  vy__token t = p->token;
  if (t.kind == VY__TOK_TYPE || (t.kind == VY__TOK_NAME && !t.atom->op)) {
    vy__advance(p);
    return (vy__type_ref){t.atom, t.pos};
  }
  vy__unexpected(p, "a type");
  return (vy__type_ref){NULL, t.pos};
}

void *vy__parser_node(vy__parser *p, size_t size) {
  vy__front *f = p->front;
  if (++f->nodes > VY__MAX_NODES) {
    vy__error(f, p->token.pos, VY__E_EXPANSION_LIMIT,
              "the text has more than %d syntax nodes", VY__MAX_NODES);
    f->halt = true;
  }
  void *node = f->halt ? NULL : vy__new(f, 1, size);
  if (!node) {
    p->panic = true;
    p->token.kind = p->next.kind = VY__TOK_END;
  }
  return node;
}

bool vy__nest(vy__parser *p, uint32_t *depth) {
  if (++*depth <= VY__MAX_NESTING)
    return true;
  if (!p->panic)
    vy__error(p->front, p->token.pos, VY__E_TEXT_NESTING,
              "nested more than %d deep", VY__MAX_NESTING);
  p->panic = true;
  // What follows is as deep: give the file up.
  p->token.kind = p->next.kind = VY__TOK_END;
  p->lexer.p = p->lexer.end;
  p->lexer.given_up = true;
  return false;
}

// ---- parameters and fields

static vy_access access_of(vy__token_kind kind) {
  return kind == VY__TOK_READ     ? VY_ACCESS_READ
         : kind == VY__TOK_WRITE  ? VY_ACCESS_WRITE
         : kind == VY__TOK_UPDATE ? VY_ACCESS_UPDATE
                                  : VY_ACCESS_NONE;
}

static bool parse_readback(vy__parser *p, vy__item *item) {
  if (!vy__accept(p, VY__TOK_READBACK))
    return true;
  if (!vy__expect(p, VY__TOK_LBRACKET, "after `readback`"))
    return false;
  item->lo = vy__parse_expr(p);
  if (!item->lo || !vy__expect(p, VY__TOK_COMMA, "between the bounds"))
    return false;
  item->hi = vy__parse_expr(p);
  return item->hi && vy__expect(p, VY__TOK_RPAREN, "after the bounds");
}

// Type, brackets and readback of a parameter.
static bool parse_param_type(vy__parser *p, vy__item *item, bool function) {
  item->access = (uint8_t)access_of(p->token.kind);
  if (item->access != VY_ACCESS_NONE)
    item->kind = VY__ITEM_BUFFER;
  else if (function && p->token.kind == VY__TOK_SHARED)
    item->kind = VY__ITEM_SHARED;
  else if (function && p->token.kind == VY__TOK_VAR)
    item->kind = VY__ITEM_VAR;
  if (item->kind != VY__ITEM_VALUE)
    vy__advance(p);
  item->type = vy__expect_type(p);
  if (!item->type.atom)
    return false;
  if (item->kind == VY__ITEM_VALUE) {
    bool buffer = p->token.kind == VY__TOK_LBRACKET ||
                  p->token.kind == VY__TOK_TYPE ||
                  p->token.kind == VY__TOK_NAME;
    if (buffer)
      vy__unexpected_or(p, "`,` or `)` after a scalar",
                        "say how a buffer is used: `read`, `write` or "
                        "`update` before the type, [] after it");
    return !buffer;
  }
  if (!vy__expect_or(p, VY__TOK_LBRACKET, "after the element type",
                     "write [] after it; a scalar has only a type"))
    return false;
  bool sized = function ? item->kind == VY__ITEM_VAR : true;
  if (sized && p->token.kind != VY__TOK_RBRACKET &&
      !(item->length = vy__parse_expr(p)))
    return false;
  return vy__expect(p, VY__TOK_RBRACKET, "after the length") &&
         (function || parse_readback(p, item));
}

static vy__item *parse_item_name(vy__parser *p, const char *what) {
  vy__pos pos = p->token.pos;
  vy__atom *name = vy__expect_name(p, what);
  vy__item *item = name ? vy__parser_node(p, sizeof(*item)) : NULL;
  if (!item || !vy__expect(p, VY__TOK_COLON, "after the name"))
    return NULL;
  item->name = name;
  item->pos = pos;
  return item;
}

static bool parse_params(vy__parser *p, vy__item **out, bool function) {
  if (!vy__expect(p, VY__TOK_LPAREN, "before the parameters"))
    return false;
  if (vy__accept(p, VY__TOK_RPAREN))
    return true;
  do {
    vy__item *item = parse_item_name(p, "a parameter");
    if (!item || !parse_param_type(p, item, function))
      return false;
    *out = item;
    out = &item->next;
  } while (vy__accept(p, VY__TOK_COMMA));
  return vy__expect(p, VY__TOK_RPAREN, "after the parameters");
}

// ---- declarations

static bool parse_table(vy__parser *p, vy__decl *d) {
  d->kind = VY__DECL_TABLE;
  vy__token t = p->token;
  if (t.kind == VY__TOK_NUMBER && (t.number.is_float || t.number.suffix))
    t.kind = VY__TOK_ERROR;
  if (t.kind != VY__TOK_NUMBER) {
    vy__unexpected(p, "the table's length, an integer without suffix,");
    return false;
  }
  d->length = t.number.value;
  vy__advance(p);
  return vy__expect(p, VY__TOK_RBRACKET, "after the length") &&
         vy__expect(p, VY__TOK_ASSIGN, "after the type") &&
         vy__expect(p, VY__TOK_LBRACE, "before the elements") &&
         vy__parse_list(p, VY__TOK_RBRACE, &d->values) &&
         vy__expect(p, VY__TOK_SEMICOLON, "after the table");
}

static bool parse_const(vy__parser *p, vy__decl *d) {
  d->kind = VY__DECL_CONST;
  if (!vy__expect(p, VY__TOK_COLON, "after the name"))
    return false;
  d->type = vy__expect_type(p);
  if (!d->type.atom)
    return false;
  if (vy__accept(p, VY__TOK_LBRACKET))
    return parse_table(p, d);
  if (!vy__expect(p, VY__TOK_ASSIGN, "after the type"))
    return false;
  d->values = vy__parse_expr(p);
  return d->values && vy__expect(p, VY__TOK_SEMICOLON, "after the value");
}

static bool parse_struct(vy__parser *p, vy__decl *d) {
  d->kind = VY__DECL_STRUCT;
  vy__item **tail = &d->items;
  if (!vy__expect(p, VY__TOK_LBRACE, "before the fields"))
    return false;
  while (!vy__accept(p, VY__TOK_RBRACE)) {
    vy__item *item = parse_item_name(p, "a field");
    if (!item)
      return false;
    item->type = vy__expect_type(p);
    const char *fix = p->token.kind == VY__TOK_LBRACKET
                          ? "declare a vector, or one field for each element"
                          : NULL;
    if (!item->type.atom ||
        !vy__expect_or(p, VY__TOK_SEMICOLON, "after the field", fix))
      return false;
    *tail = item;
    tail = &item->next;
  }
  return true;
}

static bool parse_fn(vy__parser *p, vy__decl *d) {
  d->kind = VY__DECL_FN;
  if (!parse_params(p, &d->items, true))
    return false;
  if (vy__accept(p, VY__TOK_ARROW)) {
    d->type = vy__expect_type(p);
    if (!d->type.atom)
      return false;
  }
  d->body = vy__parse_block(p);
  return !p->panic;
}

// One to three expressions and a `;`.
static bool parse_extent(vy__parser *p, vy__expr **out) {
  vy__pos pos = p->token.pos;
  uint32_t count = 0;
  do {
    *out = vy__parse_expr(p);
    if (!*out)
      return false;
    out = &(*out)->next;
    count++;
  } while (vy__accept(p, VY__TOK_COMMA));
  if (count > 3)
    vy__error(p->front, pos, VY__E_SYNTAX,
              "expected at most 3 dimensions, found %u", count);
  return vy__expect(p, VY__TOK_SEMICOLON, "after the header");
}

static void report_twice(vy__parser *p, vy__pos pos, const char *what) {
  vy__error(p->front, pos, VY__E_HEADER_TWICE, "%s is given twice", what);
}

static bool parse_shared(vy__parser *p, vy__item ***tail) {
  vy__item *item = parse_item_name(p, "group memory");
  if (!item)
    return false;
  item->kind = VY__ITEM_SHARED;
  item->type = vy__expect_type(p);
  if (!item->type.atom ||
      !vy__expect(p, VY__TOK_LBRACKET, "after the element type") ||
      !(item->length = vy__parse_expr(p)) ||
      !vy__expect(p, VY__TOK_RBRACKET, "after the length"))
    return false;
  **tail = item;
  *tail = &item->next;
  return vy__expect(p, VY__TOK_SEMICOLON, "after the header");
}

// One header; *found is false when there is none.
static bool parse_header(vy__parser *p, vy__decl *d, vy__item ***shared,
                         bool *found) {
  vy__token t = p->token;
  *found = t.kind == VY__TOK_GROUP || t.kind == VY__TOK_LANES ||
           t.kind == VY__TOK_GROUPS || t.kind == VY__TOK_SHARED;
  if (!*found)
    return true;
  vy__advance(p);
  if (t.kind == VY__TOK_SHARED)
    return parse_shared(p, shared);
  if (t.kind == VY__TOK_GROUP) {
    if (d->group)
      report_twice(p, t.pos, "`group`");
    return parse_extent(p, &d->group);
  }
  if (d->domain)
    report_twice(p, t.pos, "the domain (`lanes` or `groups`)");
  d->uses_groups = t.kind == VY__TOK_GROUPS;
  return parse_extent(p, &d->domain);
}

static void skip_header(vy__parser *p) {
  while (p->token.kind != VY__TOK_END && p->token.kind != VY__TOK_RBRACE &&
         p->token.kind != VY__TOK_LBRACE && !vy__accept(p, VY__TOK_SEMICOLON))
    vy__advance(p);
  p->panic = false;
  p->depth = 0;
}

static bool parse_program(vy__parser *p, vy__decl *d) {
  d->kind = VY__DECL_PROGRAM;
  if (!parse_params(p, &d->items, false) ||
      !vy__expect(p, VY__TOK_LBRACE, "before the body"))
    return false;
  d->whole_head = true;
  vy__item **shared = &d->shared;
  bool found = true, broken = false;
  while (found && p->token.kind != VY__TOK_END)
    if (!parse_header(p, d, &shared, &found)) {
      broken = true;
      skip_header(p);
    }
  if (!d->domain && !broken && p->token.kind != VY__TOK_END)
    vy__error(p->front, d->pos, VY__E_NO_DOMAIN,
              "program `%.*s` has neither `lanes` nor `groups`",
              (int)d->name->text.size, d->name->text.data);
  d->body = vy__parse_statements(p);
  return vy__expect(p, VY__TOK_RBRACE, "after the body");
}

static bool parse_import(vy__parser *p) {
  vy__token t = p->token;
  if (!vy__expect(p, VY__TOK_STRING, "after `import`"))
    return false;
  vy__import_edge edge = {t.pos.file - 1, VY__NONE, t.pos, t.text};
  vy__add_edge(p->front, &edge);
  return vy__expect(p, VY__TOK_SEMICOLON, "after the import");
}

static void declare(vy__parser *p, vy__decl *d) {
  vy__front *f = p->front;
  vy_str name = d->name->text;
  bool program = d->kind == VY__DECL_PROGRAM;
  vy__decl *other = program ? NULL : d->name->decl;
  if (program)
    for (vy__decl *i = f->decls; i; i = i->next)
      if (i->kind == VY__DECL_PROGRAM && i->name == d->name &&
          i->pos.file == d->pos.file)
        other = i;
  if (other)
    vy__error(f, d->pos, VY__E_DUPLICATE_NAME,
              "`%.*s` is declared in line %u%s already", (int)name.size,
              name.data, other->pos.line,
              other->pos.file != d->pos.file ? " of another file" : "");
  else if (!program)
    d->name->decl = d;
  *f->decl_tail = d;
  f->decl_tail = &d->next;
}

static bool parse_declaration(vy__parser *p) {
  vy__token_kind kind = p->token.kind;
  if (kind == VY__TOK_IMPORT) {
    vy__advance(p);
    return parse_import(p);
  }
  bool (*parse)(vy__parser *, vy__decl *) =
      kind == VY__TOK_CONST     ? parse_const
      : kind == VY__TOK_STRUCT  ? parse_struct
      : kind == VY__TOK_FN      ? parse_fn
      : kind == VY__TOK_PROGRAM ? parse_program
                                : NULL;
  if (!parse) {
    vy__unexpected(p, "`program`, `fn`, `struct`, `const` or `import`");
    return false;
  }
  vy__advance(p);
  vy__pos pos = p->token.pos;
  vy__atom *name = vy__expect_name(p, "a declaration");
  vy__decl *d = name ? vy__parser_node(p, sizeof(*d)) : NULL;
  if (!d)
    return false;
  d->name = name;
  d->pos = pos;
  bool fine = parse(p, d);
  // A program is broken only when its head is; its statements are whole.
  d->broken = d->kind == VY__DECL_PROGRAM ? !d->whole_head : !fine;
  if (!p->front->halt)
    declare(p, d); // even when broken: its name is then known
  return fine;
}

// Skip to the next declaration.
static void recover(vy__parser *p) {
  for (; p->token.kind != VY__TOK_END; vy__advance(p)) {
    vy__token_kind kind = p->token.kind;
    if (kind == VY__TOK_PROGRAM || kind == VY__TOK_FN ||
        kind == VY__TOK_STRUCT || kind == VY__TOK_CONST ||
        kind == VY__TOK_IMPORT)
      break;
  }
  p->panic = false;
  p->depth = p->blocks = 0;
}

void vy__parse_file(vy__front *f, uint32_t file) {
  vy__parser p = {.front = f};
  if (!vy__lexer_init(&p.lexer, f, file))
    return;
  vy__advance(&p);
  vy__advance(&p);
  while (p.token.kind != VY__TOK_END && !f->halt)
    if (!parse_declaration(&p))
      recover(&p);
}
