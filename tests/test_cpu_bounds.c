// Accesses outside, of every kind of memory by every kind of index, on the cpu
// device against the reference, with pages beside the host's memory that end
// the test when they are touched: lengths that are no multiple of a vector,
// odd addresses, empty buffers, buffers shorter than the launch, indices that
// wrap at 2^32 and whose byte offset wraps at 2^64.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/numbers.h"
#include "support/text_buffer.h"
#include "support/versus.h"

// `one`: no two lanes have the same, so that a store by it is no race.
typedef struct index_kind {
  const char *text;
  bool one;
} index_kind;

static const index_kind kinds[] = {
    {"lane", true},
    {"lane + 1", true},
    {"lane - 1", true},
    {"lane + 7", true},
    {"lane * 2", true},
    {"lane * 3 + 1", true},
    {"num_lanes - 1 - lane", true},
    {"len(x) - lane", true},
    {"lane / 2", false},
    {"lane ^ 1", true},
    {"lane % 5", false},
    {"lane * 2654435761", true},
    {"lane + 0xfffffffe", true},
    {"lane + 0x7ffffffe", true},
    {"lane << 29", false},
    {"lane << 30", false},
    {"i32(lane) - 3", true},
    {"-i32(lane)", true},
    {"5 - i32(lane)", true},
    {"i32(lane) + 0x7ffffffe", true},
    {"i64(lane) - 2", true},
    {"i64(lane) * -1", true},
    {"(i64(lane) << 62) + 1", false},
    {"u64(lane)", true},
    {"u64(lane) + 0xfffffffffffffffc", true},
    {"u64(lane) << 32", true},
    {"(u64(lane) << 60) + 1", false},
    {"(u64(lane) << 61) + 2", false},
    {"(u64(lane) << 62) + 3", false},
    {"(u64(lane) << 63) + 4", false},
    {"u64(lane) * 0x100000001", true},
    {"(u64(lane) | 0x100000000)", true},
    {"k[lane]", false},
    {"i32(k[lane])", false},
    {"w[lane]", false},
    {"i64(w[lane])", false},
    {"u32(w[lane])", false},
    {"s", false},
    {"i64(s) - 2", false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const char *const types[] = {"u8",  "i8",  "u16", "i16", "f16", "bf16",
                                    "u32", "i32", "f32", "u64", "i64", "f64"};
enum { TYPES = sizeof types / sizeof *types };
static const uint32_t sizes[TYPES] = {1, 1, 2, 2, 2, 2, 4, 4, 4, 8, 8, 8};

// ---- arguments: s, k: u32[], w: u64[], then buffers of one type

enum { LONGEST = 96, MAX_ARGS = 64 };

typedef struct inputs {
  uint32_t k[LONGEST];
  uint64_t w[LONGEST];
  uint8_t x[LONGEST * 32];
} inputs;

static inputs in;

static int load(void **state) {
  (void)state;
  uint64_t seed = 1;
  static const uint64_t some[] = {0,
                                  1,
                                  2,
                                  5,
                                  0x7fffffff,
                                  0x80000000,
                                  0xffffffff,
                                  0xfffffffe,
                                  0x100000000,
                                  0x100000001,
                                  UINT64_C(1) << 61,
                                  (UINT64_C(1) << 61) + 1,
                                  UINT64_C(1) << 62,
                                  (UINT64_C(1) << 63) + 1,
                                  UINT64_C(1) << 63,
                                  UINT64_MAX,
                                  UINT64_MAX - 1,
                                  UINT64_MAX - 3};
  const size_t n = sizeof some / sizeof *some;
  for (uint32_t i = 0; i < LONGEST; i++) {
    const uint64_t r = numbers_next(&seed);
    in.w[i] = r & 1 ? some[(r >> 1) % n] : (r >> 1) % 40;
    in.k[i] = r & 2 ? (uint32_t)some[(r >> 7) % n] : (uint32_t)(r >> 7) % 40;
  }
  for (size_t i = 0; i < sizeof in.x; i++)
    in.x[i] = (uint8_t)numbers_next(&seed);
  return 0;
}

// A launch of n lanes on buffers of `length` elements of `size` bytes, of
// which the `update` ones are `updates`; then `write` ones of `results`.
typedef struct shape {
  uint32_t lanes, length, size, updates;
  uint64_t results[MAX_ARGS];
  uint32_t result_count;
  bool strict; // also under strict bounds
} shape;

static void run(versus *v, const char *name, vy_program *p, const shape *s,
                versus_mode mode, uint32_t flags) {
  vy_arg args[MAX_ARGS];
  size_t n = 0;
  args[n++] = vy_arg_u32(s->length ? s->length - 1 : 0);
  args[n++] = vy_arg_host(in.k, sizeof in.k);
  args[n++] = vy_arg_host(in.w, sizeof in.w);
  for (uint32_t i = 0; i < s->updates; i++)
    args[n++] = vy_arg_host(in.x + i, (uint64_t)s->length * s->size);
  for (uint32_t i = 0; i < s->result_count; i++)
    args[n++] = vy_arg_length(s->results[i]);
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.set_lanes = 1;
  o.lanes[0] = s->lanes;
  o.lanes[1] = o.lanes[2] = 1;
  versus_call c = {name, p, args, n, flags, &o, mode};
  versus_same(v, &c, NULL);
}

static const uint32_t lane_counts[] = {1, 5, 17, 0, 8,  15, 33,
                                       3, 2, 4,  7, 16, 31, 40};
enum { LANE_COUNTS = sizeof lane_counts / sizeof *lane_counts, QUICK = 8 };

static void in_every_shape(versus *v, const char *name, vy_program *p, shape *s,
                           uint32_t results_per_lane) {
  const uint32_t counts = numbers_full() ? LANE_COUNTS : QUICK;
  for (uint32_t i = 0; i < counts; i++) {
    const uint32_t n = lane_counts[i];
    const uint32_t lengths[] = {n, n + 1, n ? n - 1 : 0, 3, 0, 2 * n, 1};
    const uint32_t most = numbers_full() ? 7 : 4 + i % 2;
    s->lanes = n;
    for (uint32_t r = 0; r < s->result_count; r++)
      s->results[r] = results_per_lane * n;
    for (uint32_t k = 0; k < most; k++) {
      s->length = lengths[k];
      const uint32_t mode = VERSUS_GUARDED_END + (i + k) % 2;
      run(v, name, p, s, (versus_mode)mode, 0);
      if (k == i % most)
        run(v, name, p, s, VERSUS_RESIDENT, 0);
      if (k == (i + 1) % most && (numbers_full() || s->strict))
        run(v, name, p, s, VERSUS_GROW, VY_COMPILE_STRICT);
    }
  }
}

static vy_program *parse(versus *v, text_buffer *t) {
  vy_program *p = versus_parse(v, t->data);
  free(t->data);
  return p;
}

static void begin(text_buffer *t, const char *rest) {
  put(t, "program p(s: u32, k: read u32[], w: read u64[], %s", rest);
}

// ---- buffers of scalars

static void loads(versus *v, uint32_t type) {
  text_buffer t = {0};
  begin(&t, "x: read ");
  put(&t, "%s[], y: write %s[]) {\nlanes 1;\n", types[type], types[type]);
  for (uint32_t k = 0; k < KINDS; k++)
    put(&t, "y[%uu * num_lanes + lane] = x[%s];\n", k, kinds[k].text);
  put(&t, "}\n");
  vy_program *p = parse(v, &t);
  shape s = {.size = sizes[type],
             .updates = 1,
             .result_count = 1,
             .strict = type % 4 == 0};
  in_every_shape(v, "load", p, &s, KINDS);
  vy_program_release(p);
}

// The same after a branch and in a loop that lanes leave at different times.
static void masked_loads(versus *v, uint32_t type) {
  text_buffer t = {0};
  begin(&t, "x: read ");
  put(&t, "%s[], y: write %s[]) {\nlanes 1;\n", types[type], types[type]);
  put(&t, "if (lane %% 3 == 1 || lane + 2 >= num_lanes) {\n");
  for (uint32_t k = 0; k < KINDS; k++)
    put(&t, "y[%uu * num_lanes + lane] = x[%s];\n", k, kinds[k].text);
  put(&t,
      "}\nvar a = x[lane];\n"
      "for i in 0u .. lane %% 4 + 1 { a += x[lane + i]; }\n"
      "for i in 0u .. s { a += x[i] + x[i + lane]; }\n"
      "for i in 0 .. i32(lane) %% 3 { a += x[i - i32(s)]; }\n"
      "y[%uu * num_lanes + lane] = a;\n}\n",
      KINDS);
  vy_program *p = parse(v, &t);
  shape s = {.size = sizes[type], .updates = 1, .result_count = 1};
  in_every_shape(v, "masked load", p, &s, KINDS + 1);
  vy_program_release(p);
}

// Each kind of index that differs between lanes stores to its own buffer; in
// the second form only some lanes do.
static void stores(versus *v, uint32_t type, bool masked) {
  text_buffer t = {0};
  uint32_t n = 0;
  begin(&t, "");
  for (uint32_t k = 0; k < KINDS; k++)
    if (kinds[k].one) {
      put(&t, "%s%c%u: update %s[]", n ? ", " : "", n ? 'z' : 'x', n,
          types[type]);
      n++;
    }
  put(&t, ") {\nlanes 1;\n");
  if (masked)
    put(&t, "if (lane %% 3 != 1) {\n");
  const char *value = type < 4                   ? "200"
                      : strchr(types[type], 'f') ? "-1.5"
                      : types[type][0] == 'i'    ? "-7"
                                                 : "0xabcdef";
  n = 0;
  for (uint32_t k = 0; k < KINDS; k++) {
    const char *text =
        strncmp(kinds[k].text, "len(x)", 6) ? kinds[k].text : "len(x0) - lane";
    if (kinds[k].one)
      put(&t, "%c%u[%s] = %s;\n", n ? 'z' : 'x', n, text, value), n++;
  }
  put(&t, masked ? "}\n}\n" : "}\n");
  vy_program *p = parse(v, &t);
  shape s = {.size = sizes[type], .updates = n, .strict = type % 4 == 1};
  in_every_shape(v, masked ? "masked store" : "store", p, &s, 0);
  vy_program_release(p);
}

// Types take turns at the settings; VYRE_FULL=1: each at all.
static void with(void (*what)(versus *v, uint32_t type)) {
  uint32_t failures = 0;
  for (uint32_t t = 0; t < TYPES; t++) {
    versus v;
    const versus_setting some[] = {versus_of_host(t),
                                   versus_of_baseline(t + 1)};
    if (numbers_full())
      versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
    else
      versus_open(&v, NULL, some, 2);
    what(&v, t);
    failures += v.failures;
    versus_close(&v);
  }
  assert_int_equal(failures, 0);
}

static void plain_stores(versus *v, uint32_t type) { stores(v, type, false); }
static void masked_stores(versus *v, uint32_t type) { stores(v, type, true); }

static void loads_outside(void **state) {
  (void)state;
  with(loads);
}
static void masked_loads_outside(void **state) {
  (void)state;
  with(masked_loads);
}
static void stores_outside(void **state) {
  (void)state;
  with(plain_stores);
}
static void masked_stores_outside(void **state) {
  (void)state;
  with(masked_stores);
}

// ---- atomics

static void atomics(versus *v, uint32_t type) {
  const char *name = types[type];
  if ((name[0] != 'u' && name[0] != 'i') || sizes[type] < 4)
    return;
  text_buffer t = {0};
  uint32_t n = 0;
  begin(&t, "");
  for (uint32_t k = 0; k < KINDS; k++)
    if (kinds[k].one)
      put(&t, "%c%u: update %s[], ", n ? 'z' : 'x', n, name), n++;
  put(&t, "y: write %s[]) {\nlanes 1;\nvar a = %s(lane);\n", name, name);
  n = 0;
  static const char *const ops[] = {"add", "min", "xor", "exchange", "sub"};
  for (uint32_t k = 0; k < KINDS; k++) {
    const char *text =
        strncmp(kinds[k].text, "len(x)", 6) ? kinds[k].text : "len(x0) - lane";
    if (kinds[k].one)
      put(&t, "a += atomic_%s(%c%u, %s, a);\n", ops[k % 5], n ? 'z' : 'x', n,
          text),
          n++;
  }
  put(&t, "y[lane] = a;\n}\n");
  vy_program *p = parse(v, &t);
  shape s = {
      .size = sizes[type], .updates = n, .result_count = 1, .strict = true};
  in_every_shape(v, "atomic", p, &s, 1);
  vy_program_release(p);
}

static void atomics_outside(void **state) {
  (void)state;
  with(atomics);
}

// ---- bytes

static void bytes_loaded(versus *v, uint32_t type) {
  if (type)
    return;
  text_buffer t = {0};
  begin(&t, "x: read u8[], y: write u64[]) {\nlanes 1;\n");
  for (uint32_t k = 0; k < KINDS; k++)
    put(&t,
        "y[%uu * num_lanes + lane] = u64(load_u16(x, %s)) ^ "
        "(u64(load_u32(x, %s)) << 8) ^ load_u64(x, %s);\n",
        k, kinds[k].text, kinds[k].text, kinds[k].text);
  put(&t, "}\n");
  vy_program *p = parse(v, &t);
  shape s = {.size = 1, .updates = 1, .result_count = 1, .strict = true};
  in_every_shape(v, "load bytes", p, &s, KINDS);
  vy_program_release(p);
}

// Offsets so far apart that lanes do not touch one another's bytes.
static void bytes_stored(versus *v, uint32_t type) {
  static const struct {
    const char *at;
    const char *op;
  } some[] = {{"lane * 2", "u16"},
              {"lane * 2 - 1", "u16"},
              {"lane * 2 + 0xffffffff", "u16"},
              {"lane * 4", "u32"},
              {"lane * 4 + 1", "u32"},
              {"i32(lane) * 4 - 3", "u32"},
              {"i64(lane) * 4 - 2", "u32"},
              {"len(x0) - lane * 4 - 1", "u32"},
              {"u64(lane) * 4 + 0xfffffffffffffffd", "u32"},
              {"lane * 8", "u64"},
              {"i32(lane) * 8 - 7", "u64"},
              {"i64(lane) * 8 - 3", "u64"},
              {"lane * 8 + 0xfffffffc", "u64"},
              {"u64(lane) * 8 + 0xfffffffffffffff9", "u64"},
              {"len64(x0) - u64(lane) * 8 - 5", "u64"},
              {"(u64(lane) << 32) - 1", "u64"}};
  const uint32_t n = sizeof some / sizeof *some;
  if (type)
    return;
  text_buffer t = {0};
  begin(&t, "");
  for (uint32_t i = 0; i < n; i++)
    put(&t, "%sx%u: update u8[]", i ? ", " : "", i);
  put(&t, ") {\nlanes 1;\n");
  for (uint32_t i = 0; i < n; i++)
    put(&t, "%sstore_%s(x%u, %s, %s); %s\n",
        i % 2 ? "if (lane % 3 != 1) { " : "", some[i].op, i, some[i].at,
        !strcmp(some[i].op, "u64") ? "0x0123456789abcdef" : "0x89abcdef",
        i % 2 ? "}" : "");
  put(&t, "}\n");
  vy_program *p = parse(v, &t);
  shape s = {.size = 1, .updates = n, .strict = true};
  in_every_shape(v, "store bytes", p, &s, 0);
  vy_program_release(p);
}

static void bytes_outside(void **state) {
  (void)state;
  with(bytes_loaded);
  with(bytes_stored);
}

// ---- structs

static void structs(versus *v, uint32_t type) {
  if (type)
    return;
  text_buffer t = {0};
  put(&t, "struct P { a: u8; b: f32; c: u16; d: f64; e: i8; }\n");
  begin(&t, "x: read P[], z: update P[], y: write f64[]) {\nlanes 1;\n");
  for (uint32_t k = 0; k < KINDS; k++)
    put(&t,
        "y[%uu * num_lanes + lane] = f64(x[%s].a) + f64(x[%s].b) + "
        "f64(x[%s].c) + x[%s].d + f64(x[%s].e);\n",
        k, kinds[k].text, kinds[k].text, kinds[k].text, kinds[k].text,
        kinds[k].text);
  put(&t, "z[lane + 1].a = 77;\nz[lane + 1].d = 2.5;\n"
          "if (lane %% 3 != 1) { z[i32(lane) - 2].b = 1.5; z[lane].e = -3; }\n"
          "z[u64(lane) << 59].c = 9;\n}\n");
  vy_program *p = parse(v, &t);
  shape s = {.size = 32, .updates = 2, .result_count = 1, .strict = true};
  in_every_shape(v, "struct", p, &s, KINDS);
  vy_program_release(p);
}

static void structs_outside(void **state) {
  (void)state;
  with(structs);
}

// ---- private arrays, tables, group arrays: what lies beside them stays whole

static void private_arrays(versus *v, uint32_t type) {
  text_buffer t = {0};
  put(&t, "const T: %s[5] = {3, 1, 4, 1, 5};\n", types[type]);
  begin(&t, "x: read ");
  put(&t,
      "%s[], y: write %s[]) {\nlanes 1;\nvar a: u32[4];\nvar b: %s[5];\n"
      "var c: u32[4];\n",
      types[type], types[type], types[type]);
  put(&t, "for i in 0 .. 4 { a[i] = u32(i) + lane; c[i] = u32(i) * lane; }\n"
          "for i in 0 .. 5 { b[i] = x[i] + x[lane]; }\n");
  for (uint32_t k = 0; k < KINDS; k++)
    put(&t, "%sb[%s] += x[%s] + T[%s];%s\n",
        k % 3 ? "" : "if (lane % 2 == 0) { ", kinds[k].text, kinds[k].text,
        kinds[k].text, k % 3 ? "" : " }");
  put(&t, "for i in 0u .. 5 { y[i * num_lanes + lane] = b[i]; }\n"
          "for i in 0u .. 4 { y[(5 + i) * num_lanes + lane] = b[a[i]] + "
          "b[c[i]]; }\n}\n");
  vy_program *p = parse(v, &t);
  shape s = {.size = sizes[type],
             .updates = 1,
             .result_count = 1,
             .strict = type % 4 == 2};
  in_every_shape(v, "private", p, &s, 9);
  vy_program_release(p);
}

static void private_arrays_outside(void **state) {
  (void)state;
  with(private_arrays);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_outside),
      cmocka_unit_test(masked_loads_outside),
      cmocka_unit_test(stores_outside),
      cmocka_unit_test(masked_stores_outside),
      cmocka_unit_test(atomics_outside),
      cmocka_unit_test(bytes_outside),
      cmocka_unit_test(structs_outside),
      cmocka_unit_test(private_arrays_outside),
  };
  int missing = versus_missing("cpu");
  return missing ? missing
                 : cmocka_run_group_tests_name("cpu bounds", tests, load, NULL);
}
