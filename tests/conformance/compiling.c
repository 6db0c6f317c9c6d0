// Compiling: identity, constants, the cache.
#include "conformance/conformance.h"

static const char scaled_text[] =
    "const k: u32 = 2u;\n"
    "program scaled(x: read u32[], y: write u32[len(x) * k]) {\n"
    "  lanes len(x);\n"
    "  y[lane] = k * x[lane];\n"
    "}\n";

static vy_pipeline *with_constant(fixture *f, vy_program *p, uint32_t k,
                                  uint32_t flags) {
  vy_const_value v = {vy_str_c("k"), k, VY_TYPE_U32, 0};
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  o.flags = flags;
  o.constants = &v;
  o.constant_count = 1;
  vy_pipeline *out = NULL;
  expect_ok(f, vy_compile(f->device, p, &o, &out, &f->diags));
  f->pipelines[f->pipeline_count++] = out;
  return out;
}

static void ids_tell_pipelines_apart(void **state) {
  fixture *f = *state;
  vy_program *p = make_program(f, scaled_text), *q = make_program(f, copy_text);
  vy_program *again = make_program(f, scaled_text);
  vy_pipeline *all[] = {with_constant(f, p, 2, 0), with_constant(f, p, 3, 0),
                        with_constant(f, p, 2, VY_COMPILE_STRICT),
                        with_constant(f, p, 2, VY_COMPILE_BUDGETED), NULL};
  expect_ok(f, vy_compile(f->device, q, NULL, &all[4], &f->diags));
  f->pipelines[f->pipeline_count++] = all[4];
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < i; j++)
      assert_string_not_equal(vy_pipeline_id(all[i]), vy_pipeline_id(all[j]));
  size_t name = strcspn(vy_pipeline_id(all[0]), ":");
  assert_int_equal(strlen(vy_pipeline_id(all[0])), name + 65);
  // A default given is the same; another program object with the same
  // meaning too; the pipeline object is even the same for the same program.
  vy_pipeline *plain = NULL, *other = with_constant(f, again, 2, 0);
  expect_ok(f, vy_compile(f->device, p, NULL, &plain, &f->diags));
  assert_ptr_equal(plain, all[0]);
  assert_string_equal(vy_pipeline_id(other), vy_pipeline_id(plain));
  vy_pipeline_release(plain);
  assert_int_equal(counters(f).compiles, 5);
  assert_ptr_equal(vy_pipeline_device(all[0]), f->device);
  vy_program_info info = VY_PROGRAM_INFO_INIT;
  assert_int_equal(vy_program_describe(vy_pipeline_program(all[0]), &info),
                   VY_OK);
  assert_int_equal(info.const_count, 0);
}

static void constants_are_fixed(void **state) {
  fixture *f = *state;
  vy_program *p = make_program(f, scaled_text);
  vy_outputs *o = make_outputs(f, 1);
  static const uint32_t x[2] = {5, 6};
  vy_arg args[2] = {HOST(x), vy_arg_none()};
  expect_ok(f, vy_dispatch(with_constant(f, p, 3, 0), args, 2, NULL, o, NULL,
                           &f->diags));
  expect_slot(o, 0, 15, 18, 0, 0, 0, 0);
  expect_ok(f, vy_run(f->device, p, NULL, args, 2, NULL, o, NULL, &f->diags));
  expect_slot(o, 0, 10, 12, 0, 0);
}

static void wrong_constants_are_named(void **state) {
  fixture *f = *state;
  vy_program *p = make_program(f, scaled_text);
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  const vy_const_value rows[][2] = {
      {{{"j", 1}, 3, VY_TYPE_U32, 0}},
      {{{NULL, 0}, 3, VY_TYPE_U32, 0}},
      {{{"k", 1}, 3, VY_TYPE_I32, 0}},
      {{{"k", 1}, 1ull << 32, VY_TYPE_U32, 0}},
      {{{"k", 1}, 3, VY_TYPE_U32, 0}, {{"k", 1}, 3, VY_TYPE_U32, 0}},
  };
  static const uint32_t codes[] = {625, 625, 626, 626, 626};
  vy_pipeline *out = NULL;
  for (int i = 0; i < 5; i++) {
    vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
    o.constants = rows[i];
    o.constant_count = i == 4 ? 2 : 1;
    expect_code(f, vy_compile(f->device, p, &o, &out, &f->diags), bad,
                codes[i]);
  }
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  o.flags = 4;
  expect_code(f, vy_compile(f->device, p, &o, &out, &f->diags), bad, 600);
  o.flags = 0;
  o.constant_count = 1;
  expect_code(f, vy_compile(f->device, p, &o, &out, &f->diags), bad, 600);
  o.struct_size = 1;
  expect_code(f, vy_compile(f->device, p, &o, &out, &f->diags), bad, 601);
  assert_null(out);
  assert_int_equal(counters(f).compiles, 0);
}

// What has code shows it, with the constants fixed; what has none says so.
static void code_is_shown(void **state) {
  fixture *f = *state;
  vy_program *p = make_program(f, scaled_text);
  vy_const_value v = {vy_str_c("k"), 123457, VY_TYPE_U32, 0};
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  o.constants = &v;
  o.constant_count = 1;
  size_t size = 0, again = 0;
  bool gpu = !strncmp(conformance_device, "cuda", 4);
  const char *target = gpu ? "ptx" : "llvm", *other = gpu ? "ptx" : "asm";
  if (!strcmp(conformance_device, "reference")) {
    expect_code(
        f, vy_device_emit(f->device, p, &o, "llvm", NULL, 0, &size, &f->diags),
        VY_ERROR_UNSUPPORTED, 802);
    return;
  }
  expect_ok(
      f, vy_device_emit(f->device, p, &o, target, NULL, 0, &size, &f->diags));
  char *text = malloc(size + 1);
  assert_non_null(text);
  memset(text, 0, size + 1);
  expect_code(f,
              vy_device_emit(f->device, p, &o, target, text, size - 1, &again,
                             &f->diags),
              VY_ERROR_OUTPUT_TOO_SMALL, 614);
  assert_int_equal(text[0], 0);
  expect_ok(f, vy_device_emit(f->device, p, &o, target, text, size, &again,
                              &f->diags));
  assert_int_equal(again, size);
  assert_non_null(strstr(text, gpu ? "vy_one" : "123457"));
  free(text);
  expect_ok(
      f, vy_device_emit(f->device, p, NULL, other, NULL, 0, &size, &f->diags));
  assert_true(gpu || size != again);
}

// The code for GPUs, of which none is needed.
static void ptx_needs_no_device(void **state) {
  fixture *f = *state;
  vy_program *p = make_program(f, scaled_text);
  char text[16384];
  size_t size = 0, again = 0;
  expect_ok(f, vy_device_emit(NULL, p, NULL, "ptx", NULL, 0, &size, &f->diags));
  assert_in_range(size, 1, sizeof text - 1);
  expect_ok(
      f, vy_device_emit(NULL, p, NULL, "ptx", text, size, &again, &f->diags));
  assert_int_equal(again, size);
  text[size] = 0;
  assert_non_null(strstr(text, "vy_one"));
}

static void emit_is_checked(void **state) {
  fixture *f = *state;
  vy_program *p = make_program(f, scaled_text);
  vy_const_value v = {vy_str_c("q"), 1, VY_TYPE_U32, 0};
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  size_t size = 0;
  o.constants = &v;
  o.constant_count = 1;
  expect_code(
      f, vy_device_emit(f->device, p, &o, "llvm", NULL, 0, &size, &f->diags),
      VY_ERROR_INVALID_ARGUMENT, 625);
  expect_code(
      f,
      vy_device_emit(f->device, p, NULL, "poetry", NULL, 0, &size, &f->diags),
      VY_ERROR_UNSUPPORTED, 802);
  expect_code(f,
              vy_device_emit(NULL, p, NULL, "llvm", NULL, 0, &size, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(
      f, vy_device_emit(f->device, p, NULL, NULL, NULL, 0, &size, &f->diags),
      VY_ERROR_INVALID_ARGUMENT, 600);
  expect_code(
      f, vy_device_emit(f->device, p, NULL, "llvm", NULL, 0, NULL, &f->diags),
      VY_ERROR_INVALID_ARGUMENT, 600);
}

static void equal_compiles_share(void **state) {
  fixture *f = *state;
  vy_program *p = make_program(f, copy_text);
  for (int k = 0; k < 5; k++) { // also when nobody holds it in between
    vy_pipeline *x = NULL;
    expect_ok(f, vy_compile(f->device, p, NULL, &x, &f->diags));
    vy_pipeline_release(x);
  }
  vy_counters c = counters(f);
  assert_int_equal(c.compiles, 1);
  assert_int_equal(c.cache_hits, 4);
}

// Shared code, each with its own lines.
static void positions_are_of_the_own_program(void **state) {
  fixture *f = *state;
  static const char one[] =
      "program p(y: write u32[1]) { lanes 1; y[7] = 1u; }";
  static const char other[] =
      "\n\nprogram p(y: write u32[1]) {\n lanes 1;\n y[7] = 1u; }";
  vy_pipeline *a = make_pipeline(f, one, VY_COMPILE_STRICT);
  vy_pipeline *b = make_pipeline(f, other, VY_COMPILE_STRICT);
  vy_outputs *o = make_outputs(f, 1);
  vy_arg none = vy_arg_none();
  assert_int_equal(counters(f).compiles, 1);
  for (int k = 0; k < 2; k++) {
    vy_status s = vy_dispatch(k ? b : a, &none, 1, NULL, o, NULL, &f->diags);
    assert_int_equal(f->records[0].line, k ? 5 : 1);
    expect_code(f, s, VY_ERROR_BOUNDS, 700);
  }
}

static void the_cache_is_bounded(void **state) {
  fixture *f = *state;
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.cache_entries = 2;
  desc.cache_path = "";
  vy_context *c = NULL;
  vy_device *d = NULL;
  vy_program *p = NULL;
  vy_pipeline *held = NULL, *x = NULL;
  vy_device_desc dd = VY_DEVICE_DESC_INIT;
  dd.name = vy_str_c(conformance_device);
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(scaled_text);
  expect_ok(f, vy_context_create(&desc, &c, &f->diags));
  expect_ok(f, vy_device_open(c, &dd, &d, &f->diags));
  expect_ok(f, vy_program_parse(c, &source, &p, &f->diags));
  vy_const_value v = {vy_str_c("k"), 1, VY_TYPE_U32, 0};
  vy_compile_options o = VY_COMPILE_OPTIONS_INIT;
  o.constants = &v;
  o.constant_count = 1;
  expect_ok(f, vy_compile(d, p, &o, &held, &f->diags)); // stays while in use
  static const struct {
    uint32_t k, compiles;
  } steps[] = {{2, 2}, {3, 3}, {1, 3}, {3, 3}, {2, 4}, {2, 4}, {3, 5}, {1, 5}};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    v.bits = steps[i].k;
    expect_ok(f, vy_compile(d, p, &o, &x, &f->diags));
    vy_pipeline_release(x);
    vy_counters n = VY_COUNTERS_INIT;
    assert_int_equal(vy_counters_read(c, &n), VY_OK);
    assert_int_equal(n.compiles, steps[i].compiles);
  }
  vy_pipeline_release(held);
  vy_program_release(p);
  vy_device_release(d);
  vy_context_release(c);
}

static const struct CMUnitTest tests[] = {
    CASE(ids_tell_pipelines_apart),
    CASE(constants_are_fixed),
    CASE(wrong_constants_are_named),
    CASE(equal_compiles_share),
    CASE(code_is_shown),
    CASE(ptx_needs_no_device),
    CASE(emit_is_checked),
    CASE(positions_are_of_the_own_program),
    CASE(the_cache_is_bounded),
};
GROUP(compiling);
