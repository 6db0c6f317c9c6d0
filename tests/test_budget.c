// Limits and reports of the reference device, exactly: where budgets count
// and what a lane that spent its own still does, which access strict bounds
// report, what a race says. Each in every order of lanes, of which nothing
// here may depend.
#include "conformance/conformance.h"

enum { ORDERS = 5 }; // forward, reversed, and shuffled by seeds

static int open_context(void **state) {
  *state = fixture_new("reference");
  return 0;
}

static void reopen(fixture *f, uint32_t order) {
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c("reference");
  desc.lane_order = order < 2 ? order : VY_ORDER_SHUFFLED;
  desc.order_seed = order;
  vy_device_release(f->device);
  expect_ok(f, vy_device_open(f->context, &desc, &f->device, &f->diags));
}

typedef struct run {
  const char *text;
  uint32_t flags;
  uint64_t budget;
  uint32_t n, *y; // the arguments; y comes back even from a failing run
  size_t count;
} run;

// program p(n: u32, y: update u32[]), y resident.
static vy_status go(fixture *f, const run *r, uint32_t order) {
  reopen(f, order);
  vy_buffer b = make_buffer(f, r->y, r->count * 4);
  vy_compile_options c = VY_COMPILE_OPTIONS_INIT;
  c.flags = r->flags;
  vy_pipeline *p = NULL;
  vy_program *program = make_program(f, r->text);
  f->program_count--;
  expect_ok(f, vy_compile(f->device, program, &c, &p, &f->diags));
  vy_program_release(program);
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  d.budget = r->budget;
  vy_status s = vy_dispatch(p, ARGS(vy_arg_u32(r->n), vy_arg_buffer(b)), &d,
                            NULL, NULL, &f->diags);
  vy_transfer t = {b, 0, r->count * 4, r->y};
  assert_int_equal(vy_buffer_download(f->device, &t, 1, NULL), VY_OK);
  assert_int_equal(vy_buffer_free(f->device, b, NULL), VY_OK);
  vy_pipeline_release(p);
  return s;
}

// In every order: the whole message, at this place.
static void fails(fixture *f, const run *r, uint32_t line, uint32_t column,
                  const char *message) {
  uint32_t before[16];
  assert_true(r->count <= 16);
  memcpy(before, r->y, r->count * 4);
  for (uint32_t order = 0; order < ORDERS; order++) {
    memcpy(r->y, before, r->count * 4);
    vy_status s = go(f, r, order);
    bool bounds = r->flags & VY_COMPILE_STRICT;
    expect_says(f, message);
    assert_int_equal(f->records[0].line, line);
    assert_int_equal(f->records[0].column, column);
    expect_code(f, s, bounds ? VY_ERROR_BOUNDS : VY_ERROR_BUDGET,
                bounds ? 700 : 701);
  }
}

static void passes(fixture *f, const run *r) {
  for (uint32_t order = 0; order < ORDERS; order++)
    expect_ok(f, go(f, r, order));
}

// ---- budgets

// A lane's trips of all its divergent loops are one sum; those of another
// lane are not in it.
static void divergent_loops_count_by_lane(void **state) {
  fixture *f = *state;
  uint32_t y[4] = {0};
  run r = {.text = "program p(n: u32, y: update u32[]) {\n"
                   "  lanes len(y);\n"
                   "  var i = 0u;\n"
                   "  while (i < n * lane) { i += 1; }\n"
                   "  for k in 0u .. lane * 2 { i += k; }\n"
                   "  y[lane] = i;\n"
                   "}",
           .flags = VY_COMPILE_BUDGETED,
           .budget = 36,
           .n = 10,
           .y = y,
           .count = 4};
  passes(f, &r);
  assert_int_equal(y[3], 30 + 15);
  r.budget = 35;
  fails(f, &r, 5, 3, "lane 3 ran out of its steps in this loop");
  r.budget = 19;
  fails(f, &r, 4, 3, "lane 2 ran out of its steps in this loop");
  r.budget = 1;
  fails(f, &r, 4, 3, "lane 1 ran out of its steps in this loop");
}

// The trips of a loop that a group goes round together are the group's: they
// do not add to a lane's.
static void uniform_loops_count_by_group(void **state) {
  fixture *f = *state;
  uint32_t y[8] = {0};
  run r = {.text = "program p(n: u32, y: update u32[]) {\n"
                   "  group 4;\n"
                   "  groups len(y) / 4;\n"
                   "  shared s: u32[4];\n"
                   "  for k in 0u .. n * group_id {\n"
                   "    s[local] = k;\n"
                   "    barrier;\n"
                   "    y[lane] += s[3 - local];\n"
                   "    barrier;\n"
                   "  }\n"
                   "  for k in 0u .. 2 * local { y[lane] += k; }\n"
                   "}",
           .flags = VY_COMPILE_BUDGETED,
           .budget = 6,
           .n = 6,
           .y = y,
           .count = 8};
  passes(f, &r);
  r.budget = 5; // the group's lowest lane, though each lane's loop is too long
  r.n = 0;
  fails(f, &r, 11, 3, "lane 3 ran out of its steps in this loop");
  r.n = 8;
  r.budget = 7;
  fails(f, &r, 5, 3, "lane 4 ran out of its steps in this loop");
}

static void the_lowest_lane_and_its_own_loop(void **state) {
  fixture *f = *state;
  uint32_t y[6] = {0};
  run r = {.text = "program p(n: u32, y: update u32[]) {\n"
                   "  lanes len(y);\n"
                   "  var i = 0u;\n"
                   "  if (lane == 4) {\n"
                   "    while (i < n) { i += 1; }\n"
                   "  }\n"
                   "  if (lane == 2) {\n"
                   "    while (true) {\n"
                   "      while (i >= n) { i += 1; }\n"
                   "      i += 1;\n"
                   "      if (i > 7) { continue; }\n"
                   "    }\n"
                   "  }\n"
                   "  y[lane] = i;\n"
                   "}",
           .flags = VY_COMPILE_BUDGETED,
           .budget = 20,
           .n = 30,
           .y = y,
           .count = 6};
  fails(f, &r, 8, 5, "lane 2 ran out of its steps in this loop");
  r.n = 15;
  fails(f, &r, 9, 7, "lane 2 ran out of its steps in this loop");
}

// Lanes 0 and 1 run out; they still arrive, as the identity.
static void the_spent_arrive(void **state) {
  fixture *f = *state;
  uint32_t y[40];
  static const uint32_t want[10] = {5, 2, 3, 0xc, 3, 1, 0, 1, 0, 0x77};
  for (uint32_t order = 0; order < ORDERS; order++) {
    memset(y, 0x77, sizeof y);
    run r = {.text = "program p(n: u32, y: update u32[]) {\n"
                     "  group 4;\n"
                     "  groups 1;\n"
                     "  var i = 0u;\n"
                     "  while (i < n * (3 - local)) { i += 1; }\n"
                     "  barrier;\n"
                     "  let at = 10 * local;\n"
                     "  let sum = group_reduce_add(local);\n"
                     "  let low = group_reduce_min(local);\n"
                     "  let ones = group_reduce_and(local | 1);\n"
                     "  let ballot = group_ballot(true);\n"
                     "  let before = group_scan_excl_add(local + 1);\n"
                     "  let every = group_all(local >= 2);\n"
                     "  let some = group_any(local < 2);\n"
                     "  let top = group_reduce_max(-i32(local) - 5);\n"
                     "  let sent = group_broadcast(local + 9, 0);\n"
                     "  y[at] = sum; y[at + 1] = low; y[at + 2] = ones;\n"
                     "  y[at + 3] = ballot; y[at + 4] = before;\n"
                     "  y[at + 5] = u32(every); y[at + 6] = u32(some);\n"
                     "  y[at + 7] = u32(top == -7); y[at + 8] = sent;\n"
                     "}",
             .flags = VY_COMPILE_BUDGETED,
             .budget = 15,
             .n = 10,
             .y = y,
             .count = 40};
    vy_status s = go(f, &r, order);
    expect_says(f, "lane 0 ran out");
    assert_int_equal(f->records[0].line, 5);
    expect_code(f, s, VY_ERROR_BUDGET, 701);
    for (uint32_t i = 0; i < 20; i++) // the spent do nothing more
      assert_int_equal(y[i], 0x77777777);
    for (uint32_t i = 0; i < 9; i++)
      assert_int_equal(y[30 + i], want[i]);
    assert_int_equal(y[39], 0x77777777);
    assert_int_equal(y[24], 0); // the scan, where nothing is before
  }
}

// ---- strict bounds

static void the_first_access_of_the_lowest_lane(void **state) {
  fixture *f = *state;
  uint32_t y[4] = {10, 11, 12, 13};
  run r = {.text = "program p(n: u32, y: update u32[]) {\n"
                   "  lanes 4;\n"
                   "  var a: u32[3];\n"
                   "  let v = a[lane + n];\n"
                   "  y[i32(lane) - 1] = v + 20 + lane;\n"
                   "  y[lane + 100] = v;\n"
                   "}",
           .flags = VY_COMPILE_STRICT,
           .n = 2,
           .y = y,
           .count = 4};
  fails(f, &r, 5, 20, "lane 0: index -1 of buffer 'y', whose length is 4");
  // Reported, and the results are what they always are.
  const uint32_t want[4] = {21, 22, 23, 13};
  assert_memory_equal(y, want, sizeof want);
  r.n = 3;
  fails(f, &r, 4, 12, "lane 0: index 3 of array 'a', whose length is 3");
  r.n = UINT32_MAX; // lane 0 reads far out, the others do not
  fails(f, &r, 4, 12,
        "lane 0: index 4294967295 of array 'a', whose length is 3");
  run alone = r;
  alone.text = "program p(n: u32, y: update u32[]) {\n"
               "  lanes 4;\n"
               "  if (lane >= n) { for k in 0u .. 9u { y[k] = lane; } }\n"
               "  y[lane] = 0;\n"
               "}";
  alone.n = 2;
  fails(f, &alone, 3, 45, "lane 2: index 4 of buffer 'y', whose length is 4");
  alone.n = 4;
  passes(f, &alone);
}

static void lanes_of_two_dimensions(void **state) {
  fixture *f = *state;
  uint32_t y[4] = {0};
  run r = {.text = "program p(n: u32, y: update u32[]) {\n"
                   "  lanes 3, 2;\n"
                   "  y[lane.x + n * lane.y] = 1;\n"
                   "}",
           .flags = VY_COMPILE_STRICT,
           .n = 3,
           .y = y,
           .count = 4};
  fails(f, &r, 3, 26, "lane (1, 1): index 4 of buffer 'y'");
}

// ---- orders

static const char *const domains[] = {
    "program p(n: u32, y: update u32[]) {\n"
    "  lanes 7, n;\n"
    "  let at = lane.x + 7 * lane.y;\n"
    "  y[1 + at] = lane.x * 100 + lane.y;\n"
    "  y[200 + at] = atomic_add(y, 0u, 1u);\n"
    "}",
    "program p(n: u32, y: update u32[]) {\n"
    "  lanes 5, n, 3;\n"
    "  let at = lane.x + 5 * (lane.y + n * lane.z);\n"
    "  y[1 + at] = lane.x * 10000 + lane.y * 100 + lane.z;\n"
    "  y[200 + at] = atomic_add(y, 0u, 1u);\n"
    "}",
    "program p(n: u32, y: update u32[]) {\n"
    "  group 3, 2, 2;\n"
    "  groups 2, n, 1;\n"
    "  shared s: u32[12];\n"
    "  let at = lane.x + 6 * (lane.y + n * 2 * lane.z);\n"
    "  let me = local.x + 3 * (local.y + 2 * local.z);\n"
    "  s[me] = at;\n"
    "  barrier;\n"
    "  y[1 + at] = s[11 - me] * 7 + group_id.y;\n"
    "  y[200 + at] = atomic_add(y, 0u, 1u);\n"
    "}",
};

static void orders_agree_and_differ(void **state) {
  fixture *f = *state;
  static uint32_t first[400], y[400];
  for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
    for (uint32_t order = 0; order < ORDERS; order++) {
      run r = {.text = domains[i], .n = 5, .y = y, .count = 400};
      memset(y, 0, sizeof y);
      expect_ok(f, go(f, &r, order));
      bool seen[200] = {false};
      for (uint32_t k = 0; k < y[0]; k++) { // every lane once
        assert_true(y[200 + k] < y[0] && !seen[y[200 + k]]);
        seen[y[200 + k]] = true;
      }
      if (order == 0)
        memcpy(first, y, sizeof y);
      assert_true(y[0] >= 35);
      assert_memory_equal(first, y, 200 * 4);
      if (order) // and it was another order
        assert_memory_not_equal(first + 200, y + 200, 200 * 4);
    }
}

// ---- races

static void race(fixture *f, const char *text, uint32_t line, uint32_t column,
                 const char *message) {
  static const uint32_t zero[4];
  vy_check_report r = VY_CHECK_REPORT_INIT;
  vy_status s = vy_check(f->context, make_program(f, text), NULL,
                         ARGS(vy_arg_u32(2), HOST(zero)), NULL, &r, &f->diags);
  assert_int_equal(s, VY_ERROR_CHECK_FAILED);
  assert_int_equal(f->records[0].code, 900);
  expect_says(f, message);
  assert_int_equal(f->records[0].line, line);
  assert_int_equal(f->records[0].column, column);
  assert_true(r.races > 0);
  f->diags.count = f->diags.errors = 0;
}

static void races_name_both_sides(void **state) {
  fixture *f = *state;
  race(f,
       "program p(n: u32, y: update u32[]) {\n"
       "  lanes 4;\n"
       "  if (lane == 1) { y[3] = 7; }\n"
       "  if (lane == n) { y[lane] = y[3] + 1; }\n"
       "}",
       4, 31, "lane 2 reads y[3], which lane 1 writes in line 3");
  race(f,
       "program p(n: u32, y: update u32[]) {\n"
       "  lanes 2, 2;\n"
       "  if (lane.x + lane.y == 2) { y[n] = 1; }\n"
       "  if (lane.x < lane.y) { y[2] = 1; }\n"
       "}",
       3, 36, "lane (1, 1) writes y[2], which lane (0, 1) writes in line 4");
  race(f,
       "program p(n: u32, y: update u32[]) {\n"
       "  group 4;\n"
       "  groups 1;\n"
       "  shared s: u32[4];\n"
       "  s[local] = n;\n"
       "  barrier;\n"
       "  if (local == 3) { s[0] = 1; }\n"
       "  if (local == 1) { atomic_add(s, 0u, 1u); }\n"
       "  barrier;\n"
       "  y[lane] = s[0];\n"
       "}",
       7, 26, "lane 3 writes s[0], which lane 1 changes atomically in line 8");
  race(f,
       "program p(n: u32, y: update u32[]) {\n"
       "  lanes 3;\n"
       "  if (lane == 0) { y[3] = n; }\n"
       "  if (lane == n) { y[2] = atomic_load(y, 3u); }\n"
       "}",
       4, 27, "lane 2 reads atomically y[3], which lane 0 writes in line 3");
}

int main(void) {
#define HERE(t) cmocka_unit_test_setup_teardown(t, open_context, fixture_close)
  const struct CMUnitTest tests[] = {
      HERE(divergent_loops_count_by_lane),
      HERE(uniform_loops_count_by_group),
      HERE(the_lowest_lane_and_its_own_loop),
      HERE(the_spent_arrive),
      HERE(the_first_access_of_the_lowest_lane),
      HERE(lanes_of_two_dimensions),
      HERE(orders_agree_and_differ),
      HERE(races_name_both_sides),
  };
#undef HERE
  return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
