// Arguments: what is accepted, what is refused and how.
#include "conformance/conformance.h"

static const uint32_t x4[4] = {1, 2, 3, 4};
static const uint32_t y4[4] = {10, 20, 30, 40};

static void every_mix_of_kinds_is_equal(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  for (int mix = 0; mix < 4; mix++) {
    vy_outputs *o = make_outputs(f, 1);
    vy_buffer x = make_buffer(f, x4, sizeof x4);
    vy_buffer y = make_buffer(f, y4, sizeof y4);
    vy_arg args[3] = {vy_arg_u32(3), mix & 1 ? vy_arg_buffer(x) : HOST(x4),
                      mix & 2 ? vy_arg_buffer(y) : HOST(y4)};
    assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_GROW, NULL, 0), VY_OK);
    expect_ok(f, vy_dispatch(p, args, 3, NULL, o, NULL, &f->diags));
    expect_slot(o, 0, 13, 26, 39, 52);
    if (mix & 2)
      expect_buffer(f, y, 13, 26, 39, 52);
    else
      expect_buffer(f, y, 10, 20, 30, 40);
    expect_buffer(f, x, 1, 2, 3, 4);
    drop_buffer(f, x);
    drop_buffer(f, y);
  }
}

static void host_memory_has_any_alignment(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  unsigned char in[32], out[32];
  for (size_t at = 0; at < 8; at++) {
    memset(in, 0xAA, sizeof in);
    memset(out, 0xAA, sizeof out);
    memcpy(in + at, x4, sizeof x4);
    assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, out + 7 - at, 16),
                     VY_OK);
    expect_ok(f, vy_dispatch(p, ARGS(vy_arg_host(in + at, 16), vy_arg_none()),
                             NULL, o, NULL, &f->diags));
    assert_memory_equal(out + 7 - at, x4, 16);
    for (size_t i = 0; i < sizeof out; i++)
      if (i < 7 - at || i >= 23 - at)
        assert_int_equal(out[i], 0xAA);
  }
}

static void lengths_are_never_stale(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  static uint32_t x[300];
  static const uint32_t sizes[] = {4, 0, 300, 1, 299, 2, 0, 3};
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
    for (uint32_t i = 0; i < sizes[k]; i++)
      x[i] = i * 7 + (uint32_t)k;
    expect_ok(f,
              vy_dispatch(p, ARGS(vy_arg_host(x, sizes[k] * 4), vy_arg_none()),
                          NULL, o, NULL, &f->diags));
    assert_int_equal(vy_outputs_size(o, 0), sizes[k] * 4);
    if (sizes[k])
      assert_memory_equal(vy_outputs_data(o, 0), x, sizes[k] * 4);
  }
}

static void wrong_arguments_are_named(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_pipeline *w = make_pipeline(f, copy_text, 0);
  vy_pipeline *u = make_pipeline(f, bump_text, 0);
  vy_pipeline *l = make_pipeline(
      f, "program p(y: write u32[]) { lanes 1; y[0] = len(y); }", 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg a = vy_arg_u32(1), x = HOST(x4), y = HOST(y4), none = vy_arg_none();
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  const struct {
    vy_pipeline *p;
    vy_arg args[3];
    size_t count;
    uint32_t code;
  } rows[] = {
      {p, {a, x}, 2, 602},
      {p, {x, x, y}, 3, 603},
      {p, {a, a, y}, 3, 603},
      {p, {a, none, y}, 3, 603},
      {p, {a, x, none}, 3, 603},
      {p, {a, x, vy_arg_length(4)}, 3, 603},
      {w, {x, vy_arg_length(4)}, 2, 603},
      {w, {x, y}, 2, 603},
      {u, {none}, 1, 603},
      {p, {vy_arg_i32(1), x, y}, 3, 604},
      {p, {vy_arg_f32(1), x, y}, 3, 604},
      {p,
       {vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_U32, 1ull << 32, 0, 0), x, y},
       3,
       604},
      {p, {a, vy_arg_host(x4, 15), y}, 3, 605},
      {p, {a, vy_arg_host(NULL, 16), y}, 3, 606},
      {p, {a, vy_arg_host(x4, UINT64_MAX), y}, 3, 606},
      {u, {vy_arg_length(UINT64_MAX)}, 1, 606},
      {u, {vy_arg_length(1ull << 32)}, 1, 610},
      {l, {vy_arg_length(1ull << 32)}, 1, 609},
      {p, {a, vy_arg_buffer((vy_buffer){0}), y}, 3, 613},
      {p, {a, vy_arg_bits(9, 0, 0, 0, 0), y}, 3, 600},
      {p, {{VY_ARG_SCALAR, VY_TYPE_U32, {0}, 0, 0, {1, 0}}, x, y}, 3, 600},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    expect_code(f,
                vy_dispatch(rows[i].p, rows[i].args, rows[i].count, NULL, o,
                            NULL, &f->diags),
                rows[i].code == 613 ? VY_ERROR_STALE_HANDLE : bad,
                rows[i].code);
  expect_code(f, vy_dispatch(p, NULL, 3, NULL, o, NULL, &f->diags), bad, 600);
  assert_int_equal(vy_outputs_size(o, 0), 0);
  expect_ok(f, vy_dispatch(p, ARGS(a, x, y), NULL, o, NULL, &f->diags));
}

static void bool_scalars_are_0_or_1(void **state) {
  fixture *f = *state;
  vy_pipeline *p =
      make_pipeline(f,
                    "program p(b: bool, y: write u32[1]) { lanes 1; "
                    "y[0] = b ? 7u : 9u; }",
                    0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg two = vy_arg_bits(VY_ARG_SCALAR, VY_TYPE_BOOL, 2, 0, 0);
  expect_code(
      f, vy_dispatch(p, ARGS(two, vy_arg_none()), NULL, o, NULL, &f->diags),
      VY_ERROR_INVALID_ARGUMENT, 604);
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_bool(5), vy_arg_none()), NULL, o,
                           NULL, &f->diags));
  expect_slot(o, 0, 7);
}

static void resident_ranges(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  static const uint32_t all[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  vy_buffer b = make_buffer(f, all, sizeof all);
  vy_arg none = vy_arg_none();
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_range(b, 16, 8), none), NULL, o, NULL,
                           &f->diags));
  expect_slot(o, 0, 4, 5);
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_range(b, 32, UINT64_MAX), none), NULL,
                           o, NULL, &f->diags));
  expect_slot(o, 0, 8, 9, 10, 11);
  expect_code(f,
              vy_dispatch(p, ARGS(vy_arg_range(b, 8, 8), none), NULL, o, NULL,
                          &f->diags),
              bad, 607);
  expect_code(f,
              vy_dispatch(p, ARGS(vy_arg_range(b, 32, 20), none), NULL, o, NULL,
                          &f->diags),
              bad, 606);
  expect_code(f,
              vy_dispatch(p, ARGS(vy_arg_range(b, 64, UINT64_MAX), none), NULL,
                          o, NULL, &f->diags),
              bad, 606);
  expect_code(f,
              vy_dispatch(p, ARGS(vy_arg_range(b, 0, 15), none), NULL, o, NULL,
                          &f->diags),
              bad, 605);
  // A sized `write` takes exactly its length.
  expect_code(f,
              vy_dispatch(p, ARGS(HOST(x4), vy_arg_range(b, 0, 12)), NULL, o,
                          NULL, &f->diags),
              bad, 605);
  expect_ok(f, vy_dispatch(p, ARGS(HOST(x4), vy_arg_range(b, 16, 16)), NULL, o,
                           NULL, &f->diags));
  expect_buffer(f, b, 0, 1, 2, 3, 1, 2, 3, 4, 8, 9, 10, 11);
  drop_buffer(f, b);
}

static void sized_reads_take_exactly_their_length(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(
      f,
      "program p(n: u32, x: read u32[n * 2u], y: write u32[len(z)], "
      "z: write u32[n]) {\n lanes n; z[lane] = x[lane]; y[lane] = 1u; }",
      0);
  vy_outputs *o = make_outputs(f, 2);
  vy_arg none = vy_arg_none();
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_u32(2), HOST(x4), none, none), NULL,
                           o, NULL, &f->diags));
  expect_slot(o, 0, 1, 1);
  expect_slot(o, 1, 1, 2);
  expect_code(f,
              vy_dispatch(p, ARGS(vy_arg_u32(3), HOST(x4), none, none), NULL, o,
                          NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 605);
}

static void sizes_are_checked(void **state) {
  fixture *f = *state;
  vy_pipeline *p =
      make_pipeline(f,
                    "program p(n: i64, d: i64, y: write u32[(8 - n) / d]) {\n"
                    "  lanes len(y); y[lane] = 1u; }",
                    0);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg none = vy_arg_none();
  static const int64_t wrong[][2] = {{9, 1}, {0, 0}, {INT64_MIN, 1}};
  for (size_t i = 0; i < 3; i++) {
    vy_status s = vy_dispatch(
        p, ARGS(vy_arg_i64(wrong[i][0]), vy_arg_i64(wrong[i][1]), none), NULL,
        o, NULL, &f->diags);
    assert_int_equal(f->diags.count, 1);
    expect_says(f, "(8 - n) / d");
    expect_code(f, s, VY_ERROR_INVALID_ARGUMENT, 608);
  }
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_i64(2), vy_arg_i64(3), none), NULL, o,
                           NULL, &f->diags));
  expect_slot(o, 0, 1, 1);
}

// A length may use another's, declared before or after.
static void sizes_use_each_other(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(
      f,
      "program p(a: write u32[len(b) + 1u], b: write u32[len(c) * 2u],\n"
      "          c: write u32[n], n: u32) {\n"
      "  lanes 1; a[0] = len(a); b[0] = len(b); c[0] = len(c); }",
      0);
  vy_outputs *o = make_outputs(f, 3);
  vy_arg none = vy_arg_none();
  expect_ok(f, vy_dispatch(p, ARGS(none, none, none, vy_arg_u32(1)), NULL, o,
                           NULL, &f->diags));
  expect_slot(o, 0, 3, 0, 0);
  expect_slot(o, 1, 2, 0);
  expect_slot(o, 2, 1);
}

static void overlaps(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_pipeline *two = make_pipeline(
      f,
      "program p(a: read u32[], b: read u32[], c: write u32[len(a)], "
      "d: write u32[len(a)]) {\n lanes len(a);\n"
      "  c[lane] = a[lane] + b[lane]; d[lane] = a[lane]; }",
      0);
  vy_outputs *o = make_outputs(f, 1), *o2 = make_outputs(f, 2);
  vy_arg none = vy_arg_none(), a = vy_arg_u32(2);
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  uint32_t m[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  // Two reads share; a slot on its own update's input is in place.
  expect_ok(
      f,
      vy_dispatch(two, ARGS(vy_arg_host(m, 16), vy_arg_host(m, 16), none, none),
                  NULL, o2, NULL, &f->diags));
  expect_slot(o2, 0, 2, 4, 6, 8);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, m, 16), VY_OK);
  expect_ok(f,
            vy_dispatch(p, ARGS(a, vy_arg_host(m + 4, 16), vy_arg_host(m, 16)),
                        NULL, o, NULL, &f->diags));
  expect_slot(o, 0, 11, 14, 17, 20);
  // Shifted against it, or on another's input, is not.
  expect_code(f,
              vy_dispatch(p,
                          ARGS(a, vy_arg_host(x4, 12), vy_arg_host(m + 1, 12)),
                          NULL, o, NULL, &f->diags),
              bad, 612);
  expect_code(f,
              vy_dispatch(p, ARGS(a, vy_arg_host(m + 3, 16), HOST(y4)), NULL, o,
                          NULL, &f->diags),
              bad, 612);
  assert_int_equal(m[3], 20);
  // Two slots, and resident ranges.
  assert_int_equal(vy_outputs_set(o2, 0, VY_SLOT_MEMORY, m, 16), VY_OK);
  assert_int_equal(vy_outputs_set(o2, 1, VY_SLOT_MEMORY, m + 3, 16), VY_OK);
  expect_code(f,
              vy_dispatch(two, ARGS(HOST(x4), HOST(x4), none, none), NULL, o2,
                          NULL, &f->diags),
              bad, 612);
  vy_buffer b = make_buffer(f, m, sizeof m);
  expect_code(
      f,
      vy_dispatch(p, ARGS(a, vy_arg_range(b, 0, 20), vy_arg_range(b, 16, 16)),
                  NULL, o, NULL, &f->diags),
      bad, 612);
  expect_ok(f, vy_dispatch(
                   p, ARGS(a, vy_arg_range(b, 0, 16), vy_arg_range(b, 16, 16)),
                   NULL, NULL, NULL, &f->diags));
  drop_buffer(f, b);
}

static void domains(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  vy_pipeline *flat = make_pipeline(
      f,
      "program p(y: write u32[6]) {\n lanes 3, 2;\n"
      "  y[lane.y * 3u + lane.x] = num_lanes.x * 10u + num_lanes.y; }",
      0);
  vy_pipeline *g = make_pipeline(
      f,
      "program p(n: u32, y: write u32[8]) {\n group 2; groups n;\n"
      "  y[lane] = group_id * 100u + num_groups * 10u + local; }",
      0);
  vy_outputs *o = make_outputs(f, 1);
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  vy_arg y = vy_arg_length(3), none = vy_arg_none();
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  d.lanes[0] = 2;
  expect_ok(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags));
  expect_slot(o, 0, 1, 1, 0);
  d.lanes[1] = d.lanes[2] = 1;
  expect_ok(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags));
  d.lanes[0] = 0;
  d.set_lanes = 1;
  expect_ok(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags));
  expect_slot(o, 0, 0, 0, 0);
  d.lanes[1] = 2;
  expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 611);
  d = (vy_dispatch_options)VY_DISPATCH_OPTIONS_INIT;
  d.lanes[0] = 2;
  expect_code(f, vy_dispatch(flat, &none, 1, &d, o, NULL, &f->diags), bad, 611);
  d.lanes[1] = 1;
  expect_ok(f, vy_dispatch(flat, &none, 1, &d, o, NULL, &f->diags));
  expect_slot(o, 0, 21, 21, 0, 0, 0, 0);
  expect_code(f,
              vy_dispatch(g, ARGS(vy_arg_u32(1), none), &d, o, NULL, &f->diags),
              bad, 611);
  d = (vy_dispatch_options)VY_DISPATCH_OPTIONS_INIT;
  d.groups[0] = 2;
  expect_ok(f,
            vy_dispatch(g, ARGS(vy_arg_u32(1), none), &d, o, NULL, &f->diags));
  expect_slot(o, 0, 20, 21, 120, 121, 0, 0, 0, 0);
  expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 611);
  expect_code(f,
              vy_dispatch(g, ARGS(vy_arg_u32(UINT32_MAX), none), NULL, o, NULL,
                          &f->diags),
              bad, 610);
  d = (vy_dispatch_options)VY_DISPATCH_OPTIONS_INIT;
  d.lanes[0] = 1ull << 32;
  expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 610);
}

static void options_are_checked(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  vy_arg y = vy_arg_length(3);
  vy_dispatch_options d = VY_DISPATCH_OPTIONS_INIT;
  d.budget = 5;
  expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 619);
  d.budget = 0;
  d.set_groups = 2;
  expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 600);
  d.set_groups = 0;
  d.label.size = 3;
  expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 600);
  d.label.size = 0;
  d.readback_count = 1;
  expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 600);
  const vy_readback wrong[3][2] = {
      {{1, 0, 0, 1}}, {{0, 0, 2, 1}}, {{0, 0, 0, 1}, {0, 0, 0, 1}}};
  for (uint32_t i = 0; i < 3; i++) {
    d.readbacks = wrong[i];
    d.readback_count = i == 2 ? 2 : 1;
    expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 620);
  }
  d.struct_size = 3;
  expect_code(f, vy_dispatch(p, &y, 1, &d, o, NULL, &f->diags), bad, 601);
  vy_timing t = VY_TIMING_INIT;
  t.struct_size = 1;
  expect_code(f, vy_dispatch(p, &y, 1, NULL, o, &t, &f->diags), bad, 601);
  assert_int_equal(counters(f).dispatches, 0);
}

static const struct CMUnitTest tests[] = {
    CASE(every_mix_of_kinds_is_equal),
    CASE(host_memory_has_any_alignment),
    CASE(lengths_are_never_stale),
    CASE(wrong_arguments_are_named),
    CASE(bool_scalars_are_0_or_1),
    CASE(resident_ranges),
    CASE(sized_reads_take_exactly_their_length),
    CASE(sizes_are_checked),
    CASE(sizes_use_each_other),
    CASE(overlaps),
    CASE(domains),
    CASE(options_are_checked),
};
GROUP(arguments);
