// See ptx_programs.h.
#include "support/ptx_programs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1 << 16 };

typedef struct writer {
  char *text;
  size_t size;
} writer;

static writer begin(void) {
  writer w = {calloc(1, ROOM), 0};
  assert_non_null(w.text);
  return w;
}

__attribute__((format(printf, 2, 3))) static void put(writer *w,
                                                      const char *format, ...) {
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(w->text + w->size, ROOM - w->size, format, args);
  va_end(args);
  assert_true(n >= 0 && (size_t)n < ROOM - w->size);
  w->size += (size_t)n;
}

#define EACH(list, i) for (size_t i = 0; i < sizeof list / sizeof *list; i++)

// ---- atomics

char *ptx_atomics(uint32_t type) {
  static const char *const types[PTX_INTEGERS] = {"i32", "u32", "i64", "u64"};
  static const char *const names[] = {"add", "sub", "min", "max",
                                      "and", "or",  "xor", "exchange"};
  static const char *const places[] = {"b", "s"};
  static const char *const indices[] = {"lane", "3u", "i64(lane) - 2",
                                        "u64(lane) * 5", "i32(n) - 1"};
  const char *t = types[type];
  writer w = begin();
  put(&w,
      "program atomics(n: u32, b: update %s[], y: update %s[]) {\n"
      "  group 64;\n  groups 2;\n  shared s: %s[40];\n  let v = y[lane];\n"
      "  var sum = v;\n",
      t, t, t);
  EACH(places, at) EACH(indices, i) {
    const char *m = places[at], *x = indices[i];
    EACH(names, k) {
      put(&w, "  atomic_%s(%s, %s, v);\n", names[k], m, x);
      put(&w, "  sum += atomic_%s(%s, %s, %s(3));\n", names[k], m, x, t);
    }
    put(&w, "  sum += atomic_load(%s, %s);\n", m, x);
    put(&w, "  atomic_store(%s, %s, v);\n", m, x);
    put(&w, "  atomic_store(%s, %s, %s(7));\n", m, x, t);
    put(&w, "  sum += atomic_compare_exchange(%s, %s, v, %s(1));\n", m, x, t);
    put(&w, "  atomic_compare_exchange(%s, %s, %s(0), v);\n", m, x, t);
  }
  put(&w, "  y[lane] = sum;\n}\n");
  return w.text;
}

// ---- byte accesses

char *ptx_bytes(void) {
  static const char *const offsets[] = {
      "0u",         "2u",           "4u",
      "lane",       "lane * 4",     "lane << 3",
      "(n & ~3u)",  "lane * 4 + 2", "i32(lane) - 2",
      "u64(n) + 3", "i64(n) - 5",   "u64(lane) * 8"};
  static const char *const bits[] = {"16", "32", "64"};
  writer w = begin();
  put(&w, "program bytes(n: u32, a: read u8[], b: update u8[], "
          "y: update u64[]) {\n  lanes n;\n  var sum = 0ul;\n");
  EACH(bits, k) {
    EACH(offsets, i) {
      put(&w, "  sum += u64(load_u%s(a, %s));\n", bits[k], offsets[i]);
      put(&w, "  sum += u64(load_u%s(b, %s));\n", bits[k], offsets[i]);
      put(&w, "  store_u%s(b, %s, %s(sum));\n", bits[k], offsets[i],
          k == 2 ? "u64" : "u32");
    }
    put(&w, "  store_u%s(b, lane * 3, %s(0x12345678));\n", bits[k],
        k == 2 ? "u64" : "u32");
  }
  put(&w, "  y[lane] = sum;\n}\n");
  return w.text;
}

// ---- collectives

static void of_type(writer *w, const char *t) {
  static const char *const all[] = {"reduce_add", "reduce_min", "reduce_max",
                                    "scan_incl_add", "scan_excl_add"};
  static const char *const bits[] = {"reduce_and", "reduce_or", "reduce_xor"};
  static const char *const one[] = {"n", "i32(n) - 3", "u64(n)", "3u"};
  static const char *const any[] = {"l ^ 5", "i32(l) - 1", "u64(l) + 3", "0u",
                                    "i64(l) - 7"};
  EACH(all, i) put(w, "    v_%s = group_%s(v_%s);\n", t, all[i], t);
  if (*t != 'f')
    EACH(bits, i) put(w, "    v_%s = group_%s(v_%s);\n", t, bits[i], t);
  EACH(one, i) put(w, "    v_%s += group_broadcast(v_%s, %s);\n", t, t, one[i]);
  EACH(any, i) put(w, "    v_%s += group_shuffle(v_%s, %s);\n", t, t, any[i]);
  put(w, "    v_%s += group_reduce_add(%s(5));\n", t, t);
}

static void all_of_them(writer *w) {
  static const char *const types[] = {"i32", "u32", "i64", "u64", "f32", "f64"};
  EACH(types, i) of_type(w, types[i]);
  put(w, "    if (group_any(v_i32 > 0)) {\n      v_i32 += 1;\n    }\n"
         "    if (group_all(v_f32 > 0.5)) {\n      v_u32 += 1;\n    }\n"
         "    v_u32 += group_ballot(v_f64 < 3.0d);\n");
  for (uint32_t b = 1; b <= 8; b++)
    put(w, "    v_u32 += group_rank(v_u32, %u);\n", b);
}

char *ptx_collectives(const char *group, uint32_t memory) {
  static const char *const types[] = {"i32", "u32", "i64", "u64", "f32", "f64"};
  const bool flat = !strchr(group, ',');
  writer w = begin();
  put(&w, "program collectives(n: u32");
  EACH(types, i) put(&w, ", b_%s: update %s[]", types[i], types[i]);
  put(&w, ") {\n  group %s;\n  groups %s;\n", group, flat ? "2" : "2, 1, 1");
  if (memory)
    put(&w, "  shared s: u32[%u];\n  s[%s] = 1;\n", memory / 4,
        flat ? "local" : "local.x");
  put(&w, "  let l = %s;\n", flat ? "local" : "local.x + local.y * 4");
  EACH(types, i) put(&w, "  var v_%s = b_%s[l];\n", types[i], types[i]);
  put(&w, "  var left = l;\n  while (left > 3) {\n    left -= 2;\n  }\n");
  put(&w, "  for k in 0u .. n {\n");
  all_of_them(&w);
  put(&w, "  }\n");
  EACH(types, i) put(&w, "  b_%s[l] = v_%s;\n", types[i], types[i]);
  put(&w, "}\n");
  return w.text;
}
