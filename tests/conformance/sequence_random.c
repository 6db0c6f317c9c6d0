// Random sequences against the same calls one by one, in two sets of buffers.
// Each set has COUNT buffers of WORDS numbers and one of small counters, which
// repeats and counts of lanes read.
#include "conformance/sequence.h"

enum {
  COUNT = 4,
  WORDS = 24,
  COUNTERS = 8, // each at a multiple of 16 bytes
  STEPS = 24,
  ROUNDS = 25,
  REPLAYS = 4,
  TABLE = 2 * COUNT, // bindings: buffers, then scalars
};

typedef enum kind { SAXPY, COPY, FILL, TICK, SLOT, BEGIN, END, KINDS } kind;

typedef struct step {
  kind kind;
  uint32_t a, b;   // buffers; TICK, BEGIN: counter
  bool bound;      // by binding
  uint32_t offset; // words, a multiple of 4
  uint32_t size;   // words
  int32_t counted; // counter with the lanes, or -1
  uint32_t max;    // BEGIN
  int32_t end;     // BEGIN: step of its end; END: of its begin
  int32_t number;  // in the sequence
  uint64_t passes; // BEGIN: one by one
  uint32_t left;
  vy_outputs *outputs; // SLOT: one by one
} step;

typedef struct set {
  vy_buffer words[COUNT], counters;
} set;

typedef struct world {
  fixture *f;
  uint64_t seed;
  vy_pipeline *saxpy, *tick;
  set ours, theirs; // by the sequence, one by one
  step steps[STEPS + 8];
  uint32_t count, slots;
  vy_outputs *outputs[STEPS]; // of the sequence
  uint32_t order[COUNT];      // binding i: buffer
  uint32_t scalars[COUNT];
} world;

static uint32_t draw(world *w, uint32_t below) {
  w->seed = w->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
  return (uint32_t)(w->seed >> 33) % below;
}

// ---- making

static step draw_step(world *w) {
  step s = {.kind = (kind)draw(w, END), .counted = -1, .end = -1};
  s.a = draw(w, COUNT);
  s.b = (s.a + 1 + draw(w, COUNT - 1)) % COUNT;
  s.bound = draw(w, 2);
  s.offset = 4 * draw(w, WORDS / 4);
  s.size = 1 + draw(w, WORDS - s.offset);
  if (draw(w, 3) == 0)
    s.counted = (int32_t)draw(w, COUNTERS);
  if (s.kind == TICK || s.kind == BEGIN)
    s.a = draw(w, COUNTERS);
  s.max = draw(w, 5);
  return s;
}

static void make_steps(world *w) {
  int32_t open[3];
  uint32_t depth = 0;
  w->count = w->slots = 0;
  while (w->count < STEPS) {
    step s = draw_step(w);
    if (depth && draw(w, 4) == 0) {
      s.kind = END;
      s.end = open[--depth];
      w->steps[s.end].end = (int32_t)w->count;
    } else if (s.kind == BEGIN && depth == 3) {
      continue;
    } else if (s.kind == BEGIN) {
      open[depth++] = (int32_t)w->count;
    }
    w->steps[w->count++] = s;
  }
  while (depth) {
    w->steps[open[--depth]].end = (int32_t)w->count;
    w->steps[w->count++] = (step){.kind = END, .end = open[depth]};
  }
}

// ---- recording

static vy_arg range(const world *w, const step *s, uint32_t buffer) {
  for (uint32_t i = 0; s->bound && i < COUNT; i++)
    if (w->order[i] == buffer)
      return vy_arg_binding_range(i, 4 * s->offset, 4 * s->size);
  return vy_arg_range(w->ours.words[buffer], 4 * s->offset, 4 * s->size);
}

static vy_arg counter(const set *t, uint32_t i) {
  return vy_arg_range(t->counters, 16 * i, 4);
}

static vy_dispatch_options options(const set *t, const step *s) {
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  if (s->counted >= 0)
    o.count = counter(t, (uint32_t)s->counted);
  return o;
}

static int32_t record_step(world *w, vy_sequence *q, step *s) {
  vy_dispatch_options o = options(&w->ours, s);
  vy_arg a = range(w, s, s->a % COUNT), b = range(w, s, s->b);
  vy_arg args[3] = {vy_arg_binding(COUNT + s->b), a, b};
  vy_arg element = counter(&w->ours, s->a);
  static const uint32_t host[WORDS] = {1, 1, 2, 3, 5, 8, 13, 21, 34, 55};
  switch (s->kind) {
  case SAXPY:
    return vy_sequence_dispatch(q, w->saxpy, args, 3, &o, VY_SEQUENCE_NONE);
  case COPY:
    return vy_sequence_copy(q, a, b);
  case FILL:
    return vy_sequence_fill(q, b, (uint8_t)(s->a + s->max));
  case TICK:
    return vy_sequence_dispatch(q, w->tick, &element, 1, NULL,
                                VY_SEQUENCE_NONE);
  case SLOT:
    args[2] = vy_arg_host(host, 4 * s->size);
    return vy_sequence_dispatch(q, w->saxpy, args, 3, &o, (int32_t)w->slots++);
  case BEGIN:
    return vy_sequence_repeat_begin(q, element, s->max);
  default:
    return vy_sequence_repeat_end(q);
  }
}

// ---- one by one

static void run_step(world *w, step *s) {
  fixture *f = w->f;
  const set *t = &w->theirs;
  vy_dispatch_options o = options(t, s);
  uint64_t at = 4 * s->offset, size = 4 * s->size;
  static const uint32_t host[WORDS] = {1, 1, 2, 3, 5, 8, 13, 21, 34, 55};
  vy_arg args[3] = {vy_arg_u32(w->scalars[s->b]),
                    vy_arg_range(t->words[s->a % COUNT], at, size),
                    vy_arg_range(t->words[s->b], at, size)};
  vy_arg element = counter(t, s->a);
  if (s->kind == SLOT)
    args[2] = vy_arg_host(host, size);
  if (s->kind == SAXPY || s->kind == SLOT)
    expect_ok(f,
              vy_dispatch(w->saxpy, args, 3, &o, s->outputs, NULL, &f->diags));
  else if (s->kind == COPY)
    expect_ok(f, vy_buffer_copy(f->device, t->words[s->a], at, t->words[s->b],
                                at, size, &f->diags));
  else if (s->kind == FILL)
    expect_ok(f, vy_buffer_fill(f->device, t->words[s->b], at, size,
                                (uint8_t)(s->a + s->max), &f->diags));
  else
    expect_ok(f,
              vy_dispatch(w->tick, &element, 1, NULL, NULL, NULL, &f->diags));
}

static void run_range(world *w, int32_t from, int32_t to) {
  for (int32_t i = from; i < to; i++) {
    step *s = &w->steps[i];
    if (s->kind != BEGIN) {
      run_step(w, s);
      continue;
    }
    for (uint32_t pass = 0; pass < s->max; pass++) {
      run_range(w, i + 1, s->end);
      vy_transfer down = {w->theirs.counters, 16 * s->a, 4, &s->left};
      expect_ok(w->f, vy_buffer_download(w->f->device, &down, 1, &w->f->diags));
      s->passes++;
      if (!s->left)
        break;
    }
    i = s->end;
  }
}

// ---- comparing

static void same_buffer(world *w, vy_buffer a, vy_buffer b, uint64_t size) {
  uint32_t x[4 * WORDS], y[4 * WORDS];
  vy_transfer t[2] = {{a, 0, size, x}, {b, 0, size, y}};
  expect_ok(w->f, vy_buffer_download(w->f->device, t, 2, &w->f->diags));
  assert_memory_equal(x, y, size);
}

static void compare(world *w, const vy_sequence *q) {
  for (uint32_t i = 0; i < COUNT; i++)
    same_buffer(w, w->ours.words[i], w->theirs.words[i], 4 * WORDS);
  same_buffer(w, w->ours.counters, w->theirs.counters, 16 * COUNTERS);
  uint32_t slot = 0;
  for (uint32_t i = 0; i < w->count; i++) {
    const step *s = &w->steps[i];
    uint64_t passes = 0;
    uint32_t left = 0;
    if (s->kind == BEGIN) {
      assert_int_equal(vy_sequence_passes(q, s->number, &passes, &left), VY_OK);
      assert_int_equal(passes, s->passes);
      assert_int_equal(left, s->left);
    } else if (s->kind == SLOT) {
      const vy_outputs *o = w->outputs[slot++];
      uint64_t size = vy_outputs_size(s->outputs, 0);
      assert_int_equal(vy_outputs_size(o, 0), size);
      if (size)
        assert_memory_equal(vy_outputs_data(o, 0),
                            vy_outputs_data(s->outputs, 0), size);
    }
  }
}

// ---- all together

static void fill_buffers(world *w) {
  for (uint32_t i = 0; i <= COUNT; i++) {
    uint32_t data[4 * COUNTERS > WORDS ? 4 * COUNTERS : WORDS];
    bool counters = i == COUNT;
    uint32_t words = counters ? 4 * COUNTERS : WORDS;
    for (uint32_t k = 0; k < words; k++)
      data[k] = draw(w, counters ? 5 : 1000);
    vy_buffer a = counters ? w->ours.counters : w->ours.words[i];
    vy_buffer b = counters ? w->theirs.counters : w->theirs.words[i];
    vy_transfer t[2] = {{a, 0, 4 * words, data}, {b, 0, 4 * words, data}};
    expect_ok(w->f, vy_buffer_upload(w->f->device, t, 2, &w->f->diags));
  }
}

static void replay(world *w, vy_sequence *q) {
  vy_arg table[TABLE];
  for (uint32_t i = 0; i < COUNT; i++) {
    w->scalars[i] = draw(w, 3) ? w->scalars[i] : draw(w, 100);
    table[i] = vy_arg_buffer(w->ours.words[w->order[i]]);
    table[COUNT + i] = vy_arg_u32(w->scalars[i]);
  }
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = table;
  b.arg_count = TABLE;
  b.outputs = w->outputs;
  b.output_count = w->slots;
  expect_ok(w->f, vy_sequence_replay(q, &b, NULL, &w->f->diags));
}

static void forget(world *w) {
  for (uint32_t i = 0; i < w->count; i++) {
    step *s = &w->steps[i];
    s->passes = s->left = 0;
    vy_outputs_release(s->outputs); // a new one holds nothing
    s->outputs = NULL;
    if (s->kind == SLOT)
      expect_ok(w->f,
                vy_outputs_create(w->f->context, 1, &s->outputs, &w->f->diags));
  }
}

static void round_of(world *w) {
  vy_sequence *q = make_sequence(w->f);
  for (uint32_t i = 0; i < COUNT; i++)
    w->order[i] = (i * 3 + 1) % COUNT;
  make_steps(w);
  for (uint32_t i = 0; i < w->count; i++)
    w->steps[i].number = record_step(w, q, &w->steps[i]);
  expect_ok(w->f, vy_sequence_finish(q, &w->f->diags));
  for (uint32_t k = 0; k < REPLAYS; k++) {
    fill_buffers(w);
    forget(w);
    replay(w, q);
    run_range(w, 0, (int32_t)w->count);
    compare(w, q);
  }
  for (uint32_t i = 0; i < w->count; i++)
    w->steps[i].kind = END;
  forget(w);
  vy_sequence_release(q);
}

static void make_set(fixture *f, set *t) {
  for (uint32_t i = 0; i < COUNT; i++)
    t->words[i] = make_buffer(f, NULL, 4 * WORDS);
  t->counters = make_buffer(f, NULL, 16 * COUNTERS);
}

static void drop_set(fixture *f, const set *t) {
  for (uint32_t i = 0; i < COUNT; i++)
    drop_buffer(f, t->words[i]);
  drop_buffer(f, t->counters);
}

static void random_sequences(void **state) {
  fixture *f = *state;
  world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  w->f = f;
  w->seed = 2027;
  w->saxpy = make_pipeline(f, saxpy_text, 0);
  w->tick = make_pipeline(f,
                          "program tick(n: update u32[]) {\n"
                          "  lanes 1;\n"
                          "  n[0] = select(n[0] > 0u, n[0] - 1u, 0u);\n"
                          "}\n",
                          0);
  make_set(f, &w->ours);
  make_set(f, &w->theirs);
  for (uint32_t i = 0; i < STEPS; i++)
    w->outputs[i] = make_outputs(f, 1);
  for (uint32_t k = 0; k < ROUNDS; k++)
    round_of(w);
  drop_set(f, &w->ours);
  drop_set(f, &w->theirs);
  free(w);
}

static const struct CMUnitTest tests[] = {
    CASE(random_sequences),
};
GROUP(sequence_random);
