// Groups on the cpu device against the reference: every collective of every
// type in groups of many sizes and shapes, and what lives across barriers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/numbers.h"
#include "support/operands.h"
#include "support/text_buffer.h"
#include "support/versus.h"

static const char *const types[] = {"i32", "u32", "i64", "u64", "f32", "f64"};
static const vy_type type_ids[] = {VY_TYPE_I32, VY_TYPE_U32, VY_TYPE_I64,
                                   VY_TYPE_U64, VY_TYPE_F32, VY_TYPE_F64};
enum { TYPES = 6, MOST = 4096 };

typedef struct shape {
  const char *text;
  uint32_t lanes;
} shape;

// The last ones only in deep tests.
static const shape shapes[] = {{"1", 1},       {"3", 3},       {"8", 8},
                               {"17", 17},     {"4, 8", 32},   {"5, 4, 5", 100},
                               {"1024", 1024}, {"33", 33},     {"64", 64},
                               {"256", 256},   {"16, 16", 256}};
enum { SHAPES = sizeof shapes / sizeof *shapes, QUICK = 7 };

static struct {
  uint64_t values[TYPES][MOST]; // as stored, from the front
  uint8_t flags[MOST];
  int64_t index[MOST];
} in;

static int load(void **state) {
  (void)state;
  uint64_t seed = 21;
  for (uint32_t t = 0; t < TYPES; t++)
    for (uint32_t i = 0; i < MOST; i++) {
      uint64_t v = operands_random(type_ids[t], &seed);
      // Mostly numbers that add up; some that do not.
      if (t >= 4 && i % 64 && (v & 7))
        v = numbers_float(t == 4 ? 23 : 52, t == 4 ? 8 : 11, 6, &seed);
      memcpy((char *)in.values[t] + i * vy_type_size(type_ids[t]), &v,
             vy_type_size(type_ids[t]));
    }
  for (uint32_t i = 0; i < MOST; i++) {
    const uint64_t r = numbers_next(&seed);
    in.flags[i] = i < 200 ? 0 : i < 400 ? 1 : (uint8_t)(r & 1);
    in.index[i] = r & 2   ? (int64_t)(r >> 8) % 40
                  : r & 4 ? (int64_t)(r >> 8) % 1100
                  : r & 8 ? -(int64_t)(r >> 8) % 7
                          : (int64_t)r;
  }
  return 0;
}

// Parameters: s: i32, q: read u8[], k: read i64[], then x0..x5 and y0..y5 by
// type, n lanes in all.
static void header(text_buffer *t, const shape *s) {
  put(t, "program p(s: i32, q: read u8[], k: read i64[]");
  for (uint32_t i = 0; i < TYPES; i++)
    put(t, ", x%u: read %s[], y%u: write %s[]", i, types[i], i, types[i]);
  put(t, ") {\ngroup %s;\ngroups 1", s->text);
  for (const char *at = s->text; (at = strchr(at, ',')); at++)
    put(t, ", 1");
  put(t, ";\n");
}

static bool flat(const shape *s) { return !strchr(s->text, ','); }

// The lane's number in the domain, whatever its dimensions: groups lie along
// x, so that it counts group by group.
static void lane_number(text_buffer *t, const shape *s) {
  if (flat(s))
    put(t, "let n = num_lanes;\nlet at = lane;\nlet own = local;\n"
           "let g = group_id;\n");
  else if (strchr(strchr(s->text, ',') + 1, ','))
    put(t, "let n = num_lanes.x * num_lanes.y * num_lanes.z;\n"
           "let own = (local.z * group_size.y + local.y) * group_size.x + "
           "local.x;\n"
           "let at = group_id.x * 100 + own;\nlet g = group_id.x;\n");
  else
    put(t,
        "let n = num_lanes.x * num_lanes.y;\n"
        "let own = local.y * group_size.x + local.x;\n"
        "let at = group_id.x * %u + own;\nlet g = group_id.x;\n",
        s->lanes);
}

static void run(versus *v, const char *name, text_buffer *t, const shape *s,
                uint32_t results, uint32_t flags, uint64_t budget) {
  vy_program *p = versus_parse(v, t->data);
  const uint32_t groups = s->lanes > 500 ? 3 : 5, n = groups * s->lanes;
  vy_arg args[3 + 2 * TYPES] = {vy_arg_i32((int32_t)(s->lanes / 2)),
                                vy_arg_host(in.flags, n),
                                vy_arg_host(in.index, n * 8)};
  for (uint32_t i = 0; i < TYPES; i++) {
    args[3 + 2 * i] = vy_arg_host(in.values[i], n * vy_type_size(type_ids[i]));
    args[4 + 2 * i] = vy_arg_length((uint64_t)n * results);
  }
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.groups[0] = groups;
  o.groups[1] = o.groups[2] = 1;
  o.budget = budget;
  const versus_call c = {
      name, p, args, 3 + 2 * TYPES, flags, &o, (versus_mode)(s->lanes % 4)};
  versus_same(v, &c, NULL);
  vy_program_release(p);
}

// Settings take turns.
static void in_every_shape(void (*what)(versus *v, const shape *s)) {
  uint32_t failures = 0;
  for (uint32_t i = 0; i < (numbers_full() ? SHAPES : QUICK); i++) {
    versus v;
    const versus_setting some[] = {versus_of_host(i),
                                   {"cpu", 4u << (i + 1) % 3, 4, 1}};
    if (numbers_full())
      versus_open(&v, NULL, versus_widths, VERSUS_WIDTHS);
    else
      versus_open(&v, NULL, some, 2);
    what(&v, &shapes[i]);
    failures += v.failures;
    versus_close(&v);
  }
  assert_int_equal(failures, 0);
}

// ---- collectives

static void collectives(versus *v, const shape *s) {
  static const char *const of_numbers[] = {
      "group_reduce_add(v)",         "group_reduce_min(v)",
      "group_reduce_max(v)",         "group_scan_incl_add(v)",
      "group_scan_excl_add(v)",      "group_broadcast(v, s)",
      "group_broadcast(v, s * 2)",   "group_broadcast(v, -1)",
      "group_shuffle(v, k[at])",     "group_shuffle(v, own ^ 1)",
      "group_shuffle(v, u32(k[at]))"};
  static const char *const of_integers[] = {
      "group_reduce_and(v)", "group_reduce_or(v)", "group_reduce_xor(v)"};
  const uint32_t numbers = sizeof of_numbers / sizeof *of_numbers;
  text_buffer t = {0};
  header(&t, s);
  lane_number(&t, s);
  put(&t, "let f = q[at] == 1;\n");
  for (uint32_t i = 0; i < TYPES; i++) {
    put(&t, "block {\nlet v = x%u[at];\n", i);
    for (uint32_t k = 0; k < numbers; k++)
      put(&t, "y%u[%u * n + at] = %s;\n", i, k, of_numbers[k]);
    for (uint32_t k = 0; k < 3 && i < 4; k++)
      put(&t, "y%u[%u * n + at] = %s;\n", i, numbers + k, of_integers[k]);
    put(&t, "}\n");
  }
  put(&t, "y1[14 * n + at] = group_ballot(f);\n"
          "y1[15 * n + at] = u32(group_any(f)) + 2 * u32(group_all(f)) + "
          "4 * u32(group_any(!f));\n");
  for (uint32_t bits = 1; bits <= 8; bits++)
    put(&t, "y1[%u * n + at] = group_rank(x1[at] >> 3, %u);\n", 15 + bits,
        bits);
  put(&t, "}\n");
  run(v, "collectives", &t, s, 24, 0, 0);
  free(t.data);
}

static void every_collective(void **state) {
  (void)state;
  in_every_shape(collectives);
}

// ---- what lives across barriers

// Values, variables, private arrays and loop variables, before and after
// barriers in straight lines, branches and loops that a group goes round
// together; divergent loops and branches between them.
static const char across[] = "shared t: u32[1024];\n"
                             "shared w: f64[1024];\n"
                             "shared c: u32[3];\n";
static const char across_body[] =
    "let a = x1[at];\n"
    "let b = x4[at] * 0.5;\n"
    "var v = a % 1000;\n"
    "var d = x5[at];\n"
    "var arr: u32[5];\n"
    "arr[own % 5] = own;\n"
    "t[own] = v;\n"
    "w[own] = f64(b);\n"
    "barrier;\n"
    "let right = t[(own + 1) % size];\n"
    "let wide = w[size - 1 - own];\n"
    "barrier;\n"
    "if (own % 3 == 1) { arr[2] += right; v += 7; }\n"
    "else if (own % 3 == 2) { for i in 0u .. own % 7 { v += t[i % size] * i; } "
    "}\n"
    "for i in 0 .. s % 5 + 2 {\n"
    "  barrier;\n"
    "  t[own] = v + u32(i);\n"
    "  if (own % 2 == 0) { atomic_add(c, u32(i) % 3, v); }\n"
    "  barrier;\n"
    "  v = t[(own + u32(i) + 1) % size] ^ arr[(own + u32(i)) % 5];\n"
    "  if (v % 4 == 0) { continue_at = i; }\n"
    "  var z: u32[3];\n"
    "  z[u32(i) % 3] = v;\n"
    "  arr[4] += z[1] + z[2];\n"
    "}\n"
    "if (g % 2 == 1) {\n"
    "  d += group_scan_incl_add(wide) + f64(right);\n"
    "  barrier;\n"
    "} else {\n"
    "  d -= group_reduce_max(d);\n"
    "}\n"
    "var k_ = 0;\n"
    "while { let more = group_any(v % 11 > 3); } (more && k_ < 6) {\n"
    "  k_ += 1;\n"
    "  v = group_shuffle(v, own + 1) / 2;\n"
    "  if (own + u32(k_) > 9) { t[own] = v; }\n"
    "  barrier;\n"
    "}\n"
    "y0[at] = k_ * 1000 + continue_at;\n"
    "y1[at] = v;\n"
    "y1[n + at] = right;\n"
    "y1[2 * n + at] = arr[0] + arr[1] * 3 + arr[2] * 5 + arr[3] * 7 + arr[4];\n"
    "y1[3 * n + at] = c[0] + c[1] + c[2];\n"
    "y1[4 * n + at] = a;\n"
    "y4[at] = b;\n"
    "y5[at] = d;\n"
    "y5[n + at] = wide;\n"
    "if (own > size / 2) { return; }\n"
    "y2[at] = i64(t[own]);\n"
    "}\n";

static void write_across(text_buffer *t, const shape *s) {
  header(t, s);
  put(t, "%s", across);
  lane_number(t, s);
  put(t, "let size = %uu;\nvar continue_at = -1;\n%s", s->lanes, across_body);
}

static void barriers(versus *v, const shape *s) {
  text_buffer t = {0};
  write_across(&t, s);
  run(v, "across barriers", &t, s, 5, 0, 0);
  run(v, "across barriers", &t, s, 5, VY_COMPILE_STRICT, 0);
  run(v, "across barriers", &t, s, 5, VY_COMPILE_BUDGETED, 1 + s->lanes % 9);
  free(t.data);
}

static void what_lives_across_barriers(void **state) {
  (void)state;
  in_every_shape(barriers);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_collective),
      cmocka_unit_test(what_lives_across_barriers),
  };
  return cmocka_run_group_tests_name("cpu groups", tests, load, NULL);
}
