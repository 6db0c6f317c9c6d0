// Values of case files as bytes. A pattern of types (with gaps) is walked
// round and round, one value token a field.
#include "support/case_values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATTERN = 64 };

typedef struct pattern {
  vy_type type[MAX_PATTERN];
  uint32_t gap[MAX_PATTERN]; // zero bytes before the field
  uint32_t tail;             // zero bytes after the last
  uint32_t count;
} pattern;

static vy_type type_named(const char *s, size_t n) {
  for (int t = VY_TYPE_BOOL; t <= VY_TYPE_BF16; t++) {
    const char *name = vy_type_name((vy_type)t);
    if (strlen(name) == n && !memcmp(name, s, n))
      return (vy_type)t;
  }
  return VY_TYPE_NONE;
}

static bool is_float(vy_type t) {
  return t == VY_TYPE_F32 || t == VY_TYPE_F64 || t == VY_TYPE_F16 ||
         t == VY_TYPE_BF16;
}

static bool is_signed(vy_type t) {
  return t == VY_TYPE_I8 || t == VY_TYPE_I16 || t == VY_TYPE_I32 ||
         t == VY_TYPE_I64;
}

static uint64_t ones(vy_type t) {
  return UINT64_MAX >> (64 - 8 * vy_type_size(t));
}

static uint64_t bits_f64(double d) {
  uint64_t u;
  memcpy(&u, &d, 8);
  return u;
}

static uint32_t bits_f32(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  return u;
}

// f16 bits of a double that is exactly representable.
static bool exact_f16(double d, uint64_t *bits) {
  for (uint32_t h = 0; h < 0x7c00; h++) {
    uint32_t e = h >> 10, m = h & 1023;
    double v = e ? (double)(1024 + m) : (double)m;
    for (int k = (int)(e ? e : 1) - 25; k; k += k < 0 ? 1 : -1)
      v = k < 0 ? v / 2 : v * 2;
    double a = d < 0 ? -d : d;
    if (v == a) {
      *bits = h | (bits_f64(d) >> 63) << 15;
      return true;
    }
  }
  return false;
}

static bool float_value(const char *s, vy_type type, uint64_t *bits) {
  static const uint64_t infinity[] = {0x7f800000, 0x7ff0000000000000, 0x7c00,
                                      0x7f80},
                        quiet[] = {0x7fc00000, 0x7ff8000000000000, 0x7e00,
                                   0x7fc0};
  int row = type == VY_TYPE_F32   ? 0
            : type == VY_TYPE_F64 ? 1
            : type == VY_TYPE_F16 ? 2
                                  : 3;
  bool minus = *s == '-';
  if (!strcmp(s + minus, "inf")) {
    *bits = infinity[row] | (uint64_t)minus << (8 * vy_type_size(type) - 1);
    return true;
  }
  if (!strcmp(s, "nan")) {
    *bits = quiet[row];
    return true;
  }
  if (!isdigit((unsigned char)s[minus]) && s[minus] != '.')
    return false;
  char *end;
  double d = strtod(s, &end);
  if (*end)
    return false;
  switch (row) {
  case 0:
    *bits = bits_f32(strtof(s, NULL));
    return true;
  case 1:
    *bits = bits_f64(d);
    return true;
  case 2:
    return exact_f16(d, bits);
  default:
    *bits = bits_f32((float)d) >> 16;
    return (double)(float)d == d && !(bits_f32((float)d) & 0xffff);
  }
}

bool case_value(const char *s, vy_type type, uint64_t *bits) {
  if (type == VY_TYPE_BOOL) {
    *bits = !strcmp(s, "true");
    return *bits || !strcmp(s, "false");
  }
  char *end;
  errno = 0;
  if (s[0] == '0' && s[1] == 'x') {
    *bits = strtoull(s, &end, 16);
    return !*end && !errno && *bits <= ones(type);
  }
  if (is_float(type))
    return float_value(s, type, bits);
  if (!isdigit((unsigned char)s[*s == '-']))
    return false;
  uint64_t high = (ones(type) >> 1) + 1; // the sign bit
  if (is_signed(type)) {
    int64_t v = strtoll(s, &end, 10);
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    *bits = (uint64_t)v & ones(type);
    return !*end && !errno && u < high + (v < 0);
  }
  *bits = strtoull(s, &end, 10);
  return *s != '-' && !*end && !errno && *bits <= ones(type);
}

// ---- bytes

static void put(case_bytes *b, uint64_t bits, size_t n) {
  b->data = realloc(b->data, b->size + n + 1);
  if (!b->data)
    abort();
  memcpy(b->data + b->size, &bits, n);
  b->size += n;
}

static void put_zeros(case_bytes *b, uint32_t n) {
  while (n--)
    put(b, 0, 1);
}

// The pattern at the head of `text`; returns what follows, NULL when bad.
static const char *take_pattern(const char *text, vy_type type, pattern *p) {
  memset(p, 0, sizeof *p);
  text += strspn(text, " ");
  bool braces = *text == '{';
  const char *at = text + braces;
  do {
    at += strspn(at, " ");
    size_t n = strcspn(at, braces ? " }" : " ");
    if (braces && *at == '_') {
      p->tail += (uint32_t)strtoul(at + 1, NULL, 10);
    } else {
      vy_type t = type_named(at, n);
      if (!t && !braces)
        break;
      if (!t || p->count == MAX_PATTERN)
        return NULL;
      p->gap[p->count] = p->tail;
      p->tail = 0;
      p->type[p->count++] = t;
    }
    at += n;
    at += strspn(at, " ");
  } while (braces && *at && *at != '}');
  if (p->count)
    return braces ? (*at == '}' ? at + 1 : NULL) : at;
  if (!type)
    return NULL;
  p->type[p->count++] = type;
  return text;
}

static void put_field(case_bytes *b, const pattern *p, uint32_t *field,
                      uint64_t bits) {
  put_zeros(b, p->gap[*field]);
  put(b, bits, vy_type_size(p->type[*field]));
  if (++*field == p->count) {
    put_zeros(b, p->tail);
    *field = 0;
  }
}

// One token: VALUE, VALUE*N or A..B.
static bool take_token(case_bytes *b, const pattern *p, uint32_t *field,
                       char *token) {
  uint64_t bits, n = 1;
  char *dots = strstr(token, "..");
  if (dots) {
    char *end;
    int64_t a = strtoll(token, &end, 10), z = strtoll(dots + 2, NULL, 10);
    if (end != dots || a > z)
      return false;
    for (; a <= z; a++) {
      char text[32];
      snprintf(text, sizeof text, "%lld", (long long)a);
      if (!case_value(text, p->type[*field], &bits))
        return false;
      put_field(b, p, field, bits);
    }
    return true;
  }
  char *star = strchr(token, '*');
  if (star) {
    *star = 0;
    n = strtoull(star + 1, NULL, 10);
  }
  while (n--) {
    if (!case_value(token, p->type[*field], &bits))
      return false;
    put_field(b, p, field, bits);
  }
  return true;
}

bool case_values(const char *text, vy_type type, case_bytes *out, char *why,
                 size_t why_size) {
  pattern p;
  case_bytes b = {NULL, 0};
  put(&b, 0, 0);
  const char *at = take_pattern(text, type, &p);
  if (!at) {
    snprintf(why, why_size, "no element type in: %s", text);
    free(b.data);
    return false;
  }
  uint32_t field = 0;
  for (;;) {
    char token[128];
    at += strspn(at, " \t");
    size_t n = strcspn(at, " \t");
    if (!n)
      break;
    bool ok = n < sizeof token;
    if (ok) {
      memcpy(token, at, n);
      token[n] = 0;
      ok = take_token(&b, &p, &field, token);
    }
    if (!ok) {
      snprintf(why, why_size, "bad value %.*s of type %s", (int)n, at,
               vy_type_name(p.type[field]));
      free(b.data);
      return false;
    }
    at += n;
  }
  if (field) {
    snprintf(why, why_size, "values stop inside an element: %s", text);
    free(b.data);
    return false;
  }
  *out = b;
  return true;
}
