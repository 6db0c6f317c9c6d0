// Lines of PTX: formatted, or expanded from templates.
#include <stdarg.h>
#include <stdio.h>

#include "backend/cuda/emit/emit.h"

void vy__ptx_line(vy__ptx *p, const char *format, ...) {
  char line[256];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (n < 0 || (size_t)n >= sizeof line) {
    p->out->failed = true;
    return;
  }
  vy__buf_put(p->out, "\t", 1);
  vy__buf_put(p->out, line, (size_t)n);
  vy__buf_put(p->out, ";\n", 2);
}

static void put_instruction(vy__ptx *p, const char *text, const char *end,
                            const char *const operands[4]) {
  while (text < end && *text == ' ')
    text++;
  if (text == end)
    return;
  vy__buf_put(p->out, "\t", 1);
  while (text < end) {
    const char *stop = memchr(text, '$', (size_t)(end - text));
    stop = stop ? stop : end;
    vy__buf_put(p->out, text, (size_t)(stop - text));
    if (stop == end)
      break;
    vy__buf_str(p->out, operands[stop[1] == 'd' ? 0 : stop[1] - 'a' + 1]);
    text = stop + 2;
  }
  vy__buf_put(p->out, ";\n", 2);
}

void vy__ptx_template(vy__ptx *p, const char *text, const char *d,
                      const char *a, const char *b, const char *c) {
  const char *operands[4] = {d, a, b, c};
  const char *end = text + strlen(text);
  bool scope = *text == '{';
  if (scope) {
    vy__buf_str(p->out, "\t{\n");
    text++;
    end--;
  }
  while (text < end) {
    const char *stop = memchr(text, ';', (size_t)(end - text));
    stop = stop ? stop : end;
    put_instruction(p, text, stop, operands);
    text = stop + 1;
  }
  if (scope)
    vy__buf_str(p->out, "\t}\n");
}

uint32_t vy__ptx_label(vy__ptx *p) { return p->labels++; }

void vy__ptx_place(vy__ptx *p, uint32_t label) {
  vy__buf_printf(p->out, "L%u:\n", label);
}

void vy__ptx_place_rare(vy__ptx *p, uint32_t label) {
  vy__ptx_place(p, label);
  vy__ptx_line(p, ".pragma \"nounroll\"");
}

vy__reg vy__ptx_name(const char *format, ...) {
  vy__reg r;
  va_list args;
  va_start(args, format);
  (void)vsnprintf(r.s, sizeof r.s, format, args);
  va_end(args);
  return r;
}

vy__reg vy__ptx_temp(vy__ptx *p, vy__ptx_class class) {
  static const char letters[] = "rlp";
  return vy__ptx_name("%ct%u", letters[class], p->temps[class]++);
}

vy__ptx_class vy__ptx_class_of(vy_type type) {
  if (type == VY_TYPE_BOOL)
    return VY__PTX_P;
  return vy__type_bits(type) == 64 ? VY__PTX_L : VY__PTX_R;
}

vy__reg vy__ptx_imm(vy_type type, uint64_t bits) {
  if (vy__type_bits(type) == 64)
    return vy__ptx_name("%lld", (long long)bits);
  if (vy__is_signed(type))
    return vy__ptx_name("%d", (int)(uint32_t)bits);
  return vy__ptx_name("%u", (uint32_t)bits);
}
