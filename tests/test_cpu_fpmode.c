// A host that flushes subnormals, rounds another way, computes with less
// precision or traps on float exceptions still gets the right bits from the
// cpu device, whichever thread computes them, and finds its own modes as they
// were. The right bits are the reference's, computed in the ordinary mode.
#include "conformance/conformance.h"

#if defined(__x86_64__)
#include <pthread.h>
#include <xmmintrin.h>

#include "support/operands.h"
#include "support/versus.h"

// Whole groups of 13: lanes past the end of one half of an output would write
// into the other, in no order.
enum { SMALL = 13, LARGE = 13 * 5041, HELPERS = 3, RESULTS = 17 };

// ---- modes

typedef struct modes {
  uint32_t mxcsr;
  uint16_t x87;
} modes;

static modes modes_now(void) {
  modes m;
  m.mxcsr = _mm_getcsr() & ~0x3fu; // without the flags
  __asm__ volatile("fnstcw %0" : "=m"(m.x87));
  return m;
}

static void modes_set(modes m) {
  _mm_setcsr(m.mxcsr);
  __asm__ volatile("fldcw %0" : : "m"(m.x87));
}

static bool modes_are(modes m) {
  const modes now = modes_now();
  return now.mxcsr == m.mxcsr && now.x87 == m.x87;
}

enum {
  ORDINARY = 0x1f80,
  DAZ = 1 << 6,
  FTZ = 1 << 15,
  DOWN = 1 << 13,
  UP = 2 << 13,
  TO_ZERO = 3 << 13,
  TRAPS = 0xe00, // masks of division by zero, overflow, underflow
  INVALID = 0x80,
};

static const modes odd[] = {
    {ORDINARY | DAZ | FTZ, 0x37f},
    {ORDINARY | DOWN, 0x77f},
    {ORDINARY | UP | DAZ, 0xb7f},
    {ORDINARY | TO_ZERO | FTZ, 0xf7f},
    {ORDINARY, 0x07f}, // 24 bits of precision
    {(ORDINARY & ~TRAPS & ~INVALID) | DAZ, 0x37f},
    {ORDINARY & ~INVALID, 0x37a},
};
enum { ODD = sizeof odd / sizeof *odd };

// ---- what is computed

// Of every kind: results that round, that are subnormal, that NaN and
// infinity make, that a compiler might compute itself.
static const char text[] =
    "program p(x: read f32[], z: read f64[], h: read f16[], n: u32,\n"
    "          y: write f32[], w: write f64[], i: write i32[],\n"
    "          k: write f16[len(x)]) {\n"
    "  lanes len(x);\n"
    "  let a = x[lane];\n"
    "  let b = x[(lane * 7 + 1) % len(x)];\n"
    "  let c = x[(lane * 13 + 5) % len(x)];\n"
    "  let d = z[lane];\n"
    "  let e = z[(lane * 7 + 1) % len(z)];\n"
    "  let f = z[(lane * 13 + 5) % len(z)];\n"
    "  let at = lane * 17;\n"
    "  y[at] = a + b;\n"
    "  y[at + 1] = a - b;\n"
    "  y[at + 2] = a * b;\n"
    "  y[at + 3] = a / b;\n"
    "  y[at + 4] = a % b;\n"
    "  y[at + 5] = sqrt(a);\n"
    "  y[at + 6] = fma(a, b, c);\n"
    "  y[at + 7] = f32(d);\n"
    "  y[at + 8] = f32(lane * 2654435761);\n"
    "  y[at + 9] = h[lane] + 0.1;\n"
    "  y[at + 10] = sqrt(2.0) + 1.0 / 3.0 + a;\n"
    "  y[at + 11] = f32(n) / 3.0;\n"
    "  y[at + 12] = round_even(a) + floor(b) + ceil(c) + trunc(b);\n"
    "  y[at + 13] = min(a, b) + max(b, c);\n"
    "  y[at + 14] = 1e-40 + 1e-41;\n"
    "  y[at + 15] = a * 0.1;\n"
    "  y[at + 16] = f32(u64(lane) * 0x9e3779b97f4a7c15);\n"
    "  w[at] = d + e;\n"
    "  w[at + 1] = d - e;\n"
    "  w[at + 2] = d * e;\n"
    "  w[at + 3] = d / e;\n"
    "  w[at + 4] = d % e;\n"
    "  w[at + 5] = sqrt(d);\n"
    "  w[at + 6] = fma(d, e, f);\n"
    "  w[at + 7] = f64(a);\n"
    "  w[at + 8] = f64(u64(lane) * 0x9e3779b97f4a7c15);\n"
    "  w[at + 9] = f64(i64(lane) * -0x1e3779b97f4a7c15);\n"
    "  w[at + 10] = sqrt(2.0) + 1.0 / 3.0 + d;\n"
    "  w[at + 11] = 5e-324 * 0.75;\n"
    "  i[at] = i32(a);\n"
    "  i[at + 1] = i32(d);\n"
    "  i[at + 2] = i32(a == b) + 2 * i32(a < b) + 4 * i32(a <= c);\n"
    "  i[at + 3] = i32(d == e) + 2 * i32(d < e) + 4 * i32(a != 0.0);\n"
    "  i[at + 4] = i32(bool(a)) + 2 * i32(isnan(a)) + 4 * i32(signbit(b));\n"
    "  if (a > b) { i[at + 5] = i32(a / b + sqrt(c)); }\n"
    "  var s = 0.0;\n"
    "  for t in 0u .. lane % 5 { s = fma(s, 0.3, x[(lane + t) % len(x)]); }\n"
    "  y[at + 14] += s;\n"
    "  k[lane] = a;\n"
    "}\n";

// The collectives' own arithmetic.
static const char group_text[] =
    "program p(x: read f32[], z: read f64[], h: read f16[], n: u32,\n"
    "          y: write f32[], w: write f64[], i: write i32[],\n"
    "          k: write f16[len(x)]) {\n"
    "  group 13;\n"
    "  groups (len(x) + 12) / 13;\n"
    "  y[lane] = group_reduce_add(x[lane]);\n"
    "  y[lane + n] = group_scan_incl_add(x[lane]) + "
    "group_reduce_min(x[lane]);\n"
    "  w[lane] = group_reduce_add(z[lane]);\n"
    "  w[lane + n] = group_scan_excl_add(z[lane]);\n"
    "  i[lane] = i32(group_any(x[lane] * x[lane] == 0.0));\n"
    "  k[lane] = group_shuffle(x[lane], local + 1) * 0.1;\n"
    "}\n";

typedef struct inputs {
  uint32_t n, x[LARGE];
  uint64_t z[LARGE];
  uint16_t h[LARGE];
} inputs;

static inputs in;

static void fill(uint32_t n) {
  uint64_t edges[OPERANDS_EDGES], wide[OPERANDS_EDGES], seed = 5;
  const size_t a = operands_edges(VY_TYPE_F32, false, edges),
               b = operands_edges(VY_TYPE_F64, false, wide);
  in.n = n;
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t at = n < 100 ? i * 23 : i; // some of each kind
    in.x[i] =
        (uint32_t)(at < a ? edges[at] : operands_random(VY_TYPE_F32, &seed));
    in.z[i] = at < b ? wide[at] : operands_random(VY_TYPE_F64, &seed);
    in.h[i] = (uint16_t)(at * 2654435761u >> 7);
  }
}

static size_t bind(vy_arg *args) {
  args[0] = vy_arg_host(in.x, in.n * 4);
  args[1] = vy_arg_host(in.z, in.n * 8);
  args[2] = vy_arg_host(in.h, in.n * 2);
  args[3] = vy_arg_u32(in.n);
  for (int i = 4; i < 7; i++)
    args[i] = vy_arg_length(RESULTS * in.n);
  args[7] = vy_arg_none();
  return 8;
}

static void expect_same(const vy_outputs *got, const vy_outputs *want) {
  for (uint32_t i = 0; i < 4; i++) {
    assert_int_equal(vy_outputs_size(got, i), vy_outputs_size(want, i));
    const unsigned char *g = vy_outputs_data(got, i),
                        *w = vy_outputs_data(want, i);
    for (uint64_t k = 0; k < vy_outputs_size(got, i); k++)
      if (g[k] != w[k])
        fail_msg("output %u differs in byte %llu: %#x, expected %#x", i,
                 (unsigned long long)k, g[k], w[k]);
  }
}

// ---- one device in one mode

typedef struct bench {
  fixture *f;
  vy_program *programs[2];
  vy_outputs *want[2];
} bench;

// Each of these may compile, so it is done in the odd mode too.
static void compute(bench *b, vy_device *d, uint32_t program,
                    vy_outputs *outputs, vy_outputs *prepared_outputs) {
  vy_arg args[8];
  const size_t n = bind(args);
  vy_pipeline *p = NULL;
  vy_prepared *prepared = NULL;
  vy_ticket *ticket = NULL;
  vy_diags *diags = &b->f->diags;
  expect_ok(b->f, vy_compile(d, b->programs[program], NULL, &p, diags));
  expect_ok(b->f, vy_dispatch(p, args, n, NULL, outputs, NULL, diags));
  expect_same(outputs, b->want[program]);
  vy_item item = {args, n, outputs};
  expect_ok(b->f, vy_submit(p, &item, 1, NULL, NULL, 0, &ticket, diags));
  expect_ok(b->f, vy_wait(ticket, UINT64_MAX, NULL, diags));
  expect_same(outputs, b->want[program]);
  expect_ok(b->f,
            vy_prepare(p, args, n, NULL, prepared_outputs, &prepared, diags));
  expect_ok(b->f, vy_prepared_run(prepared, NULL, diags));
  expect_same(prepared_outputs, b->want[program]);
  vy_prepared_release(prepared);
  vy_ticket_release(ticket);
  vy_pipeline_release(p);
}

// In all of them, the first of which is the one that compiles.
static void in_odd_modes(bench *b, const vy_device_desc *desc, uint32_t first) {
  vy_device *device = NULL;
  vy_outputs *o = NULL, *p = NULL;
  expect_ok(b->f, vy_outputs_create(b->f->context, 4, &o, &b->f->diags));
  expect_ok(b->f, vy_outputs_create(b->f->context, 4, &p, &b->f->diags));
  const modes ordinary = modes_now();
  for (uint32_t i = 0; i < ODD; i++) {
    const uint32_t k = (first + i) % ODD;
    modes_set(odd[k]);
    // A thread that is created inherits these.
    vy_status s = vy_device_open(b->f->context, desc, &device, &b->f->diags);
    expect_ok(b->f, s);
    for (uint32_t program = 0; program < 2; program++)
      compute(b, device, program, o, p);
    vy_device_release(device);
    const bool kept = modes_are(odd[k]);
    modes_set(ordinary);
    assert_true(kept);
  }
  vy_outputs_release(p);
  vy_outputs_release(o);
}

static void begin(bench *b, uint32_t n) {
  vy_arg args[8];
  fill(n);
  b->f = fixture_new("reference");
  const size_t count = bind(args);
  for (uint32_t k = 0; k < 2; k++) {
    b->programs[k] = make_program(b->f, k ? group_text : text);
    b->want[k] = make_outputs(b->f, 4);
    expect_ok(b->f, vy_run(b->f->device, b->programs[k], NULL, args, count,
                           NULL, b->want[k], NULL, &b->f->diags));
  }
}

static vy_device_desc describe(const versus_setting *s) {
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c(versus_device_name(s));
  d.vector_width = s->vector_width;
  d.threads = s->threads;
  d.cpu_features = versus_features(s);
  return d;
}

static void need_cpu(void) {
  if (!versus_has("cpu"))
    skip();
}

static void small_ones_inline(void **state) {
  (void)state;
  need_cpu();
  for (uint32_t k = 0; k < ODD; k++) {
    bench b; // with a cache of its own
    begin(&b, SMALL);
    const vy_device_desc d = describe(&versus_widths[k % VERSUS_WIDTHS]);
    in_odd_modes(&b, &d, k);
    fixture_free(b.f);
  }
}

static void large_ones_on_threads(void **state) {
  (void)state;
  need_cpu();
  bench b;
  begin(&b, LARGE);
  for (uint32_t threads = 1; threads <= 4; threads += 3) {
    const versus_setting s = {"cpu", 0, threads, threads == 4};
    const vy_device_desc d = describe(&s);
    in_odd_modes(&b, &d, threads);
  }
  fixture_free(b.f);
}

// ---- the host's own threads, each in a mode of its own

typedef struct loop {
  void (*body)(void *data, uint64_t index);
  void *data;
  uint64_t count;
  _Atomic uint64_t next;
  _Atomic uint32_t changed; // threads whose mode was not kept
} loop;

typedef struct helper {
  loop *l;
  modes mode;
} helper;

static void take(loop *l) {
  for (uint64_t i; (i = atomic_fetch_add(&l->next, 1)) < l->count;)
    l->body(l->data, i);
}

static void *help(void *user) {
  helper *h = user;
  modes_set(h->mode);
  take(h->l);
  h->l->changed += !modes_are(h->mode);
  return NULL;
}

typedef struct host {
  _Atomic uint32_t loops, changed;
} host;

static void parallel(void *user, uint64_t count,
                     void (*body)(void *data, uint64_t index), void *data) {
  host *h = user;
  loop l = {.body = body, .data = data, .count = count};
  helper helpers[HELPERS];
  pthread_t threads[HELPERS];
  bool started[HELPERS];
  for (int i = 0; i < HELPERS; i++) {
    helpers[i] = (helper){&l, odd[i]};
    started[i] = !pthread_create(&threads[i], NULL, help, &helpers[i]);
  }
  take(&l);
  for (int i = 0; i < HELPERS; i++)
    if (started[i])
      pthread_join(threads[i], NULL);
  h->loops++;
  h->changed += l.changed;
}

static void large_ones_on_the_hosts_threads(void **state) {
  (void)state;
  need_cpu();
  bench b;
  begin(&b, LARGE);
  host h = {0};
  const versus_setting s = {"cpu", 0, 4, 0};
  vy_device_desc d = describe(&s);
  d.parallel_for = parallel;
  d.parallel_user = &h;
  in_odd_modes(&b, &d, 0);
  fixture_free(b.f);
  if (!strcmp(versus_device_name(&s), "cpu"))
    assert_true(h.loops > 0);
  assert_int_equal(h.changed, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_ones_inline),
      cmocka_unit_test(large_ones_on_threads),
      cmocka_unit_test(large_ones_on_the_hosts_threads),
  };
  int missing = versus_missing("cpu");
  return missing ? missing
                 : cmocka_run_group_tests_name("cpu float modes", tests, NULL,
                                               NULL);
}
#else
int main(void) { return 0; } // no float modes that we know how to set
#endif
