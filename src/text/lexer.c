// Tokens of one source file. A run of bytes that start no token is reported
// once and is one VY__TOK_ERROR, which the parser takes for reported. Numbers
// keep their digits: how they round or whether they fit is decided where
// their type is known.
#include "text/lexer.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         is_digit(c);
}
static int hex_digit(char c) {
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Length of the UTF-8 sequence at p; 0 when malformed.
static size_t utf8_length(const unsigned char *p, size_t left) {
  if (p[0] < 0x80)
    return 1;
  size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4 || left < n)
    return 0;
  for (size_t i = 1; i < n; i++)
    if ((p[i] & 0xc0) != 0x80)
      return 0;
  bool overlong =
      (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
  bool surrogate = p[0] == 0xed && p[1] > 0x9f;
  bool beyond = p[0] == 0xf4 && p[1] > 0x8f;
  return overlong || surrogate || beyond ? 0 : n;
}

static bool check_text(vy__front *f, uint32_t file) {
  vy_str text = f->files[file - 1].text;
  vy__pos pos = {file, 1, 1};
  if (text.size > VY__MAX_SOURCE) {
    vy__error(f, pos, VY__E_SOURCE_TOO_LARGE,
              "the text has %zu bytes; at most %d are allowed", text.size,
              VY__MAX_SOURCE);
    return false;
  }
  const unsigned char *p = (const unsigned char *)text.data;
  for (size_t i = 0, line = 0; i < text.size;) {
    size_t n = p[i] ? utf8_length(p + i, text.size - i) : 0;
    if (n == 0) {
      pos.column = (uint32_t)(i - line + 1);
      vy__error(f, pos, VY__E_BAD_ENCODING, "byte 0x%02x is not UTF-8 text%s",
                p[i], p[i] ? "" : " (NUL is not allowed)");
      return false;
    }
    if (p[i] == '\n') {
      pos.line++;
      line = i + 1;
    }
    i += n;
  }
  return true;
}

bool vy__lexer_init(vy__lexer *l, vy__front *f, uint32_t file) {
  if (!check_text(f, file))
    return false;
  vy_str text = f->files[file - 1].text;
  const char *start = text.data ? text.data : "";
  *l = (vy__lexer){f, file, start, start + text.size, start, 1, false};
  if (text.size >= 3 && !memcmp(start, "\xef\xbb\xbf", 3))
    l->p += 3; // byte order mark
  return true;
}

static vy__pos here(const vy__lexer *l) {
  return (vy__pos){l->file, l->line, (uint32_t)(l->p - l->line_start + 1)};
}

static bool at(const vy__lexer *l, const char *text) {
  size_t n = strlen(text);
  return (size_t)(l->end - l->p) >= n && !memcmp(l->p, text, n);
}

static void newline(vy__lexer *l) {
  l->line++;
  l->line_start = l->p;
}

static void skip_block_comment(vy__lexer *l) {
  vy__pos start = here(l);
  l->p += 2;
  while (l->p < l->end && !at(l, "*/"))
    if (*l->p++ == '\n')
      newline(l);
  if (l->p < l->end) {
    l->p += 2;
    return;
  }
  vy__error(l->front, start, VY__E_OPEN_COMMENT,
            "this comment has no closing `*/`");
  l->given_up = true;
}

static void skip_space(vy__lexer *l) {
  while (l->p < l->end) {
    char c = *l->p;
    if (c == '\n') {
      l->p++;
      newline(l);
    } else if (c == ' ' || c == '\t' || c == '\r') {
      l->p++;
    } else if (at(l, "//")) {
      while (l->p < l->end && *l->p != '\n')
        l->p++;
    } else if (at(l, "/*")) {
      skip_block_comment(l);
    } else {
      return;
    }
  }
}

// ---- numbers

static vy_type suffix_type(vy_str s) {
  static const struct {
    const char *text;
    vy_type type;
  } rows[] = {{"u", VY_TYPE_U32},  {"i", VY_TYPE_I32}, {"ul", VY_TYPE_U64},
              {"il", VY_TYPE_I64}, {"f", VY_TYPE_F32}, {"d", VY_TYPE_F64}};
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (vy__str_eq(s, vy_str_c(rows[i].text)))
      return rows[i].type;
  return VY_TYPE_NONE;
}

// Reads digits of `base` into *value; false when they overflow 64 bits.
static bool take_digits(vy__lexer *l, int base, uint64_t *value) {
  bool fits = true;
  for (; l->p < l->end; l->p++) {
    int d = hex_digit(*l->p);
    if (d < 0 || d >= base)
      break;
    if (__builtin_mul_overflow(*value, (uint64_t)base, value) ||
        __builtin_add_overflow(*value, (uint64_t)d, value))
      fits = false;
  }
  return fits;
}

static char peek_at(const vy__lexer *l, size_t ahead) {
  return (size_t)(l->end - l->p) > ahead ? l->p[ahead] : 0;
}

// The part from the point on. False when malformed.
static bool take_fraction(vy__lexer *l, int base, bool *is_float) {
  uint64_t ignored = 0;
  if (peek_at(l, 0) == '.' && peek_at(l, 1) != '.') {
    *is_float = true;
    l->p++;
    take_digits(l, base, &ignored);
  }
  char e = peek_at(l, 0);
  bool exponent = base == 16 ? e == 'p' || e == 'P' : e == 'e' || e == 'E';
  if (!exponent)
    return !(base == 16 && *is_float); // a hexadecimal float needs one
  *is_float = true;
  l->p++;
  if (peek_at(l, 0) == '+' || peek_at(l, 0) == '-')
    l->p++;
  if (!is_digit(peek_at(l, 0)))
    return false;
  take_digits(l, 10, &ignored);
  return true;
}

// What is wrong with a number whose digits and suffix are read, or NULL.
static const char *number_fault(const vy__number *n, int base, vy_str suffix,
                                bool well_formed, bool fits) {
  bool float_suffix = vy__is_float(n->suffix);
  if (!well_formed)
    return "is not a number";
  if (suffix.size && n->suffix == VY_TYPE_NONE)
    return "has a suffix that is none of u i ul il f d";
  if (n->is_float && n->suffix != VY_TYPE_NONE && !float_suffix)
    return "is a float with an integer's suffix";
  if (base != 10 && float_suffix && !n->is_float)
    return "takes only the suffixes u i ul il";
  if (base == 10 && !n->is_float && !float_suffix && n->digits.size > 1 &&
      n->digits.data[0] == '0')
    return "starts with 0 (there are no octal numbers)";
  if (!fits && !n->is_float && !float_suffix)
    return "is larger than 64 bits can hold";
  return NULL;
}

static void lex_number(vy__lexer *l, vy__token *t) {
  const char *start = l->p;
  int base = at(l, "0x") || at(l, "0X")   ? 16
             : at(l, "0b") || at(l, "0B") ? 2
                                          : 10;
  if (base != 10)
    l->p += 2;
  const char *digits = l->p;
  vy__number *n = &t->number;
  bool fits = take_digits(l, base, &n->value);
  bool some = l->p > digits || (peek_at(l, 0) == '.' && is_word(peek_at(l, 1)));
  bool well_formed =
      some && (base == 2 || take_fraction(l, base, &n->is_float));
  n->digits = (vy_str){start, (size_t)(l->p - start)};
  const char *suffix_start = l->p;
  while (l->p < l->end && is_word(*l->p))
    l->p++;
  vy_str suffix = {suffix_start, (size_t)(l->p - suffix_start)};
  n->suffix = (uint8_t)suffix_type(suffix);
  t->kind = VY__TOK_NUMBER;
  const char *fault = number_fault(n, base, suffix, well_formed, fits);
  if (fault) {
    size_t size = (size_t)(l->p - start);
    vy__error(l->front, t->pos, VY__E_BAD_NUMBER, "`%.*s` %s",
              (int)(size < 60 ? size : 60), start, fault);
    // Stands for some number, so that nothing follows from it.
    *n = (vy__number){.value = 0, .digits = vy_str_c("0")};
    t->kind = VY__TOK_NUMBER;
  }
  if (vy__is_float(n->suffix))
    n->is_float = true;
}

// ---- the rest

static void lex_word(vy__lexer *l, vy__token *t) {
  const char *start = l->p;
  while (l->p < l->end && is_word(*l->p))
    l->p++;
  vy_str word = {start, (size_t)(l->p - start)};
  if (word.size > VY__MAX_NAME) {
    vy__error(l->front, t->pos, VY__E_NAME_TOO_LONG,
              "a name of %zu bytes; at most %d are allowed", word.size,
              VY__MAX_NAME);
    word.size = VY__MAX_NAME;
  }
  t->text = word;
  t->atom = vy__intern(l->front, word);
  t->kind = t->atom ? (vy__token_kind)t->atom->token : VY__TOK_END;
}

static void lex_string(vy__lexer *l, vy__token *t) {
  const char *start = ++l->p;
  while (l->p < l->end && *l->p != '"' && *l->p != '\n')
    l->p++;
  t->kind = VY__TOK_STRING;
  t->text = (vy_str){start, (size_t)(l->p - start)};
  if (l->p < l->end && *l->p == '"') {
    l->p++;
    return;
  }
  vy__error(l->front, t->pos, VY__E_OPEN_STRING,
            "this string has no closing `\"` on its line");
  t->kind = VY__TOK_ERROR;
}

static bool lex_punct(vy__lexer *l, vy__token *t) {
  static const struct {
    const char *text;
    uint32_t size;
    vy__token_kind kind;
  } rows[] = {
#define KEYWORD(id, text)
#define PUNCT(id, text) {text, sizeof(text) - 1, VY__TOK_##id},
#include "text/tokens.def"
#undef KEYWORD
#undef PUNCT
  };
  for (size_t i = 0; i < VY__COUNT(rows); i++)
    if (*l->p == rows[i].text[0] && at(l, rows[i].text)) {
      t->kind = rows[i].kind;
      l->p += rows[i].size;
      return true;
    }
  return false;
}

// `#include`, to the end of its line, or 'a'; false: neither.
static bool lex_foreign(vy__lexer *l, vy__token *t) {
  const char *p = l->p + 1;
  if (*l->p == '#') {
    while (p < l->end && *p != '\n')
      p++;
    vy__error(l->front, t->pos, VY__E_BAD_CHARACTER,
              "there is no preprocessor\nFix: use `import \"file.vy\";` for "
              "files and `const N: u32 = 4;` for constants");
  } else if (*l->p == '\'') {
    while (p < l->end && *p != '\'' && *p != '\n')
      p++;
    p += p < l->end && *p == '\'';
    vy__error(l->front, t->pos, VY__E_BAD_CHARACTER,
              "there are no characters\nFix: write the number, 97 for 'a'");
  } else {
    return false;
  }
  l->p = p;
  t->kind = VY__TOK_ERROR;
  return true;
}

static void lex_bad(vy__lexer *l, vy__token *t) {
  vy__token skipped = {0};
  const char *start = l->p;
  if (lex_foreign(l, t))
    return;
  do {
    l->p++;
  } while (l->p < l->end && !is_word(*l->p) && *l->p != '"' && *l->p != ' ' &&
           *l->p != '\t' && *l->p != '\r' && *l->p != '\n' &&
           !lex_punct(&(vy__lexer){.p = l->p, .end = l->end}, &skipped));
  size_t size = (size_t)(l->p - start);
  unsigned char c = (unsigned char)*start;
  if (c >= 0x20 && c < 0x7f)
    vy__error(l->front, t->pos, VY__E_BAD_CHARACTER,
              "`%.*s` is not part of the language",
              (int)(size < 40 ? size : 40), start);
  else
    vy__error(l->front, t->pos, VY__E_BAD_CHARACTER,
              "byte 0x%02x starts nothing of the language%s", c,
              c >= 0x80 ? " (names are ASCII)" : "");
  t->kind = VY__TOK_ERROR;
}

vy__token vy__lex(vy__lexer *l) {
  skip_space(l);
  vy__token t = {.kind = VY__TOK_END, .pos = here(l)};
  if (l->p == l->end || l->front->halt)
    return t;
  char c = *l->p, next = peek_at(l, 1);
  if (is_digit(c) || (c == '.' && is_digit(next)))
    lex_number(l, &t);
  else if (is_word(c))
    lex_word(l, &t);
  else if (c == '"')
    lex_string(l, &t);
  else if (!lex_punct(l, &t))
    lex_bad(l, &t);
  return t;
}
