// Words of the language: which names a program may not use for its own, and
// which operations are written as function calls.
#ifndef VY__WORDS_H
#define VY__WORDS_H

#include "ir/ir.h"

typedef enum vy__token_kind {
  VY__TOK_END,
  VY__TOK_ERROR, // already reported
  VY__TOK_NAME,
  VY__TOK_TYPE, // built-in scalar or vector type
  VY__TOK_NUMBER,
  VY__TOK_STRING,
#define KEYWORD(id, text) VY__TOK_##id,
#define PUNCT(id, text) VY__TOK_##id,
#include "text/tokens.def"
#undef KEYWORD
#undef PUNCT
  VY__TOKENS,
} vy__token_kind;

// What a token kind is called in messages: "`;`", "a name", ...
const char *vy__token_text(vy__token_kind kind);

// The keyword that `word` is, or VY__TOK_NAME.
vy__token_kind vy__keyword(vy_str word);

// The built-in scalar ("u32", *lanes 1) or vector type ("f32x3", *lanes 3)
// that `word` names; VY_TYPE_NONE when it is none.
vy_type vy__builtin_type(vy_str word, uint32_t *lanes);

// The operation that `word` names as a built-in function or as one of lane,
// local, ... ; VY__OP_INVALID when none. Operators are not functions.
vy__op vy__builtin_op(vy_str word);

// May a program not declare this name? (Not: is it well-formed.)
bool vy__is_reserved(vy_str word);

// The operator of `op` as written between (or before) operands; NULL when it
// is written as a call.
const char *vy__operator_text(vy__op op);

#endif
