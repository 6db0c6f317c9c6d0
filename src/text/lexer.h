// Tokens of one source file, made on demand.
#ifndef VY__LEXER_H
#define VY__LEXER_H

#include "text/front.h"

typedef struct vy__number {
  uint64_t value; // of an integer
  vy_str digits;  // as written, without sign and suffix
  uint8_t suffix; // vy_type; NONE: unsuffixed
  bool is_float;
} vy__number;

typedef struct vy__token {
  vy__token_kind kind;
  vy__pos pos;
  vy_str text;    // STRING: what is between the quotes
  vy__atom *atom; // of words
  vy__number number;
} vy__token;

typedef struct vy__lexer {
  vy__front *front;
  uint32_t file; // index + 1
  const char *p, *end, *line_start;
  uint32_t line;
  bool given_up; // the rest is skipped: an early end is no further error
} vy__lexer;

// False, with an error, when the text is too large, holds a NUL or is not
// UTF-8.
bool vy__lexer_init(vy__lexer *l, vy__front *f, uint32_t file);
// The next token; VY__TOK_END for ever at the end.
vy__token vy__lex(vy__lexer *l);

#endif
