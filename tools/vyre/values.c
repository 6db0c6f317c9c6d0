// Values between text and bits. Floats go through the C library, which
// rounds once to nearest even in the default state of a fresh process.
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mask_of(vy_type type) {
  return UINT64_MAX >> (64 - 8 * vy_type_size(type));
}

static bool is_signed(vy_type t) {
  return t == VY_TYPE_I8 || t == VY_TYPE_I16 || t == VY_TYPE_I32 ||
         t == VY_TYPE_I64;
}

static bool parse_integer(const char *s, vy_type type, uint64_t *bits) {
  bool minus = *s == '-';
  const char *digits = s + (minus || *s == '+');
  if (!isdigit((unsigned char)*digits))
    return false;
  char *end;
  errno = 0;
  bool hex = digits[0] == '0' && (digits[1] | 32) == 'x';
  uint64_t v = strtoull(digits, &end, hex ? 16 : 10), mask = mask_of(type);
  if (*end || errno)
    return false;
  uint64_t most = is_signed(type) ? mask >> 1 : mask;
  if (minus && !is_signed(type))
    return false;
  if (v > most + (minus ? 1 : 0) && !(hex && !minus && v <= mask))
    return false;
  *bits = (minus ? -v : v) & mask;
  return true;
}

static bool parse_float(const char *s, vy_type type, uint64_t *bits) {
  if (isspace((unsigned char)*s) || !*s)
    return false;
  char *end;
  double d = strtod(s, &end);
  if (*end)
    return false;
  float f = strtof(s, &end);
  double got = type == VY_TYPE_F64 ? d : (double)f;
  const char *digits = s + (*s == '-' || *s == '+');
  digits += *digits == '.';
  if (got - got != 0 && isdigit((unsigned char)*digits))
    return false; // too large: as in a program's text, infinity is `inf`
  bool nan = d != d;
  if (type == VY_TYPE_F64) {
    memcpy(bits, &d, 8);
    if (nan)
      *bits = 0x7ff8000000000000;
    return true;
  }
  uint32_t u;
  memcpy(&u, &f, 4);
  *bits = nan ? 0x7fc00000 : u;
  return true;
}

bool cli_parse_value(const char *text, vy_type type, uint64_t *bits) {
  if (type == VY_TYPE_BOOL) {
    *bits = !strcmp(text, "true") || !strcmp(text, "1");
    return *bits || !strcmp(text, "false") || !strcmp(text, "0");
  }
  if (type == VY_TYPE_F32 || type == VY_TYPE_F64)
    return parse_float(text, type, bits);
  return vy_type_size(type) && parse_integer(text, type, bits);
}

// f16 as the double it stands for.
static double from_f16(uint32_t h) {
  uint32_t e = h >> 10 & 31, m = h & 1023;
  double v;
  if (e == 31)
    v = m ? strtod("nan", NULL) : strtod("inf", NULL);
  else {
    v = e ? 1024 + m : m;
    for (int k = (int)(e ? e : 1) - 25; k; k += k < 0 ? 1 : -1)
      v = k < 0 ? v / 2 : v * 2;
  }
  return h & 0x8000 ? -v : v;
}

// The fewest digits that read back; `narrow` compares as float. Whole numbers
// of moderate size are written without an exponent.
static void show_double(double d, bool narrow, char out[64]) {
  if (d != d) {
    strcpy(out, "nan");
    return;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(out, 64, "%.*g", digits, d);
    if (narrow ? strtof(out, NULL) == (float)d : strtod(out, NULL) == d)
      break;
  }
  if (strstr(out, "e+") && d < 1e15 && d > -1e15)
    snprintf(out, 64, "%.0f", d);
}

void cli_show_value(vy_type type, const void *data, char out[64]) {
  uint64_t bits = 0;
  memcpy(&bits, data, vy_type_size(type));
  double d;
  float f;
  uint32_t u = (uint32_t)bits;
  switch (type) {
  case VY_TYPE_BOOL:
    strcpy(out, bits ? "true" : "false");
    return;
  case VY_TYPE_I8:
    snprintf(out, 64, "%d", (int8_t)bits);
    return;
  case VY_TYPE_I16:
    snprintf(out, 64, "%d", (int16_t)bits);
    return;
  case VY_TYPE_I32:
    snprintf(out, 64, "%d", (int32_t)bits);
    return;
  case VY_TYPE_I64:
    snprintf(out, 64, "%lld", (long long)bits);
    return;
  case VY_TYPE_F64:
    memcpy(&d, &bits, 8);
    show_double(d, false, out);
    return;
  case VY_TYPE_BF16:
    u <<= 16; // fall through
  case VY_TYPE_F32:
    memcpy(&f, &u, 4);
    show_double(f, true, out);
    return;
  case VY_TYPE_F16:
    show_double(from_f16(u), true, out);
    return;
  default:
    snprintf(out, 64, "%llu", (unsigned long long)bits);
    return;
  }
}

cli_element cli_element_of(cli_session *s, uint32_t param,
                           const vy_param_info *info) {
  cli_element e = {info->element_size, VY_TYPE_NONE, info->field_count};
  uint32_t packed = 0;
  for (uint32_t i = 0; i < info->field_count; i++) {
    vy_field_info f = VY_FIELD_INFO_INIT;
    if (vy_program_field(s->program, param, i, &f) != VY_OK ||
        f.offset != packed || (i && f.type != e.type)) {
      e.type = VY_TYPE_NONE;
      return e;
    }
    e.type = f.type;
    packed += vy_type_size((vy_type)f.type);
  }
  if (packed != info->element_size)
    e.type = VY_TYPE_NONE;
  return e;
}

void cli_show_element(cli_session *s, uint32_t param, const vy_param_info *info,
                      const unsigned char *data, char *out, size_t size) {
  size_t n = 0;
  for (uint32_t i = 0; i < info->field_count; i++) {
    vy_field_info f = VY_FIELD_INFO_INIT;
    char value[64] = "?";
    if (vy_program_field(s->program, param, i, &f) == VY_OK)
      cli_show_value((vy_type)f.type, data + f.offset, value);
    const char *open = i == 0 ? "(" : ", ";
    n += (size_t)snprintf(out + n, size - n, "%s%s",
                          info->field_count == 1 ? "" : open, value);
    if (n + 80 > size)
      break;
  }
  if (info->field_count > 1)
    snprintf(out + n, size - n, ")");
}
