// Batches whose items are much like each other, as most are, and differ in
// what they may: against the same items one by one, in another set of buffers.
#include "conformance/conformance.h"

enum {
  POOL = 1024, // numbers of a buffer
  ITEMS = 24,
  ROUNDS = 40,
  BROKEN = 4, // the item that is wrong
};

// `n` decides the domain; `k` only what is stored.
static const char *const texts[] = {
    // Leaves zeroes.
    "program odd(k: u32, n: u32, x: read u32[], y: write u32[len(x)]) {\n"
    "  lanes min(n, len(x));\n"
    "  if ((x[lane] & 1u) != 0u) { y[lane] = x[lane] + k; }\n"
    "}\n",
    "program add(k: u32, n: u32, x: read u32[], y: update u32[len(x)]) {\n"
    "  lanes min(n, len(x));\n"
    "  y[lane] = y[lane] * 3 + k * x[lane];\n"
    "}\n",
    "program all(k: u32, n: u32, x: read u32[], y: write u32[len(x)]) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] + k + n;\n"
    "}\n",
};
enum { PROGRAMS = sizeof texts / sizeof texts[0] };

typedef struct world {
  fixture *f;
  uint64_t seed;
  uint32_t numbers[POOL];
  vy_buffer x[2], ours[2], theirs[2];
  vy_arg args[ITEMS][4];
  vy_item items[ITEMS];
} world;

static uint32_t pick(world *w, uint32_t below) {
  w->seed = w->seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (uint32_t)(w->seed >> 33) % below;
}

static void open_world(world *w, fixture *f) {
  *w = (world){.f = f, .seed = 1};
  for (uint32_t i = 0; i < POOL; i++)
    w->numbers[i] = i * 2654435761u >> 3;
  for (uint32_t i = 0; i < 2; i++) {
    w->x[i] = make_buffer(f, w->numbers, sizeof w->numbers);
    w->ours[i] = make_buffer(f, w->numbers, sizeof w->numbers);
    w->theirs[i] = make_buffer(f, w->numbers, sizeof w->numbers);
  }
}

static void close_world(world *w) {
  for (uint32_t i = 0; i < 2; i++) {
    drop_buffer(w->f, w->x[i]);
    drop_buffer(w->f, w->ours[i]);
    drop_buffer(w->f, w->theirs[i]);
  }
}

// Any part of a buffer at a multiple of 16 bytes.
static vy_arg part(world *w, vy_buffer b, uint64_t size) {
  uint64_t most = (POOL * 4 - size) / 16;
  return vy_arg_range(b, 16ull * pick(w, (uint32_t)most + 1), size);
}

// Mostly as the one before.
static void make_item(world *w, uint32_t i) {
  vy_arg *a = w->args[i];
  bool fresh = i == 0 || pick(w, 8) == 0;
  uint64_t size = fresh ? 16ull * pick(w, 9) : w->args[i - 1][3].size;
  uint32_t from = fresh ? pick(w, 2) : UINT32_MAX;
  uint32_t to = fresh ? pick(w, 2) : UINT32_MAX;
  a[0] = vy_arg_u32(pick(w, 3));
  a[1] = fresh || pick(w, 6) == 0 ? vy_arg_u32(pick(w, 40)) : w->args[i - 1][1];
  vy_buffer x = w->x[from & 1], y = w->ours[to & 1];
  if (!fresh && w->args[i - 1][2].kind == VY_ARG_BUFFER)
    x.id = w->args[i - 1][2].u.buffer;
  if (!fresh)
    y.id = w->args[i - 1][3].u.buffer;
  a[2] = part(w, x, size);
  a[3] = part(w, y, size);
  if (pick(w, 12) == 0)
    a[2] = vy_arg_host(w->numbers + pick(w, 32), size);
  else if (pick(w, 12) == 0)
    a[2] = vy_arg_range(x, POOL * 4 - size, UINT64_MAX); // the rest
  w->items[i] = (vy_item){a, 4, NULL};
}

static void expect_same(world *w) {
  static uint32_t ours[POOL], theirs[POOL];
  for (uint32_t i = 0; i < 2; i++) {
    vy_transfer down[2] = {{w->ours[i], 0, sizeof ours, ours},
                           {w->theirs[i], 0, sizeof theirs, theirs}};
    expect_ok(w->f, vy_buffer_download(w->f->device, down, 2, &w->f->diags));
    assert_memory_equal(ours, theirs, sizeof ours);
  }
}

static void run_singly(world *w, vy_pipeline *p) {
  for (uint32_t i = 0; i < ITEMS; i++) {
    vy_arg args[4];
    memcpy(args, w->args[i], sizeof args);
    for (uint32_t k = 0; k < 2; k++)
      if (args[3].u.buffer == w->ours[k].id) {
        args[3].u.buffer = w->theirs[k].id;
        break;
      }
    expect_ok(w->f, vy_dispatch(p, args, 4, NULL, NULL, NULL, &w->f->diags));
  }
}

static void items_much_alike(void **state) {
  static world w;
  open_world(&w, *state);
  vy_pipeline *p[PROGRAMS];
  for (uint32_t i = 0; i < PROGRAMS; i++)
    p[i] = make_pipeline(w.f, texts[i], 0);
  for (uint32_t round = 0; round < ROUNDS; round++) {
    vy_pipeline *which = p[pick(&w, PROGRAMS)];
    for (uint32_t i = 0; i < ITEMS; i++)
      make_item(&w, i);
    expect_ok(
        w.f, vy_dispatch_batch(which, w.items, ITEMS, NULL, NULL, &w.f->diags));
    run_singly(&w, which);
    expect_same(&w);
  }
  close_world(&w);
}

// Ways in which an item that is like those before it can yet be wrong.
static bool spoil(world *w, uint32_t way) {
  vy_arg *a = w->args[BROKEN];
  switch (way) {
  case 0:
    a[3].offset += 8;
    return true;
  case 1:
    a[2].offset = POOL * 4 - 48;
    return true;
  case 2:
    a[2].offset = POOL * 4 + 16;
    return true;
  case 3:
    a[2].offset = UINT64_MAX - 15;
    return true;
  case 4:
    a[3].size += 16;
    return true;
  case 5:
    a[3].size -= 1;
    return true;
  case 6:
    a[2].u.buffer = w->theirs[0].id + 1; // never made
    return true;
  case 7:
    a[2].reserved[1] = 1;
    return true;
  case 8:
    a[0] = vy_arg_f32(1);
    return true;
  case 9:
    a[0].u.bits = UINT64_C(1) << 32;
    return true;
  case 10:
    a[1] = vy_arg_none();
    return true;
  case 11:
    a[2] = a[3]; // read and written
    return true;
  case 12:
    a[3].kind = 77;
    return true;
  default:
    return false;
  }
}

static void an_item_that_is_wrong_among_others(void **state) {
  static world w;
  open_world(&w, *state);
  fixture *f = w.f;
  vy_pipeline *p = make_pipeline(f, texts[1], 0);
  for (uint32_t way = 0;; way++) {
    for (uint32_t i = 0; i < ITEMS; i++) {
      w.args[i][0] = vy_arg_u32(i);
      w.args[i][1] = vy_arg_u32(40);
      w.args[i][2] = vy_arg_range(w.x[0], 64 * i, 64);
      w.args[i][3] = vy_arg_range(w.ours[0], 64 * i, 64);
      w.items[i] = (vy_item){w.args[i], 4, NULL};
    }
    if (!spoil(&w, way))
      break;
    vy_status alone =
        vy_dispatch(p, w.args[BROKEN], 4, NULL, NULL, NULL, &f->diags);
    assert_int_not_equal(alone, VY_OK);
    uint32_t code = f->records[0].code;
    expect_code(f, alone, alone, code);
    vy_status s = vy_dispatch_batch(p, w.items, ITEMS, NULL, NULL, &f->diags);
    assert_int_equal(f->records[0].item, BROKEN);
    expect_code(f, s, alone, code);
    expect_same(&w); // nothing ran
  }
  // Where the buffers of an item are one, each item is looked at.
  for (uint32_t i = 0; i < ITEMS; i++)
    w.args[i][2] = vy_arg_range(w.ours[0], 2048 + 64 * i, 64);
  expect_ok(f, vy_dispatch_batch(p, w.items, ITEMS, NULL, NULL, &f->diags));
  w.args[BROKEN][2].offset = w.args[BROKEN][3].offset + 48;
  vy_status s = vy_dispatch_batch(p, w.items, ITEMS, NULL, NULL, &f->diags);
  assert_int_equal(f->records[0].item, BROKEN);
  expect_code(f, s, VY_ERROR_INVALID_ARGUMENT, 612);
  close_world(&w);
}

static const struct CMUnitTest tests[] = {
    CASE(items_much_alike),
    CASE(an_item_that_is_wrong_among_others),
};
GROUP(batches);
