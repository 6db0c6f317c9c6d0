// Outputs that need no zeroes before a dispatch: which programs are found to
// store all that they could, which launches then do, and that nobody can tell
// the difference: every way to run, over memory full of something else,
// against the reference device.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/cover.h"
#include "lower/lower.h"
#include "support/versus.h"

enum { MOST = 1960, BATCH = 3, ROOM = MOST * 8, LARGE = 1 << 20 };

// f(i) is what element i should be.
#define HEAD(type)                                                             \
  "fn f(i: u32) -> u32 { return i * 2654435761u + 77u; }\n"                    \
  "program p(n: u32, m: u32, x: read u32[], y: write " type "[]) {\n"
#define LANES HEAD("u32") "  lanes 1;\n"
#define ROWS HEAD("u32") "  lanes 1, 1;\n"
#define GROUPS HEAD("u32") "  group 8;\n  groups 1;\n"

// What is found: the row, then bounds of lane.x and lane.y, then *N: N elements
// a lane, or /N: one for N lanes, then @N: N times; "": nothing.
static const struct {
  const char *covers, *text;
} programs[] = {
    {"-,-,-", LANES "  y[lane] = f(lane); }\n"},
    {"-,-,-", LANES "  y[u64(lane)] = f(lane); }\n"},
    {"-,-,-", LANES "  y[i64(lane)] = f(lane); }\n"},
    {"-,-,-", HEAD("u8") "  lanes 1;\n  y[lane] = f(lane); }\n"},
    {"-,-,-", HEAD("u64") "  lanes 1;\n  y[lane] = u64(f(lane)) << 9; }\n"},
    {"-,-,-", HEAD("bf16") "  lanes 1;\n  y[lane] = f32(f(lane)); }\n"},
    {"-,-,-", LANES "  if (x[lane] > 9u) { y[lane] = f(lane); }\n"
                    "  else { y[lane] = 5u; } }\n"},
    {"-,-,-",
     LANES "  if (x[lane] > 9u) {\n"
           "    if (x[lane] > 200u) { y[lane] = 1u; } else { y[lane] = 2u; }\n"
           "  } else { y[lane] = 5u; } }\n"},
    {"-,-,-", LANES "  var s = 0u;\n"
                    "  for i in 0u .. x[lane] % 7u {\n"
                    "    s += i; if (s > 9u) { break; } }\n"
                    "  y[lane] = s; }\n"},
    {"-,-,-", LANES "  y[lane] = 3u; if (lane % 3u == 1u) { return; }\n"
                    "  y[lane] = f(lane); }\n"},
    {"-,-,-", LANES "  y[lane ^ 1u] = 3u; y[lane] = 3u; }\n"},
    {"-,len(x),-", LANES "  if (lane < len(x)) { y[lane] = f(lane); } }\n"},
    {"-,len(x),-",
     LANES "  if (u64(lane) < len64(x)) { y[lane] = f(lane); } }\n"},
    {"-,len(y),-", LANES "  if (len(y) > lane) { y[lane] = f(lane); } }\n"},
    {"-,n,-", LANES "  if (lane < n) { y[lane] = f(lane); } }\n"},
    {"-,40,-", LANES "  if (lane < 40u) { y[lane] = f(lane); } }\n"},
    {"-,n,-", LANES "  if (lane < n) { if (x[lane] > 9u) { y[lane] = 7u; }\n"
                    "    else { y[lane] = f(lane); } } }\n"},
    {"-,-,-", GROUPS "  y[lane] = f(lane); }\n"},
    {"-,n,-", GROUPS "  let s = group_scan_incl_add(x[lane]);\n"
                     "  if (lane < n) { y[lane] = s; } }\n"},
    {"n,-,-", ROWS "  y[lane.y * n + lane.x] = f(lane.y * n + lane.x); }\n"},
    {"n,-,-", ROWS "  y[lane.x + n * lane.y] = f(lane.y * n + lane.x); }\n"},
    {"lanes.0,-,-", ROWS "  let i = lane.y * num_lanes.x + lane.x;\n"
                         "  y[i] = f(i); }\n"},
    {"len(x),-,-", ROWS "  let i = lane.y * len(x) + lane.x;\n"
                        "  y[i] = f(i); }\n"},
    {"16,-,-", ROWS "  let i = lane.y * 16u + lane.x; y[i] = f(i); }\n"},
    {"n,-,-", ROWS
     "  let i = u64(lane.y) * u64(n) + u64(lane.x); y[i] = f(u32(i)); }\n"},
    {"n,-,-", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (i % 5u == 2u) { y[i] = 1u; } else { y[i] = f(i); } "
                   "}\n"},
    {"n,n,m", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (lane.x < n && lane.y < m) { y[i] = f(i); } }\n"},
    {"n,n,m", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (lane.y < m) { if (lane.x < n) { y[i] = f(i); } } "
                   "}\n"},
    {"n,-,m", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (lane.y < m) { y[i] = f(i); } }\n"},
    {"n,m,-", ROWS "  let i = lane.y * n + lane.x;\n"
                   "  if (lane.x < m) { y[i] = f(i); } }\n"},
    {"-,n,-", LANES "  if (x[lane] > 9u) { y[lane] = 1u; }\n"
                    "  else { if (lane < n) { y[lane] = 2u; } } }\n"},
    {"-,n,-", LANES "  if (x[lane] > 9u) { if (lane < n) { y[lane] = 1u; } }\n"
                    "  else { if (n > lane) { y[lane] = 2u; } } }\n"},
    {"-,-,-*2", LANES "  y[lane * 2u] = f(lane); y[lane * 2u + 1u] = 4u; }\n"},
    {"-,-,-*3", LANES "  unroll for k in 0u .. 3u {\n"
                      "    y[2u - k + lane * 3u] = f(lane) + k; } }\n"},
    {"-,n,-*4", LANES "  unroll for k in 0u .. 4u {\n"
                      "    let i = 4u * lane + k;\n"
                      "    if (i < n) { y[i] = f(i); } } }\n"},
    {"-,n,-*4",
     LANES "  if (x[lane] > 9u) {\n"
           "    unroll for k in 0u .. 4u { y[4u * lane + k] = k; }\n"
           "  } else {\n"
           "    unroll for k in 0u .. 4u {\n"
           "      if (4u * lane + k < n) { y[4u * lane + k] = 9u; } } } }\n"},
    {"n,-,-*4", ROWS "  unroll for k in 0u .. 4u {\n"
                     "    let i = (4u * lane.y + k) * n + lane.x;\n"
                     "    y[i] = f(i); } }\n"},
    {"n,n,m*3",
     ROWS "  unroll for k in 0u .. 3u {\n"
          "    let r = lane.y * 3u + k;\n"
          "    if (lane.x < n && r < m) { y[lane.x + n * r] = f(r); } } }\n"},
    {"n,-,m*2", ROWS "  unroll for k in 0u .. 2u {\n"
                     "    let r = lane.y * 2u + k;\n"
                     "    let i = lane.x + r * n;\n"
                     "    if (m > r) { y[i] = f(i); } } }\n"},
    {"-,-,-/8", GROUPS "  let s = group_reduce_add(x[lane]);\n"
                       "  if (local == 0) { y[group_id] = s; } }\n"},
    {"-,n,-/8",
     GROUPS "  if (group_id < n) { y[group_id] = f(group_id); } }\n"},
    {"-,n,-/8", GROUPS "  let s = group_reduce_add(x[lane]);\n"
                       "  if (0u == local) {\n"
                       "    if (group_id < n) { y[group_id] = s; } } }\n"},
    {"-,-,-", GROUPS "  let i = 8u * group_id + local; y[i] = f(i); }\n"},
    {"-,-,-*4", GROUPS "  unroll for k in 0u .. 4u {\n"
                       "    let i = 32u * group_id + 4u * local + k;\n"
                       "    y[i] = f(i); } }\n"},
    {"-,-,-*2", GROUPS "  unroll for k in 0u .. 2u {\n"
                       "    let i = 16u * group_id + 8u * k + local;\n"
                       "    y[i] = f(i); } }\n"},
    {"-,-,-*3", GROUPS "  unroll for k in 0u .. 3u {\n"
                       "    let i = lane + group_id * 16u + 8u * (2u - k);\n"
                       "    y[i] = f(i); } }\n"},
    {"-,n,-*4", GROUPS "  unroll for k in 0u .. 4u {\n"
                       "    let i = (group_id << 5u) + k / 2u * 16u\n"
                       "        + 2u * local + k % 2u;\n"
                       "    if (i < n) { y[i] = f(i); } } }\n"},
    {"-,n,-*4",
     GROUPS "  let first = 32u * group_id + local;\n"
            "  if (x[group_id] > 9u) {\n"
            "    unroll for k in 0u .. 4u { y[first + 8u * k] = k; }\n"
            "  } else {\n"
            "    unroll for k in 0u .. 4u {\n"
            "      if (first + 8u * k < n) { y[first + 8u * k] = 9u; } } } "
            "}\n"},
    {"-,-,-@n", GROUPS "  for b in 0u .. n {\n"
                       "    let i = 8u * (n * group_id + b) + local;\n"
                       "    y[i] = f(i); } }\n"},
    {"-,-,-@3", GROUPS "  for b in 0u .. 3u {\n"
                       "    let i = 8u * (group_id * 3u + b) + local;\n"
                       "    if (i > 70u) { continue; }\n"
                       "    y[i] = f(i); }\n"
                       "  for b in 0u .. 3u {\n"
                       "    let i = 8u * (group_id * 3u + b) + local;\n"
                       "    let s = group_scan_incl_add(x[i]);\n"
                       "    y[i] = s; } }\n"},
    {"-,len(y),-*4@n",
     GROUPS "  for b in 0u .. n {\n"
            "    let block = n * group_id + b;\n"
            "    let first = 32u * block + 4u * local;\n"
            "    let s = group_reduce_add(x[first]);\n"
            "    if (block < len(y) / 32u) {\n"
            "      unroll for k in 0u .. 4u { y[first + k] = s + k; }\n"
            "    } else {\n"
            "      unroll for k in 0u .. 4u {\n"
            "        if (first + k < len(y)) { y[first + k] = k; } } } } }\n"},
    {"-,-,-@3", GROUPS "  for b in 0u .. 3u {\n"
                       "    let i = local + 24u * group_id + (b << 3u);\n"
                       "    y[i] = f(i); } }\n"},
    {"-,-,-*2@n", GROUPS "  for b in 0u .. n {\n"
                         "    let first = 16u * (n * group_id + b) + local;\n"
                         "    unroll for k in 0u .. 2u {\n"
                         "      y[first + 8u * k] = f(first) + k; } } }\n"},
    {"-,n,-", GROUPS "  let i = 8u * group_id + local;\n"
                     "  if (i < n) { y[i] = f(i); } }\n"},
    // Near misses.
    {"", GROUPS "  for b in 0u .. 2u {\n"
                "    y[local + 24u * group_id + (b << 3u)] = 3u; } }\n"},
    {"", GROUPS "  for b in 0u .. 3u {\n"
                "    y[local + 25u * group_id + (b << 3u)] = 3u; } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    y[local + 8u * (m * group_id) + 4u * b] = 3u; } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    y[local + 8u * (m * group_id + group_id + b)] = 3u; } "
                "}\n"},
    {"", GROUPS "  for b in 0u .. m { for c in 0u .. m {\n"
                "    y[local + 8u * (m * group_id + b + c)] = 3u; } } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    unroll for k in 0u .. 2u {\n"
                "      y[16u * (m * group_id + b) + 7u * k + local] = 3u; } } "
                "}\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    y[24u * group_id + 8u * k + local] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    y[16u * group_id + 7u * k + local] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    y[16u * group_id + 8u * k + local + 1u] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 3u {\n"
                "    y[24u * group_id + 8u * k + 2u * local] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    y[20u * group_id + 8u * k + local] = 3u; } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    if (16u * group_id + local < n) {\n"
                "      y[16u * group_id + 8u * k + local] = 3u; } } }\n"},
    {"", GROUPS "  unroll for k in 0u .. 2u {\n"
                "    if (local == 0) {\n"
                "      y[16u * group_id + 8u * k + local] = 3u; } } }\n"},
    {"", GROUPS "  let i = 9u * group_id + local; y[i] = f(i); }\n"},
    {"", GROUPS "  let i = 8u * local + group_id; y[i] = f(i); }\n"},
    {"", GROUPS "  for b in 1u .. m {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m step 2u {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. 2u {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    let i = 8u * (m * local + b) + group_id;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    let i = 4u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); if (b == 1u) { break; } } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); if (local == 1u) { return; } } }\n"},
    {"", GROUPS "  for b in 0u .. m {\n"
                "    if (local == b) { continue; }\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } }\n"},
    {"", GROUPS "  for b in 0u .. m { for c in 0u .. m {\n"
                "    let i = 8u * (m * group_id + c) + local;\n"
                "    if (b > n) { y[i] = f(i); } } } }\n"},
    {"", GROUPS "  for b in 0u .. m { for c in 0u .. m {\n"
                "    let i = 8u * (m * group_id + b) + local;\n"
                "    y[i] = f(i); } } }\n"},
    {"", LANES "  if (x[lane] > 9u) { y[lane] = f(lane); } }\n"},
    {"", LANES "  if (lane > n) { y[lane] = f(lane); } }\n"},
    {"", LANES "  if (lane <= n) { y[lane] = f(lane); } }\n"},
    {"", LANES "  if (lane < n || x[lane] > 9u) { y[lane] = 1u; } }\n"},
    {"", LANES "  if (lane < n && x[lane] > 9u) { y[lane] = 1u; } }\n"},
    {"", LANES "  if (lane < n) { if (lane < m) { y[lane] = 1u; } } }\n"},
    {"", LANES "  if (lane < x[0u]) { y[lane] = 1u; } }\n"},
    {"", LANES "  if (lane < n) { y[lane] = 1u; } else { y[lane + 1u] = 1u; } "
               "}\n"},
    {"", LANES "  if (x[lane] > 9u) { if (lane < m) { y[lane] = 1u; } }\n"
               "  else { if (lane < n) { y[lane] = 2u; } } }\n"},
    {"", LANES "  for i in 0u .. x[lane] % 3u { y[lane] = f(lane) * i; } }\n"},
    {"", LANES "  var i = 0u;\n"
               "  while (i < n % 3u) { y[lane] = f(lane); i += 1u; } }\n"},
    {"", LANES "  if (lane % 3u == 1u) { return; } y[lane] = f(lane); }\n"},
    {"", LANES "  for i in 0u .. n { if (x[i] == lane) { return; } }\n"
               "  y[lane] = f(lane); }\n"},
    {"", LANES "  y[lane + 1u] = f(lane); }\n"},
    {"", LANES "  y[lane * 2u] = 4u; y[lane * 2u + 2u] = 4u; }\n"},
    {"", LANES "  y[lane * 2u + 1u] = f(lane); }\n"},
    {"", LANES "  y[lane * 65u] = f(lane); }\n"},
    {"", LANES "  y[n * lane] = f(lane); y[n * lane + 1u] = 4u; }\n"},
    {"", LANES "  unroll for k in 0u .. 4u {\n"
               "    if (lane < n) { y[4u * lane + k] = k; } } }\n"},
    {"", LANES "  unroll for k in 0u .. 2u {\n"
               "    if (4u * lane + k < n) { y[4u * lane + k] = k; }\n"
               "    if (4u * lane + k + 2u < m) { y[4u * lane + k + 2u] = k; }"
               " } }\n"},
    {"", ROWS "  unroll for k in 0u .. 3u {\n"
              "    let i = (4u * lane.y + k) * n + lane.x;\n"
              "    y[i] = f(i); } }\n"},
    {"", ROWS "  unroll for k in 0u .. 4u {\n"
              "    let i = (4u * lane.y + k) * n + lane.x;\n"
              "    if (lane.y < m) { y[i] = f(i); } } }\n"},
    {"", ROWS "  unroll for k in 0u .. 2u {\n"
              "    let r = lane.y * 2u + k;\n"
              "    let i = lane.x + r * n;\n"
              "    if (r < m + k) { y[i] = f(i); } } }\n"},
    {"", ROWS "  unroll for k in 0u .. 2u {\n"
              "    let r = lane.x * 2u + k;\n"
              "    y[lane.x + r * n] = f(r); } }\n"},
    {"", GROUPS "  if (local == 1) { y[group_id] = 3u; } }\n"},
    {"", GROUPS "  if (local < n) { y[group_id] = 3u; } }\n"},
    {"", GROUPS "  if (lane == 0) { y[group_id] = 3u; } }\n"},
    {"", GROUPS "  y[group_id + 1u] = 3u; }\n"},
    {"", GROUPS "  if (lane < n) { y[group_id] = 3u; } }\n"},
    {"", LANES "  y[lane ^ n] = 1u; }\n"},
    {"", LANES "  y[num_lanes - 1u - lane] = 1u; }\n"},
    {"", HEAD("i32") "  lanes 1;\n  y[i32(lane) - 3] = i32(f(lane)); }\n"},
    {"", HEAD("u8") "  lanes 1;\n  store_u32(y, 4u * lane, f(lane)); }\n"},
    {"", GROUPS "  y[local] = f(local); }\n"},
    {"", GROUPS "  if (group_id > 0u) { y[lane] = f(lane); } }\n"},
    {"", ROWS "  y[lane.x] = f(lane.x); }\n"},
    {"", ROWS "  let i = lane.x * n + lane.y; y[i] = f(i); }\n"},
    {"", ROWS "  let i = lane.y * n + lane.x + 1u; y[i] = f(i); }\n"},
    {"", ROWS "  let i = lane.y * x[0u] + lane.x; y[i] = f(i); }\n"},
    {"", ROWS "  let i = lane.y * n + lane.x;\n"
              "  if (lane.x > 0u && lane.y < m) { y[i] = f(i); } }\n"},
    // Something reads the buffer.
    {"", LANES "  y[lane] = f(lane); y[lane] = y[lane] + 1u; }\n"},
    {"", LANES "  let before = y[lane]; y[lane] = max(f(lane), before); }\n"},
    {"", LANES "  y[lane] = 3u; atomic_add(y, lane, 1u); }\n"},
    {"", LANES "  atomic_store(y, lane, f(lane)); }\n"},
};
enum { PROGRAMS = sizeof programs / sizeof *programs };

// ---- what is found

static void show_term(const vy__ir *ir, vy__term t, char *out, size_t size) {
  static const char *const forms[] = {"-", "%u", "len(%s)", "%s", "lanes.%u"};
  bool named = t.kind == VY__TERM_LEN || t.kind == VY__TERM_SCALAR;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  if (named)
    snprintf(out, size, forms[t.kind],
             vy__ir_string(ir, ir->params[t.ref].name));
  else
    snprintf(out, size, forms[t.kind], t.ref);
#pragma GCC diagnostic pop
}

static void expect_covers(const vy_program *p, uint32_t flags, const char *text,
                          const char *want) {
  vy__lowered l;
  char got[128] = "", terms[3][32];
  assert_int_equal(vy__lower(p, flags, NULL, &l, NULL), VY_OK);
  if (l.cover_count) {
    const vy__ir *ir = &l.program->ir;
    const vy__cover *c = &l.covers[0];
    assert_int_equal(c->param, 3);
    show_term(ir, c->row, terms[0], sizeof terms[0]);
    show_term(ir, c->most[0], terms[1], sizeof terms[1]);
    show_term(ir, c->most[1], terms[2], sizeof terms[2]);
    char ratio[16] = "", times[40] = "";
    if (c->group || c->each > 1)
      snprintf(ratio, sizeof ratio, "%c%u", c->group ? '/' : '*',
               c->group ? c->group : c->each);
    if (c->times.kind != VY__TERM_NONE) {
      times[0] = '@';
      show_term(ir, c->times, times + 1, sizeof times - 1);
    }
    snprintf(got, sizeof got, "%s,%s,%s%s%s", terms[0], terms[1], terms[2],
             ratio, times);
  }
  if (strcmp(got, want))
    fail_msg("found '%s' instead of '%s' in\n%s", got, want, text);
  vy__lowered_free(&l);
}

static void finds_covers(void **state) {
  (void)state;
  versus v = {0};
  assert_int_equal(vy_context_create(NULL, &v.context, NULL), VY_OK);
  for (uint32_t k = 0; k < PROGRAMS; k++) {
    vy_program *p = versus_parse(&v, programs[k].text);
    expect_covers(p, 0, programs[k].text, programs[k].covers);
    expect_covers(p, VY_COMPILE_STRICT, programs[k].text, "");
    expect_covers(p, VY_COMPILE_BUDGETED, programs[k].text, "");
    vy_program_release(p);
  }
  vy_context_release(v.context);
}

// ---- which launches are covered

static void decide(const vy_program *p, const vy__cover *cover, bool want,
                   const uint64_t lanes[3], uint64_t n, uint64_t length) {
  uint64_t scalars[4] = {n, 3, 0, 0};
  vy__bind binds[4] = {0};
  binds[2].length = 50;
  binds[3].length = length;
  binds[3].size = length * 4;
  vy__launch_item item = {.binds = binds, .scalars = scalars};
  memcpy(item.lanes, lanes, sizeof item.lanes);
  assert_int_equal(vy__covered(cover, 1, &p->ir, &item), want ? 8 : 0);
  binds[3].size++; // a rest that is no element
  assert_int_equal(vy__covered(cover, 1, &p->ir, &item), 0);
}

#define LANES_OF(...)                                                          \
  (const uint64_t[3]) { __VA_ARGS__ }

static void decides_by_lengths(void **state) {
  (void)state;
  const uint64_t all = UINT32_MAX, top = all + 1;
  const vy__term none = {VY__TERM_NONE, 0}, n = {VY__TERM_SCALAR, 0},
                 m = {VY__TERM_SCALAR, 1}, x = {VY__TERM_LEN, 2},
                 wide = {VY__TERM_LANES, 0};
  const vy__cover flat = {3, none, {none, none}, 0, 0, none},
                  to_n = {3, none, {n, none}, 0, 0, none},
                  to_x = {3, none, {x, none}, 0, 0, none},
                  rows = {3, n, {none, none}, 0, 0, none},
                  own = {3, wide, {none, none}, 0, 0, none},
                  part = {3, n, {n, m}, 0, 0, none},
                  four = {3, none, {none, none}, 4, 0, none},
                  four_n = {3, none, {n, none}, 4, 0, none},
                  by_four = {3, n, {n, m}, 4, 0, none},
                  eighth = {3, none, {none, none}, 0, 8, none},
                  eighth_n = {3, none, {n, none}, 0, 8, none},
                  runs = {3, none, {none, none}, 1, 0, n},
                  runs_m = {3, none, {m, none}, 4, 0, n};
  versus v = {0};
  assert_int_equal(vy_context_create(NULL, &v.context, NULL), VY_OK);
  vy_program *p = versus_parse(&v, programs[0].text);
  decide(p, &runs, true, LANES_OF(16, 1, 1), 5, 80);
  decide(p, &runs, false, LANES_OF(16, 1, 1), 5, 81);
  decide(p, &runs, false, LANES_OF(16, 1, 1), 0, 1);
  decide(p, &runs, true, LANES_OF(all, 1, 1), all, top);
  decide(p, &runs, false, LANES_OF(all, 1, 1), all, top + 1);
  decide(p, &runs_m, true, LANES_OF(16, 1, 1), 5, 3);
  decide(p, &runs_m, false, LANES_OF(16, 1, 1), 5, 4);
  decide(p, &flat, true, LANES_OF(10, 1, 1), 0, 10);
  decide(p, &flat, true, LANES_OF(11, 1, 1), 0, 10);
  decide(p, &flat, false, LANES_OF(9, 1, 1), 0, 10);
  decide(p, &flat, false, LANES_OF(0, 1, 1), 0, 10);
  decide(p, &flat, true, LANES_OF(all, 1, 1), 0, all);
  decide(p, &flat, false, LANES_OF(all, 1, 1), 0, top);
  decide(p, &to_n, true, LANES_OF(12, 1, 1), 10, 10);
  decide(p, &to_n, false, LANES_OF(12, 1, 1), 9, 10);
  decide(p, &to_n, false, LANES_OF(9, 1, 1), 10, 10);
  decide(p, &to_x, true, LANES_OF(64, 1, 1), 0, 50);
  decide(p, &to_x, false, LANES_OF(64, 1, 1), 0, 51);
  decide(p, &rows, true, LANES_OF(8, 4, 1), 8, 32);
  decide(p, &rows, true, LANES_OF(9, 4, 1), 8, 32);
  decide(p, &rows, false, LANES_OF(7, 4, 1), 8, 28);
  decide(p, &rows, false, LANES_OF(8, 4, 1), 8, 33);
  decide(p, &rows, false, LANES_OF(8, 4, 1), 7, 29);
  decide(p, &rows, false, LANES_OF(8, 4, 1), 0, 1);
  decide(p, &rows, false, LANES_OF(8, 0, 1), 8, 1);
  decide(p, &rows, true, LANES_OF(1 << 16, 1 << 16, 1), 1 << 16, top);
  decide(p, &rows, false, LANES_OF(1 << 16, 1 << 17, 1), 1 << 16, top + 1);
  decide(p, &rows, true, LANES_OF(all, all, 1), all, top);
  decide(p, &own, true, LANES_OF(8, 4, 1), 0, 32);
  decide(p, &own, false, LANES_OF(8, 4, 1), 0, 33);
  decide(p, &four, true, LANES_OF(10, 1, 1), 0, 40);
  decide(p, &four, false, LANES_OF(10, 1, 1), 0, 41);
  decide(p, &four, true, LANES_OF(1 << 30, 1, 1), 0, top);
  decide(p, &four_n, true, LANES_OF(10, 1, 1), 38, 38);
  decide(p, &four_n, false, LANES_OF(10, 1, 1), 38, 39);
  decide(p, &four_n, false, LANES_OF(10, 1, 1), 44, 41);
  decide(p, &by_four, true, LANES_OF(16, 1, 1), 10, 30);
  decide(p, &by_four, false, LANES_OF(16, 1, 1), 10, 31);
  decide(p, &by_four, false, LANES_OF(9, 1, 1), 10, 30);
  decide(p, &by_four, false, LANES_OF(3, 1, 1), 10, 30);
  decide(p, &eighth, true, LANES_OF(80, 1, 1), 0, 10);
  decide(p, &eighth, false, LANES_OF(80, 1, 1), 0, 11);
  decide(p, &eighth_n, true, LANES_OF(80, 1, 1), 7, 7);
  decide(p, &eighth_n, false, LANES_OF(80, 1, 1), 7, 8);
  decide(p, &eighth_n, false, LANES_OF(80, 1, 1), 12, 11);
  decide(p, &part, true, LANES_OF(16, 16, 1), 10, 30);
  decide(p, &part, false, LANES_OF(16, 16, 1), 10, 31);
  decide(p, &part, false, LANES_OF(16, 2, 1), 10, 30);
  decide(p, &part, false, LANES_OF(9, 16, 1), 10, 30);
  vy_program_release(p);
  vy_context_release(v.context);
}

// ---- every way to run

static uint32_t x[50];

typedef struct call {
  vy_device *device;
  vy_pipeline *pipeline;
  vy_arg args[4];
  vy_dispatch_options options;
  uint8_t *out; // size bytes, MOST * 8 at most
  uint64_t size;
} call;

static vy_outputs *outputs_in(const versus *v, uint8_t *memory, uint64_t size) {
  vy_outputs *o = NULL;
  assert_int_equal(vy_outputs_create(v->context, 1, &o, NULL), VY_OK);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, memory, size), VY_OK);
  return o;
}

static void by_memory(const versus *v, call *c) {
  memset(c->out, 0xAA, ROOM);
  vy_outputs *o = outputs_in(v, c->out, ROOM);
  assert_int_equal(
      vy_dispatch(c->pipeline, c->args, 4, &c->options, o, NULL, NULL), VY_OK);
  assert_int_equal(vy_outputs_size(o, 0), c->size);
  vy_outputs_release(o);
}

static void by_growth(const versus *v, call *c) {
  vy_outputs *o = NULL;
  assert_int_equal(vy_outputs_create(v->context, 1, &o, NULL), VY_OK);
  for (int k = 0; k < 2; k++)
    assert_int_equal(
        vy_dispatch(c->pipeline, c->args, 4, &c->options, o, NULL, NULL),
        VY_OK);
  c->size = vy_outputs_size(o, 0);
  if (c->size)
    memcpy(c->out, vy_outputs_data(o, 0), c->size);
  vy_outputs_release(o);
}

// What a readback takes passes through working memory, which is used again.
static void by_readback(const versus *v, call *c) {
  const uint64_t length = c->args[3].size;
  vy_readback r = {0, 0, 1, length ? length : 1};
  if (!length) {
    by_memory(v, c);
    return;
  }
  vy_dispatch_options with = c->options;
  with.readbacks = &r;
  with.readback_count = 1;
  memset(c->out, 0xAA, ROOM);
  vy_outputs *o = outputs_in(v, c->out, ROOM);
  assert_int_equal(vy_dispatch(c->pipeline, c->args, 4, &with, o, NULL, NULL),
                   VY_OK);
  const uint64_t each = c->size / length, size = vy_outputs_size(o, 0);
  assert_int_equal(size, c->size - each);
  if (size)
    memmove(c->out + each, vy_outputs_data(o, 0), size);
  vy_outputs_release(o);
  o = outputs_in(v, c->out + ROOM, ROOM); // the first element
  r = (vy_readback){0, 0, 0, 1};
  assert_int_equal(vy_dispatch(c->pipeline, c->args, 4, &with, o, NULL, NULL),
                   VY_OK);
  memcpy(c->out, vy_outputs_data(o, 0), each);
  vy_outputs_release(o);
}

static void by_range(const versus *v, call *c) {
  (void)v;
  vy_buffer b;
  vy_arg args[4];
  uint8_t edge[64];
  vy_transfer t[] = {{{0}, 0, 32, edge},
                     {{0}, 32, c->size, c->out},
                     {{0}, 32 + c->size, 32, edge + 32}};
  assert_int_equal(vy_buffer_create(c->device, c->size + 64, &b, NULL), VY_OK);
  assert_int_equal(vy_buffer_fill(c->device, b, 0, c->size + 64, 0xAA, NULL),
                   VY_OK);
  memcpy(args, c->args, sizeof args);
  args[3] = vy_arg_range(b, 32, c->size);
  assert_int_equal(
      vy_dispatch(c->pipeline, args, 4, &c->options, NULL, NULL, NULL), VY_OK);
  for (int k = 0; k < 3; k++)
    t[k].buffer = b;
  assert_int_equal(vy_buffer_download(c->device, t, 3, NULL), VY_OK);
  for (int k = 0; k < 64; k++)
    assert_int_equal(edge[k], 0xAA);
  assert_int_equal(vy_buffer_free(c->device, b, NULL), VY_OK);
}

static void by_prepared(const versus *v, call *c) {
  vy_prepared *p = NULL;
  vy_outputs *o = outputs_in(v, c->out, ROOM);
  assert_int_equal(
      vy_prepare(c->pipeline, c->args, 4, &c->options, o, &p, NULL), VY_OK);
  for (int k = 0; k < 2; k++) {
    memset(c->out, 0xAA, ROOM);
    assert_int_equal(vy_prepared_run(p, NULL, NULL), VY_OK);
  }
  vy_prepared_release(p);
  vy_outputs_release(o);
}

static void by_batch(const versus *v, call *c) {
  vy_item items[BATCH];
  memset(c->out, 0xAA, BATCH * ROOM);
  for (uint32_t k = 0; k < BATCH; k++)
    items[k] = (vy_item){c->args, 4, outputs_in(v, c->out + k * ROOM, ROOM)};
  assert_int_equal(
      vy_dispatch_batch(c->pipeline, items, BATCH, &c->options, NULL, NULL),
      VY_OK);
  for (uint32_t k = 0; k < BATCH; k++) {
    assert_memory_equal(c->out, c->out + k * ROOM, c->size);
    vy_outputs_release(items[k].outputs);
  }
}

static void by_iterations(const versus *v, call *c) {
  c->options.iterations = 3;
  by_memory(v, c);
  c->options.iterations = 0;
}

typedef void run_fn(const versus *v, call *c);
static run_fn *const ways[] = {by_memory,   by_growth, by_readback,  by_range,
                               by_prepared, by_batch,  by_iterations};
enum { WAYS = sizeof ways / sizeof *ways };

static const versus_setting settings[] = {{"cpu", 0, 1, 0}, {"cpu", 0, 2, 0}};
enum { SETTINGS = sizeof settings / sizeof *settings };

static void expect_same(const versus *v, call *const calls, uint32_t program) {
  static uint8_t want[BATCH * ROOM], got[BATCH * ROOM];
  calls[0].out = want;
  by_growth(v, &calls[0]);
  for (uint32_t k = 1; k <= SETTINGS; k++)
    for (uint32_t w = 0; w < WAYS; w++) {
      calls[k].out = got;
      calls[k].size = calls[0].size;
      ways[w](v, &calls[k]);
      if (memcmp(want, got, calls[0].size))
        fail_msg("way %u, lanes %u,%u, n %u, length %u:\n%s", w,
                 (unsigned)calls[0].options.lanes[0],
                 (unsigned)calls[0].options.lanes[1],
                 (unsigned)calls[0].args[0].u.bits,
                 (unsigned)calls[0].args[3].size, programs[program].text);
    }
}

enum { TIMES = 3 }; // of what is stored several times, or about that

// Elements that so many lanes store.
static uint32_t scaled(const char *covers, uint32_t lanes) {
  const char *by = strpbrk(covers, "*/");
  lanes *= strchr(covers, '@') ? TIMES : 1;
  if (!by)
    return lanes;
  uint32_t n = (uint32_t)strtoul(by + 1, NULL, 10);
  return *by == '*' ? lanes * n : lanes / n;
}

// Lanes, n and the length of y: equal, and each of them a little off.
static void run_sizes(const versus *v, call *calls, uint32_t program) {
  static const uint32_t sizes[][2] = {{0, 3}, {1, 1}, {16, 3}, {40, 2}};
  const char *text = programs[program].text;
  const bool rows = strstr(text, "lanes 1, 1") != NULL;
  const bool groups = strstr(text, "groups 1") != NULL;
  for (uint32_t s = 0; s < 4; s++)
    for (uint32_t turn = 0; turn < 9; turn++) {
      const uint32_t w = sizes[s][0], h = sizes[s][1];
      const uint32_t lanes = groups ? 8 * w : rows ? w * h : w;
      const char *covers = programs[program].covers;
      const uint32_t n = turn % 3 + (strchr(covers, '@') ? TIMES
                                     : rows              ? w
                                            : scaled(covers, lanes));
      const uint32_t less = n > 1 ? 1 : 0;
      const uint32_t length = scaled(covers, lanes) + turn / 3;
      for (uint32_t k = 0; k <= SETTINGS; k++) {
        calls[k].options = (vy_dispatch_options)VY_DISPATCH_OPTIONS_INIT;
        uint64_t *domain =
            groups ? calls[k].options.groups : calls[k].options.lanes;
        calls[k].options.set_groups = groups;
        calls[k].options.set_lanes = !groups;
        domain[0] = w;
        domain[1] = rows ? h : 1;
        domain[2] = 1;
        calls[k].args[0] = vy_arg_u32(n - less);
        calls[k].args[1] = vy_arg_u32(h);
        calls[k].args[2] = vy_arg_host(x, sizeof x);
        calls[k].args[3] = vy_arg_length(length - (length > 1));
      }
      expect_same(v, calls, program);
    }
}

static void nobody_can_tell(void **state) {
  (void)state;
  versus v;
  versus_open(&v, NULL, settings, SETTINGS);
  for (uint32_t i = 0; i < 50; i++)
    x[i] = i * 41u % 256u;
  for (uint32_t k = 0; k < PROGRAMS; k++) {
    call calls[SETTINGS + 1] = {0};
    vy_program *p = versus_parse(&v, programs[k].text);
    for (uint32_t d = 0; d <= SETTINGS; d++) {
      calls[d].device = d ? v.devices[d - 1] : v.reference;
      assert_int_equal(
          vy_compile(calls[d].device, p, NULL, &calls[d].pipeline, NULL),
          VY_OK);
    }
    run_sizes(&v, calls, k);
    for (uint32_t d = 0; d <= SETTINGS; d++)
      vy_pipeline_release(calls[d].pipeline);
    vy_program_release(p);
  }
  versus_close(&v);
}

// Enough lanes to be cut into chunks; the plain C beside it.
static void in_chunks(void **state) {
  (void)state;
  versus v;
  versus_open(&v, NULL, settings, SETTINGS);
  uint32_t *out = malloc(4 * (size_t)LARGE);
  assert_non_null(out);
  vy_program *p = versus_parse(&v, programs[0].text);
  for (uint32_t d = 0; d < SETTINGS; d++) {
    vy_pipeline *pipeline = NULL;
    vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
    const vy_arg args[] = {vy_arg_u32(0), vy_arg_u32(0),
                           vy_arg_host(x, sizeof x), vy_arg_length(LARGE)};
    assert_int_equal(vy_compile(v.devices[d], p, NULL, &pipeline, NULL), VY_OK);
    vy_outputs *o = outputs_in(&v, (uint8_t *)out, 4 * (uint64_t)LARGE);
    for (uint32_t less = 0; less < 2; less++) {
      options.lanes[0] = LARGE - 5 * less;
      options.lanes[1] = options.lanes[2] = 1;
      memset(out, 0xAA, 4 * (size_t)LARGE);
      assert_int_equal(vy_dispatch(pipeline, args, 4, &options, o, NULL, NULL),
                       VY_OK);
      for (uint32_t i = 0; i < LARGE; i++)
        if (out[i] != (i < options.lanes[0] ? i * 2654435761u + 77u : 0))
          fail_msg("element %u is %u", i, out[i]);
    }
    vy_outputs_release(o);
    vy_pipeline_release(pipeline);
  }
  vy_program_release(p);
  free(out);
  versus_close(&v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_covers),
      cmocka_unit_test(decides_by_lengths),
      cmocka_unit_test(nobody_can_tell),
      cmocka_unit_test(in_chunks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
