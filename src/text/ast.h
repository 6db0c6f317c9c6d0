// The syntax tree, in the front's arena. Lists are linked through `next`.
//
// Invariants: nesting of blocks and of expressions is at most
// VY__MAX_NESTING, except that the left operands of BINARY and LOGIC may
// chain without limit (a + b + c + ...) and `else if` chains through `other`.
#ifndef VY__AST_H
#define VY__AST_H

#include "text/lexer.h"

enum vy__literal_kind { VY__LIT_NONE, VY__LIT_INT, VY__LIT_FLOAT };

typedef enum vy__expr_kind {
  VY__EX_NUMBER,
  VY__EX_SPECIAL, // inf, nan
  VY__EX_BOOL,    // number.value 0 or 1
  VY__EX_NAME,
  VY__EX_UNARY,   // op a
  VY__EX_PLUS,    // + a
  VY__EX_BINARY,  // a op b
  VY__EX_LOGIC,   // a && b (op AND), a || b (op OR)
  VY__EX_TERNARY, // a ? b : c
  VY__EX_CALL,    // name(a, ...): function, struct, built-in
  VY__EX_CAST,    // type(a, ...)
  VY__EX_BITCAST, // bitcast<type>(a)
  VY__EX_INDEX,   // a[b]
  VY__EX_FIELD,   // a.name
} vy__expr_kind;

typedef struct vy__type_ref {
  vy__atom *atom; // NULL: none given
  vy__pos pos;
} vy__type_ref;

typedef struct vy__expr {
  uint8_t kind;     // vy__expr_kind
  uint8_t lit;      // vy__literal_kind: made of unsuffixed literals only?
  uint8_t negative; // NUMBER, SPECIAL: a minus belongs to it
  uint8_t nan;      // SPECIAL: nan, else inf
  uint16_t op;      // vy__op
  vy__pos pos;
  struct vy__expr *a, *b, *c, *next;
  vy__atom *name;
  vy__type_ref type;
  vy__number number;
} vy__expr;

typedef enum vy__node_kind {
  VY__NODE_LET,
  VY__NODE_VAR,    // a: initialiser or NULL
  VY__NODE_ARRAY,  // a: length, list: initialisers
  VY__NODE_ASSIGN, // a: place, b: value, op: of `op=` or 0
  VY__NODE_CALL,   // a
  VY__NODE_IF,     // a, body, other
  VY__NODE_WHILE,  // a, body; other: statements of the condition
  VY__NODE_FOR,    // a, b, c: lo, hi, step or NULL; body; unroll
  VY__NODE_SCOPE,  // body
  VY__NODE_BLOCK,  // body
  VY__NODE_BREAK,
  VY__NODE_CONTINUE,
  VY__NODE_LEAVE,
  VY__NODE_RETURN, // a or NULL
  VY__NODE_BARRIER,
} vy__node_kind;

typedef struct vy__node { // a statement
  uint8_t kind;
  bool unroll;
  uint16_t op;
  vy__pos pos, name_pos;
  vy__atom *name;
  vy__type_ref type;
  vy__expr *a, *b, *c, *list;
  struct vy__node *body, *other, *next;
} vy__node;

typedef enum vy__item_kind {
  VY__ITEM_VALUE,  // field, scalar parameter
  VY__ITEM_BUFFER, // access type[length]
  VY__ITEM_SHARED, // function: shared type[]; program: header
  VY__ITEM_VAR,    // var type[length]
} vy__item_kind;

typedef struct vy__item { // field, parameter, group array
  uint8_t kind, access;
  vy__pos pos;
  vy__atom *name;
  vy__type_ref type;
  vy__expr *length, *lo, *hi;
  struct vy__item *next;
} vy__item;

typedef enum vy__decl_kind {
  VY__DECL_CONST,
  VY__DECL_TABLE,
  VY__DECL_STRUCT,
  VY__DECL_FN,
  VY__DECL_PROGRAM,
} vy__decl_kind;

typedef struct vy__decl {
  uint8_t kind;
  vy__pos pos;
  vy__atom *name;
  vy__type_ref type; // of a constant, table; result of a function
  vy__expr *values;  // initialiser(s)
  uint64_t length;   // of a table, as written
  vy__item *items;   // fields, parameters
  vy__node *body;
  // PROGRAM only
  vy__expr *domain, *group; // lists
  bool uses_groups;
  bool whole_head; // parameters are complete
  vy__item *shared;
  struct vy__decl *next;
  bool broken; // parsed in part: known by name, not to be looked into
  // State of the expansion.
  const struct vy__ty *ty; // STRUCT, when resolved
  bool active;             // STRUCT, FN: being resolved or expanded
  bool expanded;           // FN, PROGRAM
  bool valued;             // CONST, TABLE: bits are computed
  uint64_t *bits;
  uint32_t id;    // CONST, TABLE: in the IR of ...
  uint32_t epoch; // ... this expansion
} vy__decl;

#endif
