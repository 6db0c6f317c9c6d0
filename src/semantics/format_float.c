// Floats as text: the shortest decimal that reads back to the same bits, by
// the exact method of Steele and White as Burger and Dybvig give it. The
// value is r / s; digits come out until what is left is inside the interval
// of numbers that round to the value, `low` below it and `high` above.
#include <stdio.h>

#include "semantics/big.h"
#include "semantics/soft.h"

enum { MAX_DIGITS = 17 };

typedef struct decimal {
  char digits[MAX_DIGITS + 1];
  int count;
  int point; // value = 0.digits * 10^point
} decimal;

typedef struct state {
  vy__big r, s, low, high;
  bool even; // the ends of the interval read back to the value
} state;

static void mul10(vy__big *b) { vy__big_mul(b, 10, 0); }

static state state_of(vy__format f, uint64_t bits) {
  const vy__unpacked u = vy__unpack(f, bits);
  // Below a power of two, neighbours are half as far (not for subnormals).
  const bool near = u.sig == UINT64_C(1) << f.mant && u.exp > vy__min_exp(f);
  state st = {vy__big_of(u.sig), vy__big_of(1), vy__big_of(1), vy__big_of(1),
              (u.sig & 1) == 0};
  vy__big_shift(&st.r, 1 + near);
  vy__big_shift(&st.s, 1 + near);
  vy__big_shift(&st.high, near);
  if (u.exp < 0) {
    vy__big_shift(&st.s, -u.exp);
  } else {
    vy__big_shift(&st.r, u.exp);
    vy__big_shift(&st.low, u.exp);
    vy__big_shift(&st.high, u.exp);
  }
  return st;
}

// Does r + high reach s?
static bool reaches(const state *st) {
  vy__big t = st->r;
  vy__big_add(&t, &st->high);
  const int c = vy__big_cmp(&t, &st->s);
  return c > 0 || (c == 0 && st->even);
}

// Scale by a power of ten, the result, so that the first digit is next.
static int scale(state *st) {
  int point = ((vy__big_bits(&st->r) - vy__big_bits(&st->s)) * 1233 >> 12) - 1;
  vy__big *up = point > 0 ? &st->s : &st->r;
  const int by = point > 0 ? point : -point;
  vy__big_mul_pow5(up, by);
  vy__big_shift(up, by);
  if (point < 0) {
    vy__big_mul_pow5(&st->low, by);
    vy__big_shift(&st->low, by);
    vy__big_mul_pow5(&st->high, by);
    vy__big_shift(&st->high, by);
  }
  for (; reaches(st); point++)
    mul10(&st->s);
  return point;
}

static decimal shortest(vy__format f, uint64_t bits) {
  state st = state_of(f, bits);
  decimal d = {.count = 0};
  d.point = scale(&st);
  for (bool done = false; !done;) {
    mul10(&st.r);
    mul10(&st.low);
    mul10(&st.high);
    int digit = 0;
    for (; vy__big_cmp(&st.r, &st.s) >= 0; digit++)
      vy__big_sub(&st.r, &st.s);
    const int c = vy__big_cmp(&st.r, &st.low);
    const bool down = c < 0 || (c == 0 && st.even), up = reaches(&st);
    done = down || up;
    if (down && up) {
      vy__big_shift(&st.r, 1);
      digit += vy__big_cmp(&st.r, &st.s) >= 0;
    } else {
      digit += up;
    }
    d.digits[d.count++] = (char)('0' + digit);
  }
  return d;
}

static size_t put(char *out, size_t at, const char *text, int count) {
  memcpy(out + at, text, (size_t)count);
  return at + (size_t)count;
}

static size_t put_zeros(char *out, size_t at, int count) {
  return put(out, at, "0000000000000000000", count);
}

// 123.4, 0.001234, 123000
static size_t put_positional(char *out, size_t at, const decimal *d) {
  const int whole = d->point < d->count ? d->point : d->count;
  if (d->point <= 0) {
    at = put(out, at, "0.", 2);
    at = put_zeros(out, at, -d->point);
    return put(out, at, d->digits, d->count);
  }
  at = put(out, at, d->digits, whole);
  at = put_zeros(out, at, d->point - whole);
  if (d->count == whole)
    return at;
  at = put(out, at, ".", 1);
  return put(out, at, d->digits + whole, d->count - whole);
}

// 1.234e-07
static size_t put_scientific(char *out, size_t at, const decimal *d) {
  at = put(out, at, d->digits, 1);
  if (d->count > 1) {
    at = put(out, at, ".", 1);
    at = put(out, at, d->digits + 1, d->count - 1);
  }
  return at + (size_t)snprintf(out + at, 8, "e%+03d", d->point - 1);
}

static bool is_scientific(const decimal *d, int digits) { // as %g decides
  return d->point < -3 || d->point > digits;
}

size_t vy__format_float(vy_type type, uint64_t bits, char *out) {
  const vy__format f = vy__format_of(type);
  size_t n;
  bool whole = true; // needs a point to be read as a float
  bits = vy__magnitude(f, bits);
  if (bits == 0) {
    n = put(out, 0, "0", 1);
  } else {
    const decimal d = shortest(f, bits);
    const bool scientific = is_scientific(&d, MAX_DIGITS);
    n = scientific ? put_scientific(out, 0, &d) : put_positional(out, 0, &d);
    whole = !scientific && d.point >= d.count;
  }
  if (whole)
    n = put(out, n, ".0", 2);
  out[n] = 0;
  return n;
}

static size_t show_float(vy_type type, uint64_t bits, char *out) {
  const vy__format f = vy__format_of(type);
  size_t n = 0;
  if (vy__is_nan(f, bits)) {
    n = put(out, n, "nan", 3);
    out[n] = 0;
    return n;
  }
  if (vy__is_neg(f, bits))
    n = put(out, n, "-", 1);
  if (vy__is_inf(f, bits)) {
    n = put(out, n, "inf", 3);
  } else if (vy__is_zero(f, bits)) {
    n = put(out, n, "0", 1);
  } else {
    const decimal d = shortest(f, vy__magnitude(f, bits));
    n = is_scientific(&d, type == VY_TYPE_F64 ? 17 : 9)
            ? put_scientific(out, n, &d)
            : put_positional(out, n, &d);
  }
  out[n] = 0;
  return n;
}

size_t vy__show_value(vy_type type, uint64_t bits, char *out) {
  switch (vy__type_kind(type)) {
  case VY__KIND_F:
    return show_float(type, bits, out);
  case VY__KIND_I: {
    // From the type's width to 64 bits.
    const unsigned unused = 64 - vy__type_bits(type);
    const int64_t v = (int64_t)(bits << unused) >> unused;
    return (size_t)snprintf(out, 64, "%lld", (long long)v);
  }
  case VY__KIND_U:
    return (size_t)snprintf(out, 64, "%llu", (unsigned long long)bits);
  case VY__KIND_B:
    break;
  }
  return (size_t)snprintf(out, 64, "%s", bits ? "true" : "false");
}
