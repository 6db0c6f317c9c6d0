// Random programs that store all, or nearly all, of an output: what the device
// finds of that decides whether the buffer is zeroed before, and the buffer
// holds something else. Against the reference device.
#include "conformance/conformance.h"

enum { PROGRAMS = 150, DISPATCHES = 4, WORDS = 72 };

typedef struct world {
  fixture *f;
  uint64_t seed;
  vy_device *reference;
  vy_buffer ours, theirs; // on the device, on the reference
  char text[1024];
  size_t size;
  uint32_t group; // lanes; 0: none
  bool rows;      // of two dimensions
} world;

static uint32_t draw(world *w, uint32_t below) {
  w->seed = w->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
  return (uint32_t)(w->seed >> 33) % below;
}

#define PICK(w, list) (list)[draw(w, sizeof(list) / sizeof *(list))]

static void say(world *w, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(w->text + w->size, sizeof w->text - w->size, format, args);
  va_end(args);
  assert_true(n >= 0 && w->size + (size_t)n < sizeof w->text);
  w->size += (size_t)n;
}

// ---- programs

static const char *domain(world *w) {
  static const char *const lanes[] = {
      "len(y)",           "len(x)",           "n",
      "len(y) / 2",       "(len(y) + 1) / 2", "(len(y) + 2) / 3",
      "(len(y) + 3) / 4", "len(y) / 4",       "len(y) + 3"};
  return PICK(w, lanes);
}

static const char *bound(world *w) {
  static const char *const bounds[] = {
      "len(y)",      "len(x)",      "n",         "len(y) / 2u",
      "len(y) / 4u", "num_lanes.x", "num_lanes", "5u"};
  return w->rows ? "len(y)" : PICK(w, bounds);
}

static const char *index_of(world *w) {
  static const char *const one[] = {"lane",
                                    "lane",
                                    "lane * 2u",
                                    "lane * 2u + 1u",
                                    "1u + 2u * lane",
                                    "(lane << 1u)",
                                    "(lane << 1u) + 1u",
                                    "lane * 3u",
                                    "lane * 3u + 1u",
                                    "lane * 3u + 2u",
                                    "lane * 4u",
                                    "lane * 4u + 1u",
                                    "lane * 4u + 2u",
                                    "lane * 4u + 3u",
                                    "u64(lane)",
                                    "u64(lane * 2u + 1u)"};
  static const char *const two[] = {
      "lane.y * n + lane.x", "lane.y * num_lanes.x + lane.x",
      "lane.x + (lane.y << 3u)", "u64(lane.y * n) + u64(lane.x)"};
  static const char *const of_group[] = {"group_id", "group_id", "lane",
                                         "lane * 2u", "lane * 2u + 1u"};
  if (w->rows)
    return PICK(w, two);
  return w->group ? PICK(w, of_group) : PICK(w, one);
}

// Element `at` of y becomes what only it decides: lanes may meet there.
static void put(world *w, const char *at) {
  say(w, "y[%s] = u32(%s) * 5u + n; ", at, at);
}

static void put_if(world *w, const char *what, const char *below,
                   const char *at) {
  say(w, "  if (%s < %s) { ", what, below);
  put(w, at);
  say(w, "}\n");
}

static void store(world *w) {
  const char *at = index_of(w);
  bool wide = strncmp(at, "u64", 3) == 0;
  switch (draw(w, 6)) {
  case 0:
    put_if(w, w->rows ? "lane.x" : "lane", w->rows ? "n" : bound(w), at);
    return;
  case 1:
    put_if(w, at, wide ? "len64(y)" : bound(w), at);
    return;
  case 2:
    say(w, "  if (x[0] > n) { ");
    put(w, at);
    say(w, "} else { ");
    put(w, at);
    say(w, "}\n");
    return;
  case 3:
    if (w->group)
      put_if(w, "local", "1u", at);
    else
      say(w, "  if (x[%u] == 3u) { return; }\n", draw(w, 3));
    return;
  case 4:
    if (w->group) {
      say(w, "  if (local == 0u) { ");
      put(w, at);
      say(w, "}\n");
      return;
    }
    break;
  default:
    break;
  }
  say(w, "  ");
  put(w, at);
  say(w, "\n");
}

// Stores of neighbours together, as lanes that do several elements do.
static void run_of_stores(world *w) {
  uint32_t each = 2 + draw(w, 3), left_out = draw(w, 3 * each);
  bool guarded = draw(w, 2);
  for (uint32_t k = 0; k < each; k++) {
    char at[32];
    snprintf(at, sizeof at, "lane * %uu + %uu", each, k);
    if (k == left_out)
      continue;
    if (guarded) {
      put_if(w, at, "len(y)", at);
    } else {
      say(w, "  ");
      put(w, at);
      say(w, "\n");
    }
  }
}

static void make_text(world *w) {
  static const uint32_t sizes[] = {4, 8, 32};
  w->size = 0;
  w->rows = draw(w, 4) == 0;
  w->group = !w->rows && draw(w, 3) == 0 ? PICK(w, sizes) : 0;
  say(w, "program p(n: u32, x: read u32[], y: write u32[]) {\n");
  if (w->group)
    say(w, "  group %u;\n", w->group);
  if (w->rows)
    say(w, "  lanes n, %s;\n", draw(w, 2) ? "(len(y) + 7) / 8" : "5");
  else
    say(w, "  %s %s;\n", w->group ? "groups" : "lanes", domain(w));
  if (!w->rows && !w->group && draw(w, 3) == 0)
    run_of_stores(w);
  else
    for (uint32_t k = 1 + draw(w, 4); k-- > 0;)
      store(w);
  say(w, "}\n");
}

// ---- running

static vy_pipeline *compile(world *w, vy_device *d, vy_program *p) {
  vy_pipeline *out = NULL;
  expect_ok(w->f, vy_compile(d, p, NULL, &out, &w->f->diags));
  return out;
}

static void run(world *w, vy_device *d, vy_pipeline *p, vy_buffer y,
                const uint32_t *draws, uint32_t *out) {
  uint32_t x[WORDS];
  for (uint32_t i = 0; i < WORDS; i++) {
    x[i] = (i * 7 + draws[0]) % 5;
    out[i] = 0xdeadbeef;
  }
  vy_transfer t = {y, 0, 4 * WORDS, out};
  vy_arg args[3] = {vy_arg_u32(draws[1]), vy_arg_host(x, 4 * draws[2]),
                    vy_arg_range(y, 16, 4 * draws[3])};
  expect_ok(w->f, vy_buffer_upload(d, &t, 1, &w->f->diags));
  expect_ok(w->f, vy_dispatch(p, args, 3, NULL, NULL, NULL, &w->f->diags));
  expect_ok(w->f, vy_buffer_download(d, &t, 1, &w->f->diags));
}

static void compare(world *w, vy_pipeline *ours, vy_pipeline *theirs) {
  uint32_t a[WORDS], b[WORDS];
  const uint32_t draws[4] = {draw(w, 5), draw(w, 12), draw(w, WORDS - 4),
                             draw(w, WORDS - 7)};
  run(w, w->f->device, ours, w->ours, draws, a);
  run(w, w->reference, theirs, w->theirs, draws, b);
  if (memcmp(a, b, sizeof a) != 0)
    fail_msg("n %u, x %u, y %u elements, in\n%s", draws[1], draws[2], draws[3],
             w->text);
}

static void random_stores(void **state) {
  fixture *f = *state;
  world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  w->f = f;
  w->seed = 5;
  vy_device_desc d = VY_DEVICE_DESC_INIT;
  d.name = vy_str_c("reference");
  expect_ok(f, vy_device_open(f->context, &d, &w->reference, &f->diags));
  w->ours = make_buffer(f, NULL, 4 * WORDS);
  expect_ok(f, vy_buffer_create(w->reference, 4 * WORDS, &w->theirs, NULL));
  for (uint32_t i = 0; i < PROGRAMS; i++) {
    vy_source source = VY_SOURCE_INIT;
    vy_program *p = NULL;
    make_text(w);
    source.text = vy_str_c(w->text);
    expect_ok(f, vy_program_parse(f->context, &source, &p, &f->diags));
    vy_pipeline *ours = compile(w, f->device, p);
    vy_pipeline *theirs = compile(w, w->reference, p);
    for (uint32_t k = 0; k < DISPATCHES; k++)
      compare(w, ours, theirs);
    vy_pipeline_release(ours);
    vy_pipeline_release(theirs);
    vy_program_release(p);
  }
  drop_buffer(f, w->ours);
  expect_ok(f, vy_buffer_free(w->reference, w->theirs, NULL));
  vy_device_release(w->reference);
  free(w);
}

static const struct CMUnitTest tests[] = {
    CASE(random_stores),
};
GROUP(stores_random);
