// The printer's parts. print_plan.c decides where each value, variable and
// array stands and what it is called; print_decl.c writes declarations,
// print_expr.c expressions, print.c statements.
#ifndef VY__PRINT_H
#define VY__PRINT_H

#include "text/text.h"
#include "text/words.h"

enum { VY__PRINT_DEPTH = 16 }; // of expressions printed inline

typedef struct vy__print {
  const vy__ir *ir;
  vy__buf *out;
  vy__arena arena;
  bool failed; // out of memory
  // By statement: enclosing opener (IF, ELSE, WHILE, COND, FOR, BLOCK) or
  // VY__NONE, how many of them, partner, first value and variable to declare
  // before it; for a WHILE whether its condition is one expression.
  uint32_t *parent, *depth, *match, *first_let, *first_var;
  uint8_t *simple;
  // By value: uses, the statement it is computed at, next to declare there,
  // printed as a `let`, name.
  uint32_t *uses, *place, *next_let;
  uint8_t *is_let, *height;
  const char **names;
  // By variable: the statement that declares it, and whether that is its
  // first assignment.
  uint32_t *var_place, *next_var;
  uint8_t *var_set;
  const char **var_names, **private_names, **group_names, **table_names;
  const char **structs;      // by parameter: type of its element
  const char **field_places; // by field: ".a.b" from the element, or ""
  // Set of names in use.
  const char **taken;
  uint32_t taken_size, taken_count, counter;
  uint32_t indent;
} vy__print;

bool vy__print_plan(vy__print *p);
// A fresh name, like `base` where possible. Never NULL.
const char *vy__print_name(vy__print *p, const char *base, const char *other);
void vy__print_head(vy__print *p); // tables to the last header
void vy__print_size(vy__print *p, uint32_t node, uint32_t lowest);
void vy__print_value(vy__print *p, uint32_t id);   // name or expression
void vy__print_compute(vy__print *p, uint32_t id); // expression
void vy__print_literal(vy__print *p, vy_type type, uint64_t bits);
static inline bool vy__print_finite(vy_type type, uint64_t bits) {
  return type == VY_TYPE_F32   ? (bits >> 23 & 0xff) != 0xff
         : type == VY_TYPE_F64 ? (bits >> 52 & 0x7ff) != 0x7ff
                               : true;
}

#endif
