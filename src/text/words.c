// Words of the language, derived from the tables: keywords from tokens.def,
// types from types.def, functions from ops.def less the operators.
#include "text/words.h"

const char *vy__token_text(vy__token_kind kind) {
  static const char *const texts[VY__TOKENS] = {
      [VY__TOK_END] = "the end of the file",
      [VY__TOK_ERROR] = "a bad token",
      [VY__TOK_NAME] = "a name",
      [VY__TOK_TYPE] = "a type",
      [VY__TOK_NUMBER] = "a number",
      [VY__TOK_STRING] = "a string",
#define KEYWORD(id, text) [VY__TOK_##id] = "`" text "`",
#define PUNCT(id, text) [VY__TOK_##id] = "`" text "`",
#include "text/tokens.def"
#undef KEYWORD
#undef PUNCT
  };
  return kind < VY__TOKENS ? texts[kind] : "";
}

vy__token_kind vy__keyword(vy_str word) {
  static const struct {
    const char *text;
    vy__token_kind kind;
  } rows[] = {
#define KEYWORD(id, text) {text, VY__TOK_##id},
#define PUNCT(id, text)
#include "text/tokens.def"
#undef KEYWORD
#undef PUNCT
  };
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (vy__str_eq(word, vy_str_c(rows[i].text)))
      return rows[i].kind;
  return VY__TOK_NAME;
}

vy_type vy__builtin_type(vy_str word, uint32_t *lanes) {
  *lanes = 1;
  vy_type type = vy__type_from_name(word);
  if (type != VY_TYPE_NONE || word.size < 3)
    return type;
  char last = word.data[word.size - 1];
  if (word.data[word.size - 2] != 'x' || last < '2' || last > '4')
    return VY_TYPE_NONE;
  *lanes = (uint32_t)(last - '0');
  return vy__type_from_name((vy_str){word.data, word.size - 2});
}

static bool is_operator(vy__op op) {
  static const uint16_t ops[] = {
#define BINARY(token, op, precedence) VY__OP_##op,
#define ASSIGN(token, op)
#define UNARY(token, op) VY__OP_##op,
#include "text/operators.def"
#undef BINARY
#undef ASSIGN
#undef UNARY
  };
  for (size_t i = 0; i < VY__COUNT(ops); i++)
    if (ops[i] == op)
      return true;
  return false;
}

vy__op vy__builtin_op(vy_str word) {
  // Signatures of rows that have a syntax of their own.
  static const uint64_t special =
      1ull << VY__SIG_CONST | 1ull << VY__SIG_REF | 1ull << VY__SIG_INDEX |
      1ull << VY__SIG_CONVERT | 1ull << VY__SIG_BITCAST | 1ull << VY__SIG_VAR |
      1ull << VY__SIG_VARSET | 1ull << VY__SIG_LOAD | 1ull << VY__SIG_STORE |
      1ull << VY__SIG_NULLARY;
  vy__op op = vy__op_from_name(word);
  if (op == VY__OP_INVALID || is_operator(op))
    return VY__OP_INVALID;
  return special >> vy__op_row(op)->sig & 1 ? VY__OP_INVALID : op;
}

bool vy__is_reserved(vy_str word) {
  uint32_t lanes;
  return vy__keyword(word) != VY__TOK_NAME ||
         vy__builtin_type(word, &lanes) != VY_TYPE_NONE ||
         vy__builtin_op(word) != VY__OP_INVALID;
}

const char *vy__operator_text(vy__op op) {
  static const struct {
    uint16_t op, token;
  } rows[] = {
#define BINARY(token, op, precedence) {VY__OP_##op, VY__TOK_##token},
#define ASSIGN(token, op)
#define UNARY(token, op) {VY__OP_##op, VY__TOK_##token},
#include "text/operators.def"
#undef BINARY
#undef ASSIGN
#undef UNARY
  };
  static const char *const texts[VY__TOKENS] = {
#define KEYWORD(id, text) [VY__TOK_##id] = text,
#define PUNCT(id, text) [VY__TOK_##id] = text,
#include "text/tokens.def"
#undef KEYWORD
#undef PUNCT
  };
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (rows[i].op == op)
      return texts[rows[i].token];
  return NULL;
}
