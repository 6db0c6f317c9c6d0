// The parser: recursive descent over one file, into the tree of ast.h.
//
// Recovery: an error sets `panic`, which silences further ones until a point
// is reached where a statement or declaration can start.
#ifndef VY__PARSER_H
#define VY__PARSER_H

#include "text/ast.h"

typedef struct vy__parser {
  vy__front *front;
  vy__lexer lexer;
  vy__token token, next; // current, and one ahead
  vy__pos end;           // where the last accepted token stood
  uint32_t depth;        // of expressions
  uint32_t blocks;       // of statements
  bool panic;
} vy__parser;

// Parse files[file - 1] and append its declarations to front->decls.
void vy__parse_file(vy__front *f, uint32_t file);

// Shared by parse_*.c.
void vy__advance(vy__parser *p);
bool vy__accept(vy__parser *p, vy__token_kind kind);
// Report unless it is there; `after` says where ("after the condition").
bool vy__expect(vy__parser *p, vy__token_kind kind, const char *after);
void vy__unexpected(vy__parser *p, const char *expected);
// The same with an advice of their own; `fix` NULL: the general one.
bool vy__expect_or(vy__parser *p, vy__token_kind kind, const char *after,
                   const char *fix);
void vy__unexpected_or(vy__parser *p, const char *expected, const char *fix);
// A name that the program may declare; NULL after an error.
vy__atom *vy__expect_name(vy__parser *p, const char *what);
vy__type_ref vy__expect_type(vy__parser *p);
void *vy__parser_node(vy__parser *p, size_t size);
// Enter and leave one level of nesting of *depth.
bool vy__nest(vy__parser *p, uint32_t *depth);

vy__expr *vy__parse_expr(vy__parser *p); // NULL after an error
vy__expr *vy__parse_postfix(vy__parser *p);
// Up to and with `close`; false after an error. An empty list is fine.
bool vy__parse_list(vy__parser *p, vy__token_kind close, vy__expr **out);
vy__node *vy__parse_statements(vy__parser *p); // up to `}` or the end
vy__node *vy__parse_block(vy__parser *p);

#endif
