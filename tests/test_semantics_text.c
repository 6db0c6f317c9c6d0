// Floats from text and to text: against the C library's correctly rounded
// strtod and strtof, and at halfway points, written out exactly by MPFR,
// against what ties to even says.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <mpfr.h>

#include "semantics/semantics.h"
#include "support/numbers.h"

static uint64_t library(vy_type t, const char *text) {
  if (t == VY_TYPE_F32) {
    const float v = strtof(text, NULL);
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
  }
  const double v = strtod(text, NULL);
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

static uint64_t parsed(vy_type t, const char *text) {
  uint64_t bits = 0;
  assert_true(vy__parse_float(t, text, strlen(text), &bits));
  return bits;
}

static void agree(const char *text) {
  for (vy_type t = VY_TYPE_F32; t <= VY_TYPE_F64; t++) {
    const uint64_t got = parsed(t, text), want = library(t, text);
    if (got != want)
      fail_msg("%s as %s: %#llx, not %#llx", text, vy__type_name(t),
               (unsigned long long)got, (unsigned long long)want);
  }
}

static void known(void **state) {
  (void)state;
  static const char *const texts[] = {
      "0",
      "0.",
      ".0",
      "0e5",
      "0x0",
      "0x0p9",
      "1",
      "1.",
      ".5",
      "00012.5000",
      "1e0",
      "1E+3",
      "1e-3",
      "0e999999999999999999999",
      "1e999999999999999999",
      "1e-999999999999999999",
      "0.1",
      "0.3",
      "1e22",
      "1e23",
      "8.41e21",
      "9007199254740993",
      "9007199254740992.9999999999999999999999999999999",
      "9007199254740993.00000000000000000000000000000000000000000000001",
      "2.2250738585072011e-308",
      "2.2250738585072012e-308",
      "2.2250738585072014e-308",
      "4.9406564584124654e-324",
      "2.4703282292062327e-324",
      "2.4703282292062328e-324",
      "1.7976931348623157e308",
      "1.7976931348623158e308",
      "1.7976931348623159e308",
      "3.4028234e38",
      "3.4028235677973366e38",
      "3.4028235677973365e38",
      "1.17549435e-38",
      "7.0064923216240854e-46",
      "7.0064923216240853e-46",
      "1.401298464324817e-45",
      "16777217",
      "6.9294956446009195e15",
      "0x1p0",
      "0x1.8p1",
      "0X1.8P+1",
      "0x.8p-1",
      "0x10",
      "0xabc.defp-20",
      "0x1.fffffffffffff7p1023",
      "0x1.fffffffffffff8p1023",
      "0x1.fffffep127",
      "0x1.ffffffp127",
      "0x1p-1074",
      "0x1p-1075",
      "0x1.0000000000001p-1075",
      "0x1p-149",
      "0x1p-150",
      "0x1.000001p0",
      "0x1.0000010000000000000000000000001p0",
      "0x123456789abcdef0123456789abcdefp-60",
      "0x0.00000000000000000001p80",
      "0x1p99999999999999999999",
      "0x1p-99999999999999999999"};
  for (size_t i = 0; i < VY__COUNT(texts); i++)
    agree(texts[i]);
}

static void rejected(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",     ".",    "e5",    "1e",    "1e+",  "1e-", "+1",   "-1",  "1f",
      " 1",   "1 ",   "1..2",  "1.2.3", "0x",   "0x.", "0xp1", "inf", "nan",
      "1e5x", "0x1p", "0x1p+", "1p5",   "0x1g", "1_0", "1,5",  "0b1"};
  uint64_t bits;
  for (size_t i = 0; i < VY__COUNT(texts); i++)
    if (vy__parse_float(VY_TYPE_F64, texts[i], strlen(texts[i]), &bits))
      fail_msg("accepted \"%s\"", texts[i]);
  // The size decides, not a terminator.
  assert_true(vy__parse_float(VY_TYPE_F64, "12345", 2, &bits));
  assert_int_equal(bits, library(VY_TYPE_F64, "12"));
}

static void random_texts(void **state) {
  (void)state;
  uint64_t seed = 2;
  const int n = numbers_full() ? 1000000 : 20000;
  for (int i = 0; i < n; i++) {
    char text[128];
    size_t size = 0;
    const uint64_t shape = numbers_next(&seed);
    const int digits = 1 + (int)(shape % (shape & 64 ? 60 : 20));
    const int point = (int)(shape >> 8) % (digits + 1);
    const bool hexadecimal = (shape >> 20) % 8 == 0;
    if (hexadecimal)
      size += (size_t)sprintf(text, "0x");
    for (int d = 0; d < digits; d++) {
      if (d == point)
        text[size++] = '.';
      text[size++] =
          "0123456789abcdef"[numbers_next(&seed) % (hexadecimal ? 16 : 10)];
    }
    const int range = shape & 128 ? 50 : 350;
    const int exponent = (int)((shape >> 32) % (2u * (unsigned)range)) - range;
    sprintf(text + size, "%c%d", hexadecimal ? 'p' : 'e',
            hexadecimal ? exponent * 4 : exponent);
    agree(text);
  }
}

// The point exactly between two neighbours: to the even one; any digit more:
// to the upper one; the last digit one less and nines: to the lower one.
static void halfway(vy_type t, uint64_t lower) {
  static char text[2048];
  const int mant = t == VY_TYPE_F32 ? 23 : 52,
            bias = t == VY_TYPE_F32 ? 127 : 1023;
  const uint64_t tail = lower & ((UINT64_C(1) << mant) - 1);
  const int field = (int)(lower >> mant);
  const uint64_t sig = field ? tail | UINT64_C(1) << mant : tail;
  mpfr_t v;
  mpfr_init2(v, 64);
  mpfr_set_uj_2exp(v, sig * 2 + 1, (field ? field : 1) - bias - mant - 1,
                   MPFR_RNDN);
  mpfr_snprintf(text, sizeof text - 8, "%.1100Re", v); // exact, then zeros
  mpfr_clear(v);
  assert_int_equal(parsed(t, text), lower + (lower & 1));
  char *e = strchr(text, 'e');
  assert_non_null(e);
  assert_int_equal(e[-1], '0');
  e[-1] = '1';
  assert_int_equal(parsed(t, text), lower + 1);
  char *last = e - 1;
  *last = '0';
  while (*last == '0')
    *last-- = '9';
  if (*last == '.') {
    assert_true(text[0] > '1'); // the value is a digit
    last--;
  }
  --*last;
  assert_int_equal(parsed(t, text), lower);
}

static void halfway_points(void **state) {
  (void)state;
  // As tests of whole programs may run this in any order.
  mpfr_set_emin(mpfr_get_emin_min());
  mpfr_set_emax(mpfr_get_emax_max());
  uint64_t seed = 9, e[NUMBERS_EDGES];
  for (int narrow = 0; narrow < 2; narrow++) {
    const vy_type t = narrow ? VY_TYPE_F32 : VY_TYPE_F64;
    const int mant = narrow ? 23 : 52, exp = narrow ? 8 : 11;
    const uint64_t inf = ((UINT64_C(1) << exp) - 1) << mant;
    const size_t n = numbers_edges(mant, exp, false, e);
    for (size_t i = 0; i < n; i++)
      if (e[i] < inf)
        halfway(t, e[i]);
    for (int i = 0; i < (numbers_full() ? 20000 : 500); i++)
      halfway(t, numbers_next(&seed) % inf);
  }
}

static void very_long(void **state) {
  (void)state;
  enum { SIZE = 100000 };
  static char text[SIZE + 32];
  memset(text, '0', SIZE);
  text[1] = '.';
  sprintf(text + SIZE, "1e%d", SIZE - 1); // 0.000...1e99999
  agree(text);
  memset(text, '9', SIZE);
  sprintf(text + SIZE, "e-%d", SIZE);
  agree(text);
  // 2^53 + 1 and far away a one.
  memset(text, '0', SIZE);
  memcpy(text, "9007199254740993.", 17);
  sprintf(text + SIZE, "1");
  agree(text);
}

// ---- to text

static int digits_of(const char *text) { // significant ones
  int n = 0, zeros = 0;
  for (; *text && *text != 'e'; text++) {
    if (*text == '.' || (n == 0 && *text == '0'))
      continue;
    n++;
    zeros = *text == '0' ? zeros + 1 : 0;
  }
  return n - zeros;
}

static void round_trip(vy_type t, uint64_t bits) {
  char text[64], shorter[64];
  const size_t size = vy__format_float(t, bits, text);
  assert_true(size < sizeof text);
  assert_int_equal(strlen(text), size);
  assert_non_null(strpbrk(text, ".e"));
  if (parsed(t, text) != bits || library(t, text) != bits)
    fail_msg("%#llx as %s", (unsigned long long)bits, text);
  const int digits = digits_of(text);
  assert_true(digits <= (t == VY_TYPE_F32 ? 9 : 17));
  if (digits > 1) {
    double v;
    float f;
    const uint32_t low = (uint32_t)bits;
    memcpy(&v, &bits, sizeof v);
    memcpy(&f, &low, sizeof f);
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2,
             t == VY_TYPE_F32 ? (double)f : v);
    if (library(t, shorter) == bits)
      fail_msg("%#llx as %s, not %s", (unsigned long long)bits, text, shorter);
  }
}

static void shortest(void **state) {
  (void)state;
  uint64_t seed = 4, e[NUMBERS_EDGES];
  for (int narrow = 0; narrow < 2; narrow++) {
    const vy_type t = narrow ? VY_TYPE_F32 : VY_TYPE_F64;
    const int mant = narrow ? 23 : 52, exp = narrow ? 8 : 11;
    const uint64_t inf = ((UINT64_C(1) << exp) - 1) << mant;
    const size_t n = numbers_edges(mant, exp, false, e);
    for (size_t i = 0; i < n; i++)
      if (e[i] < inf)
        round_trip(t, e[i]);
    for (uint64_t field = 0; field < inf >> mant; field++)
      round_trip(t, field << mant); // every power of two
    for (int i = 0; i < (numbers_full() ? 300000 : 5000); i++)
      round_trip(t, numbers_next(&seed) % inf);
  }
}

static void shows(vy_type t, uint64_t bits, const char *want) {
  char text[64];
  assert_int_equal(vy__show_value(t, bits, text), strlen(want));
  assert_string_equal(text, want);
}

static void shown_values(void **state) {
  (void)state;
  const vy_type f32 = VY_TYPE_F32, f64 = VY_TYPE_F64;
  shows(VY_TYPE_BOOL, 0, "false");
  shows(VY_TYPE_BOOL, 1, "true");
  shows(VY_TYPE_I32, 0xffffffff, "-1");
  shows(VY_TYPE_I32, 0x80000000, "-2147483648");
  shows(VY_TYPE_U32, 0xffffffff, "4294967295");
  shows(VY_TYPE_I64, UINT64_C(1) << 63, "-9223372036854775808");
  shows(VY_TYPE_U64, UINT64_MAX, "18446744073709551615");
  shows(VY_TYPE_I8, 0x80, "-128");
  shows(VY_TYPE_U8, 0x80, "128");
  shows(VY_TYPE_I16, 0xffff, "-1");
  shows(VY_TYPE_F16, 0x3c00, "1");
  shows(VY_TYPE_F16, 0x7e00, "nan");
  shows(VY_TYPE_BF16, 0xbf80, "-1");
  shows(f32, 0x00000000, "0");
  shows(f32, 0x80000000, "-0");
  shows(f32, 0x3dcccccd, "0.1");
  shows(f32, 0x7f800000, "inf");
  shows(f32, 0xff800000, "-inf");
  shows(f32, 0x7fc00000, "nan");
  shows(f32, 0xffc00001, "nan");
  shows(f32, 0x7f7fffff, "3.4028235e+38");
  shows(f32, 0x4b800000, "16777216");
  shows(f32, 0x5f000000, "9.223372e+18");
  shows(f32, 0x00000001, "1e-45");
  shows(f64, 0x3fb999999999999a, "0.1");
  shows(f64, 0xc02e000000000000, "-15");
  shows(f64, 0x0000000000000001, "5e-324");
  shows(f64, 0x7fefffffffffffff, "1.7976931348623157e+308");
  shows(f64, 0x3f1a36e2eb1c432d, "0.0001");
  shows(f64, 0x3ee4f8b588e368f1, "1e-05");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known),        cmocka_unit_test(rejected),
      cmocka_unit_test(random_texts), cmocka_unit_test(halfway_points),
      cmocka_unit_test(very_long),    cmocka_unit_test(shortest),
      cmocka_unit_test(shown_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
