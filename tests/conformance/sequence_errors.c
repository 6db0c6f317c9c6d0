// What a sequence refuses, when, and that nothing is written then.
#include "conformance/sequence.h"

static const uint32_t x4[4] = {1, 2, 3, 4};
static const uint32_t y4[4] = {10, 20, 30, 40};

static void expect_item(fixture *f, uint32_t record, uint32_t item) {
  assert_true(f->diags.count > record);
  assert_int_equal(f->records[record].item, item);
}

// Recording goes on after a mistake; all are told at the end.
static void recording_is_checked(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_sequence *s = make_sequence(f);
  vy_buffer b = make_buffer(f, x4, 16);
  vy_arg args[2] = {vy_arg_buffer(b), vy_arg_binding(VY_SEQUENCE_MAX_BINDINGS)};
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.budget = 5;
  assert_int_equal(vy_sequence_fill(s, args[0], 0), 0);
  assert_int_equal(vy_sequence_dispatch(s, NULL, args, 2, NULL, 0), -1);
  assert_int_equal(vy_sequence_dispatch(s, p, args, 1, NULL, 0), -1);
  assert_int_equal(vy_sequence_dispatch(s, p, NULL, 2, NULL, 0), -1);
  assert_int_equal(vy_sequence_dispatch(s, p, args, 2, NULL, 0), -1);
  args[1] = vy_arg_none();
  assert_int_equal(vy_sequence_dispatch(s, p, args, 2, NULL, -2), -1);
  assert_int_equal(vy_sequence_dispatch(s, p, args, 2, &o, 0), -1);
  assert_int_equal(vy_sequence_copy(s, args[0], vy_arg_u32(1)), -1);
  assert_int_equal(vy_sequence_repeat_end(s), -1);
  assert_int_equal(vy_sequence_repeat_begin(s, args[0], 1), 1);
  vy_status status = vy_sequence_finish(s, &f->diags);
  static const uint32_t codes[] = {600, 602, 600, 629, 600, 619, 603, 627};
  assert_int_equal(status, VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(f->diags.errors, 9);
  for (uint32_t i = 0; i < 8; i++) {
    assert_int_equal(f->records[i].code, codes[i]);
    expect_item(f, i, i + 1); // the number of the call
  }
  expect_code(f, status, VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(f, vy_sequence_replay(s, NULL, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 627);
  expect_code(f, vy_sequence_finish(s, &f->diags), VY_ERROR_INVALID_ARGUMENT,
              627);
  assert_int_equal(vy_sequence_passes(s, 1, NULL, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  vy_sequence_release(s);
  drop_buffer(f, b);
}

static void repeats_are_nested(void **state) {
  fixture *f = *state;
  vy_buffer b = make_buffer(f, x4, 16);
  vy_sequence *s = make_sequence(f);
  for (int i = 0; i < VY_SEQUENCE_MAX_NESTING; i++)
    assert_int_equal(vy_sequence_repeat_begin(s, vy_arg_buffer(b), 1), i);
  assert_int_equal(vy_sequence_repeat_begin(s, vy_arg_buffer(b), 1), -1);
  expect_code(f, vy_sequence_finish(s, &f->diags), VY_ERROR_INVALID_ARGUMENT,
              630);
  vy_sequence_release(s);
  s = make_sequence(f);
  (void)vy_sequence_repeat_begin(s, vy_arg_buffer(b), 1);
  vy_status status = vy_sequence_finish(s, &f->diags);
  expect_item(f, 0, 0);
  expect_code(f, status, VY_ERROR_INVALID_ARGUMENT, 627);
  vy_sequence_release(s);
  // A repeat that could not begin is one mistake, wherever its end is.
  s = make_sequence(f);
  assert_int_equal(vy_sequence_repeat_begin(s, vy_arg_buffer(b), 1), 0);
  assert_int_equal(vy_sequence_repeat_begin(s, vy_arg_u32(1), 1), -1);
  assert_int_equal(vy_sequence_fill(s, vy_arg_buffer(b), 1), 1);
  assert_int_equal(vy_sequence_repeat_end(s), -1);
  assert_int_equal(vy_sequence_repeat_end(s), 2);
  assert_int_equal(vy_sequence_repeat_begin(s, vy_arg_buffer(b), 1), 3);
  status = vy_sequence_finish(s, &f->diags);
  assert_int_equal(f->diags.count, 2);
  expect_item(f, 0, 1);
  expect_item(f, 1, 5);
  expect_code(f, status, VY_ERROR_INVALID_ARGUMENT, 603);
  vy_sequence_release(s);
  drop_buffer(f, b);
}

static void order_of_calls(void **state) {
  fixture *f = *state;
  vy_buffer b = make_buffer(f, x4, 16);
  vy_sequence *s = make_sequence(f);
  vy_ticket *t = NULL;
  expect_code(f, vy_sequence_replay(s, NULL, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 627);
  (void)vy_sequence_fill(s, vy_arg_buffer(b), 0);
  expect_ok(f, vy_sequence_finish(s, &f->diags));
  expect_ok(f, vy_sequence_replay(s, NULL, NULL, &f->diags));
  assert_int_equal(vy_sequence_passes(s, 0, NULL, NULL),
                   VY_ERROR_INVALID_ARGUMENT); // no repeat
  assert_int_equal(vy_sequence_passes(s, 9, NULL, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_sequence_fill(s, vy_arg_buffer(b), 1), -1);
  expect_code(f, vy_sequence_replay(s, NULL, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 627);
  expect_code(f, vy_sequence_submit(s, NULL, NULL, 0, &t, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 627);
  vy_sequence_release(s);
  drop_buffer(f, b);
}

static void null_arguments(void **state) {
  fixture *f = *state;
  vy_sequence *s = NULL;
  expect_code(f, vy_sequence_create(NULL, &s, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(f, vy_sequence_create(f->device, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(f, vy_sequence_finish(NULL, &f->diags), VY_ERROR_INVALID_ARGUMENT,
              600);
  expect_code(f, vy_sequence_replay(NULL, NULL, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(f, vy_sequence_submit(NULL, NULL, NULL, 0, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 600);
  assert_int_equal(vy_sequence_repeat_end(NULL), -1);
  assert_int_equal(vy_sequence_fill(NULL, vy_arg_none(), 0), -1);
  assert_int_equal(vy_sequence_passes(NULL, 0, NULL, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_null(vy_sequence_retain(NULL));
}

// ---- at the replay

typedef struct two {
  vy_sequence *s; // a fill of `first`, then binding 0 + 1 -> binding 1
  vy_buffer first, y;
} two;

static two make_two(fixture *f) {
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  two w = {make_sequence(f), make_buffer(f, x4, 16), make_buffer(f, y4, 16)};
  vy_arg args[3] = {vy_arg_u32(1), vy_arg_binding(0), vy_arg_binding(1)};
  (void)vy_sequence_fill(w.s, vy_arg_buffer(w.first), 0);
  (void)vy_sequence_dispatch(w.s, p, args, 3, NULL, 0);
  expect_ok(f, vy_sequence_finish(w.s, &f->diags));
  return w;
}

static void drop_two(fixture *f, const two *w) {
  vy_sequence_release(w->s);
  drop_buffer(f, w->first);
  drop_buffer(f, w->y);
}

// Step 1 fails with `code`, and step 0 has not run.
static void refuse(fixture *f, const two *w, vy_arg x, vy_arg y, vy_outputs *o,
                   vy_status want, uint32_t code) {
  vy_arg args[2] = {x, y};
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = args;
  b.arg_count = 2;
  b.outputs = &o;
  b.output_count = 1;
  vy_status s = vy_sequence_replay(w->s, &b, NULL, &f->diags);
  expect_item(f, 0, 1);
  expect_code(f, s, want, code);
  expect_buffer(f, w->first, 1, 2, 3, 4);
}

static void arguments_are_checked(void **state) {
  fixture *f = *state;
  const vy_status invalid = VY_ERROR_INVALID_ARGUMENT;
  two w = make_two(f);
  vy_buffer y = w.y, gone = make_buffer(f, x4, 16);
  drop_buffer(f, gone);
  refuse(f, &w, vy_arg_u32(1), vy_arg_buffer(y), NULL, invalid, 603);
  refuse(f, &w, vy_arg_binding(0), vy_arg_buffer(y), NULL, invalid, 629);
  refuse(f, &w, vy_arg_host(x4, 7), vy_arg_buffer(y), NULL, invalid, 605);
  refuse(f, &w, vy_arg_host(NULL, 8), vy_arg_buffer(y), NULL, invalid, 606);
  refuse(f, &w, HOST(x4), vy_arg_range(y, 8, 8), NULL, invalid, 607);
  refuse(f, &w, HOST(x4), vy_arg_range(y, 0, 20), NULL, invalid, 606);
  refuse(f, &w, vy_arg_buffer(y), vy_arg_buffer(y), NULL, invalid, 612);
  refuse(f, &w, vy_arg_buffer(gone), vy_arg_buffer(y), NULL,
         VY_ERROR_STALE_HANDLE, 613);
  refuse(f, &w, HOST(x4), HOST(y4), NULL, invalid, 617);
  vy_outputs *wrong = make_outputs(f, 2), *small = make_outputs(f, 1);
  uint32_t memory[2];
  assert_int_equal(vy_outputs_set(small, 0, VY_SLOT_MEMORY, memory, 8), VY_OK);
  refuse(f, &w, HOST(x4), HOST(y4), wrong, invalid, 616);
  refuse(f, &w, HOST(x4), HOST(y4), small, VY_ERROR_OUTPUT_TOO_SMALL, 614);
  vy_bindings b = VY_BINDINGS_INIT;
  expect_code(f, vy_sequence_replay(w.s, NULL, NULL, &f->diags), invalid, 629);
  b.arg_count = 2;
  expect_code(f, vy_sequence_replay(w.s, &b, NULL, &f->diags), invalid, 600);
  vy_arg args[2] = {HOST(x4), vy_arg_buffer(y)};
  b.args = args;
  expect_code(f, vy_sequence_replay(w.s, &b, NULL, &f->diags), invalid, 629);
  b.output_count = 1;
  expect_code(f, vy_sequence_replay(w.s, &b, NULL, &f->diags), invalid, 600);
  vy_outputs *none = NULL;
  b.outputs = &none; // all is right at last
  expect_ok(f, vy_sequence_replay(w.s, &b, NULL, &f->diags));
  expect_buffer(f, w.first, 0, 0, 0, 0);
  expect_buffer(f, y, 11, 22, 33, 44);
  b.struct_size = 3;
  expect_code(f, vy_sequence_replay(w.s, &b, NULL, &f->diags), invalid, 601);
  drop_two(f, &w);
}

// A replay that was refused leaves nothing behind that the next one sees.
static void refused_bindings_are_forgotten(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  vy_buffer a = make_buffer(f, NULL, 16), b = make_buffer(f, NULL, 16);
  vy_sequence *s = make_sequence(f);
  vy_arg to_a[2] = {vy_arg_binding(0), vy_arg_buffer(a)};
  vy_arg to_b[2] = {vy_arg_binding(1), vy_arg_buffer(b)};
  (void)vy_sequence_dispatch(s, p, to_a, 2, NULL, VY_SEQUENCE_NONE);
  (void)vy_sequence_dispatch(s, p, to_b, 2, NULL, VY_SEQUENCE_NONE);
  expect_ok(f, vy_sequence_finish(s, &f->diags));
  vy_bindings bindings = VY_BINDINGS_INIT;
  vy_arg right[2] = {HOST(x4), HOST(x4)};
  vy_arg wrong[2] = {HOST(y4), vy_arg_u32(1)};
  bindings.arg_count = 2;
  for (int k = 0; k < 3; k++) {
    bindings.args = right;
    expect_ok(f, vy_sequence_replay(s, &bindings, NULL, &f->diags));
    expect_buffer(f, a, 1, 2, 3, 4);
    bindings.args = wrong;
    expect_code(f, vy_sequence_replay(s, &bindings, NULL, &f->diags),
                VY_ERROR_INVALID_ARGUMENT, 603);
  }
  drop_buffer(f, a); // a constant of the sequence
  bindings.args = right;
  vy_status status = vy_sequence_replay(s, &bindings, NULL, &f->diags);
  expect_item(f, 0, 0);
  expect_code(f, status, VY_ERROR_STALE_HANDLE, 613);
  vy_sequence_release(s);
  drop_buffer(f, b);
}

static void ranges_are_checked(void **state) {
  fixture *f = *state;
  vy_buffer a = make_buffer(f, x4, 16);
  vy_arg whole = vy_arg_buffer(a);
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  struct {
    vy_arg from, to;
    uint32_t code;
  } copies[] = {
      {whole, whole, 612},
      {vy_arg_range(a, 0, 8), vy_arg_range(a, 7, 8), 612},
      {vy_arg_range(a, 0, 8), vy_arg_range(a, 8, 7), 605},
      {vy_arg_range(a, 0, 8), vy_arg_range(a, 9, 8), 606},
      {vy_arg_range(a, 17, UINT64_MAX), vy_arg_range(a, 8, 8), 606},
      {vy_arg_binding(0), vy_arg_range(a, 8, 8), 603},
      {vy_arg_binding_range(0, 0, 4), vy_arg_range(a, 8, 4), 629},
      {vy_arg_binding_range(1, 4, 8), vy_arg_range(a, 8, 8), 606},
  };
  vy_bindings b = VY_BINDINGS_INIT;
  vy_arg args[2] = {vy_arg_u32(1), vy_arg_range(a, 0, 8)};
  b.args = args;
  b.arg_count = 2;
  for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++) {
    vy_sequence *s = make_sequence(f);
    (void)vy_sequence_copy(s, copies[i].from, copies[i].to);
    expect_ok(f, vy_sequence_finish(s, &f->diags));
    expect_code(f, vy_sequence_replay(s, &b, NULL, &f->diags),
                VY_ERROR_INVALID_ARGUMENT, copies[i].code);
    vy_sequence_release(s);
  }
  struct {
    vy_arg element;
    uint32_t code;
  } elements[] = {{vy_arg_range(a, 2, 4), 607},
                  {vy_arg_range(a, 12, 3), 605},
                  {vy_arg_range(a, 16, UINT64_MAX), 605},
                  {vy_arg_range(a, 16, 4), 606},
                  {vy_arg_binding(0), 603}};
  for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
    vy_sequence *s = make_sequence(f), *counted = make_sequence(f);
    vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
    vy_buffer y = make_buffer(f, NULL, 16);
    vy_arg arg = vy_arg_buffer(y);
    o.count = elements[i].element;
    (void)vy_sequence_repeat_begin(s, elements[i].element, 3);
    (void)vy_sequence_repeat_end(s);
    (void)vy_sequence_dispatch(counted, p, &arg, 1, &o, VY_SEQUENCE_NONE);
    expect_ok(f, vy_sequence_finish(s, &f->diags));
    expect_ok(f, vy_sequence_finish(counted, &f->diags));
    expect_code(f, vy_sequence_replay(s, &b, NULL, &f->diags),
                VY_ERROR_INVALID_ARGUMENT, elements[i].code);
    expect_code(f, vy_sequence_replay(counted, &b, NULL, &f->diags),
                VY_ERROR_INVALID_ARGUMENT, elements[i].code);
    expect_code(f, vy_dispatch(p, &arg, 1, &o, NULL, NULL, &f->diags),
                VY_ERROR_INVALID_ARGUMENT, elements[i].code);
    vy_sequence_release(s);
    vy_sequence_release(counted);
    drop_buffer(f, y);
  }
  expect_buffer(f, a, 1, 2, 3, 4);
  drop_buffer(f, a);
}

static void a_count_is_not_written(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  uint32_t data[8] = {1, 2, 3, 4, 0};
  vy_buffer a = make_buffer(f, data, 32);
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  vy_arg arg = vy_arg_range(a, 0, 16);
  o.count = vy_arg_range(a, 12, 4);
  expect_code(f, vy_dispatch(p, &arg, 1, &o, NULL, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 612);
  o.count = vy_arg_range(a, 16, 4); // beside it: zero
  expect_ok(f, vy_dispatch(p, &arg, 1, &o, NULL, NULL, &f->diags));
  expect_buffer(f, a, 0, 0, 0, 0);
  drop_buffer(f, a);
}

// ---- host memory of different steps

static void host_memory_is_not_passed_on(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o[2] = {make_outputs(f, 1), make_outputs(f, 1)};
  uint32_t m[8] = {0}, y[4] = {0};
  vy_sequence *s = make_sequence(f);
  vy_arg args[3] = {vy_arg_u32(1), vy_arg_binding(0), vy_arg_binding(1)};
  vy_arg args2[3] = {vy_arg_u32(1), vy_arg_binding(2), vy_arg_binding(3)};
  (void)vy_sequence_dispatch(s, p, args, 3, NULL, 0);
  (void)vy_sequence_dispatch(s, p, args2, 3, NULL, 1);
  expect_ok(f, vy_sequence_finish(s, &f->diags));
  vy_arg table[4] = {HOST(x4), HOST(y4), vy_arg_host(m + 3, 16), HOST(y4)};
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = table;
  b.arg_count = 4;
  b.outputs = o;
  b.output_count = 2;
  assert_int_equal(vy_outputs_set(o[0], 0, VY_SLOT_MEMORY, m, 16), VY_OK);
  vy_status status = vy_sequence_replay(s, &b, NULL, &f->diags);
  expect_item(f, 0, 1);
  expect_code(f, status, VY_ERROR_INVALID_ARGUMENT, 612);
  table[2] = vy_arg_host(m + 4, 16); // beside it
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  expect_slot(o[0], 0, 11, 22, 33, 44);
  // Two slots in one place.
  assert_int_equal(vy_outputs_set(o[1], 0, VY_SLOT_MEMORY, m + 2, 16), VY_OK);
  expect_code(f, vy_sequence_replay(s, &b, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 612);
  // An `update` in place.
  assert_int_equal(vy_outputs_set(o[1], 0, VY_SLOT_MEMORY, y, 16), VY_OK);
  table[3] = HOST(y);
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  // One object for two steps.
  o[1] = o[0];
  status = vy_sequence_replay(s, &b, NULL, &f->diags);
  expect_item(f, 0, 1);
  expect_code(f, status, VY_ERROR_BUSY, 618);
  vy_sequence_release(s);
}

static void no_update_in_place_in_a_repeat(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, saxpy_text, 0);
  vy_outputs *o = make_outputs(f, 1);
  vy_buffer n = make_buffer(f, NULL, 4);
  uint32_t y[4] = {1, 1, 1, 1}, slot[4];
  vy_sequence *s = make_sequence(f);
  vy_arg args[3] = {vy_arg_u32(1), HOST(x4), HOST(y)};
  (void)vy_sequence_repeat_begin(s, vy_arg_buffer(n), 3);
  (void)vy_sequence_dispatch(s, p, args, 3, NULL, 0);
  (void)vy_sequence_repeat_end(s);
  expect_ok(f, vy_sequence_finish(s, &f->diags));
  vy_bindings b = VY_BINDINGS_INIT;
  b.outputs = &o;
  b.output_count = 1;
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, y, 16), VY_OK);
  expect_code(f, vy_sequence_replay(s, &b, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 612);
  assert_int_equal(vy_outputs_set(o, 0, VY_SLOT_MEMORY, slot, 16), VY_OK);
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  expect_slot(o, 0, 2, 3, 4, 5);
  vy_sequence_release(s);
  drop_buffer(f, n);
}

// ---- while running

static void a_failing_step_is_named(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f,
                                 "program pick(i: u32, x: read u32[],\n"
                                 "             y: write u32[1]) {\n"
                                 "  lanes 1;\n"
                                 "  y[lane] = x[i];\n"
                                 "}\n",
                                 VY_COMPILE_STRICT);
  vy_outputs *o[2] = {make_outputs(f, 1), make_outputs(f, 1)};
  vy_sequence *s = make_sequence(f);
  vy_arg args[3] = {vy_arg_binding(0), HOST(x4), vy_arg_none()};
  vy_dispatch_options options = VY_DISPATCH_OPTIONS_INIT;
  (void)vy_sequence_dispatch(
      s, p, (vy_arg[]){vy_arg_u32(1), HOST(x4), vy_arg_none()}, 3, NULL, 0);
  char label[] = "the second";
  options.label = vy_str_c(label);
  (void)vy_sequence_dispatch(s, p, args, 3, &options, 1);
  memset(label, 'x', sizeof label - 1); // it was copied
  expect_ok(f, vy_sequence_finish(s, &f->diags));
  vy_arg index = vy_arg_u32(3);
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = &index;
  b.arg_count = 1;
  b.outputs = o;
  b.output_count = 2;
  vy_ticket *t = NULL;
  for (int k = 0; k < 2; k++) {
    index = vy_arg_u32(3);
    expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
    expect_slot(o[0], 0, 2);
    expect_slot(o[1], 0, 4);
    index = vy_arg_u32(4);
    vy_status status = vy_sequence_replay(s, &b, NULL, &f->diags);
    expect_item(f, 0, 1);
    expect_says(f, "lane 0 in dispatch 'the second': index 4");
    expect_code(f, status, VY_ERROR_BOUNDS, 700);
    assert_int_equal(vy_outputs_size(o[0], 0), 0);
    assert_null(vy_outputs_data(o[1], 0));
  }
  // A ticket keeps what it has to say.
  expect_ok(f, vy_sequence_submit(s, &b, NULL, 0, &t, &f->diags));
  assert_int_equal(vy_wait(t, UINT64_MAX, NULL, NULL), VY_ERROR_BOUNDS);
  index = vy_arg_u32(0);
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  vy_sequence_release(s);
  for (int k = 0; k < 2; k++) {
    vy_status status = vy_wait(t, 0, NULL, &f->diags);
    expect_item(f, 0, 1);
    expect_says(f, "in dispatch 'the second': index 4 of buffer 'x'");
    expect_code(f, status, VY_ERROR_BOUNDS, 700);
  }
  vy_ticket_release(t);
}

// A readback range that turns out wrong after the run.
static void late_ranges_can_fail(void **state) {
  fixture *f = *state;
  vy_pipeline *p =
      make_pipeline(f,
                    "program late(x: read u32[], n: write u32[2],\n"
                    "             y: write u32[len(x)] readback [n[0], n[1])) "
                    "{\n"
                    "  lanes len(x);\n"
                    "  y[lane] = lane * 10;\n"
                    "  if (lane < 2) { n[lane] = x[lane]; }\n"
                    "}\n",
                    0);
  vy_outputs *o[2] = {make_outputs(f, 2), make_outputs(f, 2)};
  vy_sequence *s = make_sequence(f);
  vy_arg args[3] = {HOST(x4), vy_arg_none(), vy_arg_none()};
  (void)vy_sequence_dispatch(s, p, args, 3, NULL, 0);
  args[0] = vy_arg_binding(0);
  (void)vy_sequence_dispatch(s, p, args, 3, NULL, 1);
  expect_ok(f, vy_sequence_finish(s, &f->diags));
  uint32_t range[4] = {2, 4};
  vy_arg binding = HOST(range);
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = &binding;
  b.arg_count = 1;
  b.outputs = o;
  b.output_count = 2;
  expect_ok(f, vy_sequence_replay(s, &b, NULL, &f->diags));
  expect_slot(o[0], 1, 10);
  expect_slot(o[1], 1, 20, 30);
  range[1] = 1;
  vy_status status = vy_sequence_replay(s, &b, NULL, &f->diags);
  expect_item(f, 0, 1);
  expect_says(f, "output 'y': its readback range");
  expect_code(f, status, VY_ERROR_DISPATCH_FAILED, 702);
  for (int k = 0; k < 2; k++)
    assert_int_equal(vy_outputs_size(o[k], 0) + vy_outputs_size(o[k], 1), 0);
  vy_sequence_release(s);
}

static void bindings_are_for_sequences(void **state) {
  fixture *f = *state;
  vy_pipeline *p = make_pipeline(f, bump_text, 0);
  vy_arg arg = vy_arg_binding(0), length = vy_arg_length(1);
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  expect_code(f, vy_dispatch(p, &arg, 1, NULL, NULL, NULL, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 603);
  o.count = arg;
  expect_code(
      f, vy_dispatch(p, &length, 1, &o, make_outputs(f, 1), NULL, &f->diags),
      VY_ERROR_INVALID_ARGUMENT, 603);
  o.count = vy_arg_buffer((vy_buffer){0});
  expect_code(
      f, vy_dispatch(p, &length, 1, &o, make_outputs(f, 1), NULL, &f->diags),
      VY_ERROR_STALE_HANDLE, 613);
  vy_check_report report = VY_CHECK_REPORT_INIT;
  expect_code(f,
              vy_check(f->context, f->programs[0], NULL, &length, 1, &o,
                       &report, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 603);
}

static const struct CMUnitTest tests[] = {
    CASE(recording_is_checked),
    CASE(repeats_are_nested),
    CASE(order_of_calls),
    CASE(null_arguments),
    CASE(arguments_are_checked),
    CASE(refused_bindings_are_forgotten),
    CASE(ranges_are_checked),
    CASE(a_count_is_not_written),
    CASE(host_memory_is_not_passed_on),
    CASE(no_update_in_place_in_a_repeat),
    CASE(a_failing_step_is_named),
    CASE(late_ranges_can_fail),
    CASE(bindings_are_for_sequences),
};
GROUP(sequence_errors);
