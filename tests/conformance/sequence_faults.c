// Random sequences in which steps fail at run time, often in a later pass of a
// repeat: the error is that of the first call that fails when the same calls
// are made one by one, and no slot holds anything.
#include "conformance/sequence.h"

enum { LANES = 8, COUNTERS = 3, STEPS = 12, ROUNDS = 60, REPLAYS = 3 };

typedef enum kind { FAR, SPIN, TICK, BEGIN, END } kind;

typedef struct step {
  kind kind;
  uint32_t counter, max;
  int32_t end;    // BEGIN: step of its end
  int32_t slot;   // FAR, SPIN: or VY_SEQUENCE_NONE
  int32_t number; // in the sequence
} step;

typedef struct world {
  fixture *f;
  uint64_t seed;
  vy_pipeline *far, *spin, *tick;
  vy_buffer counters[2], y[2]; // of the sequence, one by one
  vy_outputs *outputs[STEPS], *own;
  step steps[STEPS + 4];
  uint32_t count, slots;
  uint32_t k[COUNTERS]; // where `far` goes outside
  int32_t failed;       // one by one
} world;

static uint32_t draw(world *w, uint32_t below) {
  w->seed = w->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
  return (uint32_t)(w->seed >> 33) % below;
}

static void make_steps(world *w) {
  static const kind kinds[] = {FAR, FAR, SPIN, TICK, TICK, BEGIN};
  int32_t open[3];
  uint32_t depth = 0;
  w->count = w->slots = 0;
  while (w->count < STEPS || depth) {
    step s = {kinds[draw(w, 6)], draw(w, COUNTERS), draw(w, 5), -1, -1, -1};
    if (w->count >= STEPS || (depth && draw(w, 4) == 0)) {
      s.kind = END;
      w->steps[open[--depth]].end = (int32_t)w->count;
    } else if (s.kind == BEGIN && depth == 3) {
      continue;
    } else if (s.kind == BEGIN) {
      open[depth++] = (int32_t)w->count;
    } else if (s.kind != TICK && draw(w, 3) == 0) {
      s.slot = (int32_t)w->slots++;
    }
    w->steps[w->count++] = s;
  }
}

static const uint32_t zeros[LANES];

// The arguments of a call: how many there are.
static size_t make_args(const world *w, const step *s, int which, vy_arg k,
                        vy_arg args[3]) {
  vy_arg n = vy_arg_range(w->counters[which], 16 * s->counter, 4);
  vy_arg y = vy_arg_buffer(w->y[which]);
  args[0] = s->kind == FAR ? k : n;
  args[1] = n;
  args[2] = y;
  if (s->slot >= 0)
    args[2] = HOST(zeros);
  if (s->kind == SPIN)
    args[1] = args[2];
  return s->kind == FAR ? 3 : s->kind == SPIN ? 2 : 1;
}

static vy_pipeline *pipeline_of(const world *w, const step *s) {
  return s->kind == FAR ? w->far : s->kind == SPIN ? w->spin : w->tick;
}

static vy_dispatch_options options_of(const step *s) {
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  o.budget = s->kind == SPIN ? 2 : 0;
  return o;
}

static int32_t record_step(const world *w, vy_sequence *q, const step *s) {
  vy_arg args[3];
  vy_dispatch_options o = options_of(s);
  if (s->kind == BEGIN)
    return vy_sequence_repeat_begin(
        q, vy_arg_range(w->counters[0], 16 * s->counter, 4), s->max);
  if (s->kind == END)
    return vy_sequence_repeat_end(q);
  size_t count = make_args(w, s, 0, vy_arg_binding(s->counter), args);
  return vy_sequence_dispatch(q, pipeline_of(w, s), args, count, &o, s->slot);
}

// ---- one by one

static vy_status call(world *w, const step *s) {
  vy_arg args[3];
  vy_dispatch_options o = options_of(s);
  size_t count = make_args(w, s, 1, vy_arg_u32(w->k[s->counter]), args);
  return vy_dispatch(pipeline_of(w, s), args, count, &o,
                     s->slot >= 0 ? w->own : NULL, NULL, &w->f->diags);
}

static vy_status run_range(world *w, int32_t from, int32_t to) {
  vy_status status = VY_OK;
  for (int32_t i = from; i < to && status == VY_OK; i++) {
    const step *s = &w->steps[i];
    uint32_t left = 1;
    if (s->kind != BEGIN) {
      status = call(w, s);
      w->failed = i;
      continue;
    }
    for (uint32_t pass = 0; pass < s->max && left; pass++) {
      status = run_range(w, i + 1, s->end);
      if (status != VY_OK)
        break;
      vy_transfer down = {w->counters[1], 16 * s->counter, 4, &left};
      expect_ok(w->f, vy_buffer_download(w->f->device, &down, 1, NULL));
    }
    i = s->end;
  }
  return status;
}

// ---- both

static void set_counters(world *w) {
  uint32_t n[4 * COUNTERS] = {0};
  for (uint32_t i = 0; i < COUNTERS; i++) {
    n[4 * i] = draw(w, 5);
    w->k[i] = draw(w, 8);
  }
  for (int i = 0; i < 2; i++) {
    vy_transfer t = {w->counters[i], 0, sizeof n, n};
    expect_ok(w->f, vy_buffer_upload(w->f->device, &t, 1, NULL));
  }
}

static vy_status replay(world *w, vy_sequence *q) {
  vy_arg table[COUNTERS];
  for (uint32_t i = 0; i < COUNTERS; i++)
    table[i] = vy_arg_u32(w->k[i]);
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = table;
  b.arg_count = COUNTERS;
  b.outputs = w->outputs;
  b.output_count = w->slots;
  return vy_sequence_replay(q, &b, NULL, &w->f->diags);
}

// True: it failed, rightly.
static bool same_end(world *w, vy_sequence *q) {
  fixture *f = w->f;
  vy_status want = run_range(w, 0, (int32_t)w->count);
  uint32_t one = f->diags.count;
  assert_int_equal(one, want != VY_OK);
  assert_int_equal(replay(w, q), want);
  assert_int_equal(f->diags.count, 2 * one);
  for (uint32_t i = 0; want != VY_OK && i < w->slots; i++)
    assert_int_equal(vy_outputs_size(w->outputs[i], 0), 0);
  if (want == VY_OK)
    return false;
  const vy_diag *a = &f->records[0], *b = &f->records[1];
  assert_int_equal(b->code, a->code);
  assert_int_equal(b->item, w->steps[w->failed].number);
  assert_int_equal(b->message.size, a->message.size);
  assert_memory_equal(b->message.data, a->message.data, a->message.size);
  f->diags.count = f->diags.errors = 0;
  f->diags.text_size = 0;
  return true;
}

static uint32_t round_of(world *w) {
  uint32_t failures = 0;
  vy_sequence *q = make_sequence(w->f);
  make_steps(w);
  for (uint32_t i = 0; i < w->count; i++)
    w->steps[i].number = record_step(w, q, &w->steps[i]);
  expect_ok(w->f, vy_sequence_finish(q, &w->f->diags));
  for (uint32_t k = 0; k < REPLAYS; k++) {
    set_counters(w);
    failures += same_end(w, q);
  }
  vy_sequence_release(q);
  return failures;
}

static void random_faults(void **state) {
  fixture *f = *state;
  world w = {.f = f, .seed = 11};
  w.far =
      make_pipeline(f,
                    "program far(k: u32, n: read u32[], y: update u32[]) {\n"
                    "  lanes len(y);\n"
                    "  let i = select(n[0] == k, lane + 4u, lane);\n"
                    "  y[i] = y[i] + 1u;\n"
                    "}\n",
                    VY_COMPILE_STRICT);
  w.spin = make_pipeline(f,
                         "program spin(n: read u32[], y: update u32[]) {\n"
                         "  lanes len(y);\n"
                         "  var c = 0u;\n"
                         "  while (c < n[0] * (lane / 4u)) { c = c + 1u; }\n"
                         "  y[lane] = c;\n"
                         "}\n",
                         VY_COMPILE_BUDGETED);
  w.tick = make_pipeline(f,
                         "program tick(n: update u32[]) {\n"
                         "  lanes 1;\n"
                         "  n[0] = select(n[0] > 0u, n[0] - 1u, 0u);\n"
                         "}\n",
                         0);
  for (int i = 0; i < 2; i++) {
    w.counters[i] = make_buffer(f, NULL, 16 * COUNTERS);
    w.y[i] = make_buffer(f, NULL, sizeof zeros);
  }
  for (uint32_t i = 0; i < STEPS; i++)
    w.outputs[i] = make_outputs(f, 1);
  w.own = make_outputs(f, 1);
  uint32_t failures = 0;
  for (uint32_t k = 0; k < ROUNDS; k++)
    failures += round_of(&w);
  assert_in_range(failures, ROUNDS / 2, ROUNDS * REPLAYS - ROUNDS / 4);
  for (int i = 0; i < 2; i++) {
    drop_buffer(f, w.counters[i]);
    drop_buffer(f, w.y[i]);
  }
}

static const struct CMUnitTest tests[] = {
    CASE(random_faults),
};
GROUP(sequence_faults);
