// Floats from text, exactly: the digits become a big integer, the quotient by
// the power of ten is taken to 70 bits and a jammed remainder, and that is
// rounded once. No locale, no host float.
//
// Bounds: halfway points of f64 have at most 768 significant digits, so of a
// longer text the first KEPT_DIGITS and "more follow" decide. Values beyond
// 10^+-DECADES are infinite or zero, which bounds the power of ten.
#include "semantics/big.h"
#include "semantics/soft.h"

enum { KEPT_DIGITS = 800, DECADES = 340, QUOTIENT_BITS = 70 };

// Largest number: 800 digits or 5^(800 + 340), shifted by one.
_Static_assert(KEPT_DIGITS * 10 / 3 + 1 + 64 < 32 * VY__BIG_WORDS, "");
_Static_assert((KEPT_DIGITS + DECADES) * 7 / 3 + 1 + 64 < 32 * VY__BIG_WORDS,
               "");

static const int64_t EXPONENT_LIMIT = INT64_C(1) << 60;

typedef struct reader {
  const char *p, *end;
} reader;

static int peek(const reader *r) { return r->p < r->end ? *r->p : -1; }

static bool accept(reader *r, char c) { // either case of a letter
  if (peek(r) != c && (c < 'a' || peek(r) != c - 'a' + 'A'))
    return false;
  r->p++;
  return true;
}

static int digit(const reader *r, int base) { // -1: none
  const int c = peek(r);
  if (c >= '0' && c <= '9')
    return c - '0';
  const int letter = c | 32;
  return base == 16 && letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// What follows the digits: nothing, or `mark` and a decimal exponent.
static bool read_exponent(reader *r, char mark, int64_t *exponent) {
  *exponent = 0;
  if (!accept(r, mark))
    return r->p == r->end;
  const bool neg = accept(r, '-');
  if (!neg)
    accept(r, '+');
  if (digit(r, 10) < 0)
    return false;
  for (int d; (d = digit(r, 10)) >= 0; r->p++)
    if (*exponent < EXPONENT_LIMIT / 16)
      *exponent = *exponent * 10 + d;
  *exponent = neg ? -*exponent : *exponent;
  return r->p == r->end;
}

typedef struct digits {
  vy__big big;   // decimal
  uint64_t bits; // hexadecimal
  int count;     // of significant digits taken
  bool more;     // a non-zero digit was not taken
  int64_t scale; // places that the taken digits stand above the point
} digits;

// Digits and at most one point; takes up to `kept` digits from the first that
// is not 0. False without digits.
static bool read_digits(reader *r, int base, int kept, digits *d) {
  bool any = false, point = false;
  *d = (digits){.count = 0};
  for (;; r->p++) {
    const int v = digit(r, base);
    if (v < 0) {
      if (point || peek(r) != '.')
        return any;
      point = true;
      continue;
    }
    any = true;
    if (d->count == kept) {
      d->more |= v != 0;
      d->scale += !point;
      continue;
    }
    d->scale -= point;
    if (d->count == 0 && v == 0)
      continue;
    d->count++;
    if (base == 16)
      d->bits = d->bits << 4 | (unsigned)v;
    else
      vy__big_mul(&d->big, 10, (uint32_t)v);
  }
}

// big * 10^e rounded; `more`: a little above it. |e| is bounded.
static uint64_t round_decimal(vy__format f, const vy__big *big, int e,
                              bool more) {
  vy__big r = *big, v = vy__big_of(1);
  vy__big_mul_pow5(e < 0 ? &v : &r, e < 0 ? -e : e);
  // Equal lengths: r / v is then between 1/2 and 2.
  const int align = vy__big_bits(&r) - vy__big_bits(&v);
  vy__big_shift(align > 0 ? &v : &r, align > 0 ? align : -align);
  vy__u128 q = 0;
  for (int i = 0; i < QUOTIENT_BITS; i++) {
    q <<= 1;
    if (vy__big_cmp(&r, &v) >= 0) {
      vy__big_sub(&r, &v);
      q |= 1;
    }
    vy__big_shift(&r, 1);
  }
  return vy__round(f, false, q << 1 | (r.n != 0 || more),
                   e + align - QUOTIENT_BITS);
}

static bool parse_decimal(vy__format f, reader r, uint64_t *bits) {
  digits d;
  int64_t exponent;
  if (!read_digits(&r, 10, KEPT_DIGITS, &d) ||
      !read_exponent(&r, 'e', &exponent))
    return false;
  exponent += d.scale;
  if (d.count == 0 || exponent + d.count < -DECADES)
    *bits = 0;
  else if (exponent + d.count > DECADES)
    *bits = vy__inf_bits(f);
  else
    *bits = round_decimal(f, &d.big, (int)exponent, d.more);
  return true;
}

static bool parse_hexadecimal(vy__format f, reader r, uint64_t *bits) {
  digits d;
  int64_t exponent;
  if (!read_digits(&r, 16, 16, &d) || !read_exponent(&r, 'p', &exponent))
    return false;
  exponent += d.scale * 4 - 1;
  if (d.count == 0 || exponent < -4000)
    *bits = 0;
  else if (exponent > 4000)
    *bits = vy__inf_bits(f);
  else
    *bits = vy__round(f, false, (vy__u128)d.bits << 1 | d.more, (int)exponent);
  return true;
}

bool vy__parse_float(vy_type type, const char *text, size_t size,
                     uint64_t *bits) {
  const vy__format f = vy__format_of(type);
  reader r = {text, text + size};
  if (size > 2 && text[0] == '0' && (text[1] | 32) == 'x') {
    r.p += 2;
    return parse_hexadecimal(f, r, bits);
  }
  return parse_decimal(f, r, bits);
}
