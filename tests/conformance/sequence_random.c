// Random sequences against the same calls one by one, in two sets of buffers.
// Each set has COUNT buffers of WORDS numbers and one of small counters, which
// repeats and counts of lanes read. Whatever a replay may exchange is another
// one each time: buffers and parts of them, scalars, host memory, how much of
// it and what is in it, sizes by scalars, outputs, and whether the caller waits
// at once.
#include "conformance/sequence.h"

enum {
  COUNT = 4,
  WORDS = 80,
  BYTES = 4 * WORDS,
  SHIFT = 64,   // bindings start at most so many bytes into what is bound
  COUNTERS = 8, // each at a multiple of 16 bytes
  HOSTS = 3,
  STEPS = 24,
  ROUNDS = 30,
  REPLAYS = 5,
};

enum { // bindings
  BUFFERS = 0,
  COUNTS = COUNT, // the buffer of counters
  SCALARS,
  MEMORY = SCALARS + COUNT,
  VARIED = MEMORY + HOSTS, // the same memory, another part of it each time
  TABLE = VARIED + HOSTS,
};

// Programs of an input, an `update` or `write` and a number.
typedef enum program {
  SAXPY,
  HISTOGRAM,
  SUMS,
  ODD,
  ALL,
  GROWN, // of slots only
  PROGRAMS
} program;

static const char *const texts[PROGRAMS] = {
    "program saxpy(k: u32, x: read u32[], y: update u32[]) {\n"
    "  lanes min(len(x), len(y));\n"
    "  y[lane] = y[lane] + k * x[lane];\n"
    "}\n",
    "program histogram(k: u32, x: read u32[], y: update u32[]) {\n"
    "  lanes len(x);\n"
    "  atomic_add(y, (x[lane] + k) % max(len(y), 1u), 1u);\n"
    "}\n",
    "program sums(k: u32, x: read u32[], y: update u32[]) {\n"
    "  group 32;\n"
    "  groups (len(x) + 31) / 32;\n"
    "  let sum = group_reduce_add(x[lane] ^ k);\n"
    "  if (local == 0u) { y[group_id] = y[group_id] + sum; }\n"
    "}\n",
    // Leaves zeroes: by the lanes, and where the count ends.
    "program odd(k: u32, x: read u32[], y: write u32[]) {\n"
    "  lanes min(len(x), len(y));\n"
    "  if ((x[lane] & 1u) != 0u) { y[lane] = x[lane] + k; }\n"
    "}\n",
    // May store all of it.
    "program all(k: u32, x: read u32[], y: write u32[]) {\n"
    "  lanes len(x);\n"
    "  y[lane] = x[lane] + k;\n"
    "}\n",
    // As much returns, however long it is.
    "program grown(k: u32, x: read u32[], y: write u32[k * 9]\n"
    "              readback [0, 2)) {\n"
    "  lanes k * 9;\n"
    "  y[lane] = x[lane & 31] + k;\n"
    "}\n"};

static const char tick_text[] = "program tick(n: update u32[]) {\n"
                                "  lanes 1;\n"
                                "  n[0] = select(n[0] > 0u, n[0] - 1u, 0u);\n"
                                "}\n";

typedef enum kind { CALL, SLOT, COPY, FILL, TICK, BEGIN, END } kind;

// A range of a buffer or host memory, or of what is bound at that number.
typedef struct part {
  uint32_t of; // or the counter
  bool bound, varied;
  uint64_t offset, size; // bytes
} part;

typedef struct step {
  kind kind;
  program program;
  part x, y;    // CALL; SLOT: y is host memory; COPY: from, to; FILL: to
  part counted; // lanes, if `has_count`
  bool has_count;
  part element;    // TICK, BEGIN
  uint32_t scalar; // binding
  uint32_t value, max;
  int32_t end;     // BEGIN: step of its end; END: of its begin
  int32_t number;  // in the sequence
  int32_t slot;    // SLOT
  uint64_t passes; // BEGIN: one by one
  uint32_t left;
} step;

typedef struct set {
  vy_buffer words[COUNT], counters;
  vy_outputs *outputs[STEPS];
} set;

typedef struct world {
  fixture *f;
  uint64_t seed;
  vy_pipeline *programs[PROGRAMS], *tick;
  set ours, theirs; // by the sequence, one by one
  step steps[STEPS + 8];
  uint32_t count, slots;
  uint32_t scalars[COUNT];
  uint32_t buffers[COUNT], hosts[HOSTS], outputs[STEPS]; // bound at each index
  uint32_t buffer_at[COUNT], host_at[HOSTS];             // from this byte on
  uint32_t varied[HOSTS];                                // bytes
  uint8_t host[HOSTS][BYTES + SHIFT];
  uint8_t given[STEPS / 2][BYTES + SHIFT]; // memory of slots
} world;

static uint32_t draw(world *w, uint32_t below) {
  w->seed = w->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
  return (uint32_t)(w->seed >> 33) % below;
}

static void shuffle(world *w, uint32_t *order, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    order[i] = i;
  for (uint32_t i = count; i > 1; i--) {
    uint32_t k = draw(w, i), x = order[k];
    order[k] = order[i - 1];
    order[i - 1] = x;
  }
}

// ---- making

// At multiples of `unit`, within the `of` bytes from `from` on.
static void place(world *w, part *p, uint32_t unit, uint32_t from,
                  uint32_t of) {
  p->offset = from + draw(w, of / unit + 1) * unit;
  p->size = draw(w, (uint32_t)(from + of - p->offset) / 4 + 1) * 4;
  if (draw(w, 4) == 0)
    p->size = from + of - p->offset;
}

static void draw_parts(world *w, step *s) {
  s->x.of = draw(w, COUNT);
  s->y.of = (s->x.of + 1 + draw(w, COUNT - 1)) % COUNT;
  s->x.bound = s->y.bound = draw(w, 2);
  bool bytes = s->kind == COPY || s->kind == FILL;
  place(w, &s->x, bytes ? 1 : 16, 0, BYTES);
  place(w, &s->y, bytes ? 1 : 16, 0, BYTES);
  if (s->kind == SLOT) {
    s->y.of = draw(w, HOSTS);
    s->y.bound = draw(w, 2);
    s->y.varied = draw(w, 2);
    place(w, &s->y, 4, 0, BYTES);
  } else if (s->kind == COPY && draw(w, 3) == 0) { // inside one buffer
    s->y.of = s->x.of;
    place(w, &s->x, 1, 0, BYTES / 2);
    place(w, &s->y, 1, BYTES / 2, BYTES / 2);
  }
  if (s->kind == COPY)
    s->x.size = s->y.size = s->x.size < s->y.size ? s->x.size : s->y.size;
}

static part draw_counter(world *w) {
  return (part){.of = draw(w, COUNTERS), .bound = draw(w, 2), .size = 4};
}

static step draw_step(world *w) {
  static const kind kinds[] = {CALL, CALL, CALL, SLOT, COPY, FILL, TICK, BEGIN};
  step s = {.kind = kinds[draw(w, sizeof kinds / sizeof *kinds)]};
  s.program = (program)draw(w, s.kind == SLOT ? PROGRAMS : GROWN);
  draw_parts(w, &s);
  s.element = draw_counter(w);
  s.counted = draw_counter(w);
  s.has_count = draw(w, 3) == 0;
  s.scalar = SCALARS + draw(w, COUNT);
  s.value = draw(w, 256);
  s.max = draw(w, 5);
  s.slot = s.kind == SLOT ? (int32_t)w->slots++ : VY_SEQUENCE_NONE;
  return s;
}

static void make_steps(world *w) {
  int32_t open[3];
  uint32_t depth = 0;
  w->count = w->slots = 0;
  while (w->count < STEPS) {
    step s = {.kind = END};
    if (depth && draw(w, 4) == 0) {
      s.end = open[--depth];
      w->steps[s.end].end = (int32_t)w->count;
    } else {
      s = draw_step(w);
      if (s.kind == BEGIN && depth == 3)
        continue;
      if (s.kind == BEGIN)
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

static vy_arg recorded(const world *w, const part *p) {
  if (p->bound)
    return vy_arg_binding_range(BUFFERS + p->of, p->offset, p->size);
  return vy_arg_range(w->ours.words[p->of], p->offset, p->size);
}

static vy_arg recorded_counter(const world *w, const part *p) {
  uint64_t at = 16 * (uint64_t)p->of;
  return p->bound ? vy_arg_binding_range(COUNTS, at, 4)
                  : vy_arg_range(w->ours.counters, at, 4);
}

static vy_arg recorded_host(const world *w, const step *s) {
  const part *p = &s->y;
  if (s->program >= ODD)
    return s->program == GROWN ? vy_arg_none() : vy_arg_length(p->size / 4);
  if (p->varied)
    return vy_arg_binding(VARIED + p->of);
  if (p->bound)
    return vy_arg_binding_range(MEMORY + p->of, p->offset, p->size);
  return vy_arg_host(w->host[p->of] + p->offset, p->size);
}

static int32_t record_step(const world *w, vy_sequence *q, const step *s) {
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  if (s->has_count)
    o.count = recorded_counter(w, &s->counted);
  vy_arg element = recorded_counter(w, &s->element);
  vy_arg args[3] = {vy_arg_binding(s->scalar), recorded(w, &s->x)};
  switch (s->kind) {
  case CALL:
    args[2] = recorded(w, &s->y);
    return vy_sequence_dispatch(q, w->programs[s->program], args, 3, &o,
                                s->slot);
  case SLOT:
    args[2] = recorded_host(w, s);
    return vy_sequence_dispatch(q, w->programs[s->program], args, 3, &o,
                                s->slot);
  case COPY:
    return vy_sequence_copy(q, args[1], recorded(w, &s->y));
  case FILL:
    return vy_sequence_fill(q, recorded(w, &s->y), (uint8_t)s->value);
  case TICK:
    return vy_sequence_dispatch(q, w->tick, &element, 1, NULL,
                                VY_SEQUENCE_NONE);
  case BEGIN:
    return vy_sequence_repeat_begin(q, element, s->max);
  case END:
    break;
  }
  return vy_sequence_repeat_end(q);
}

// ---- one by one

static vy_buffer buffer_of(const world *w, const part *p) {
  return w->theirs.words[p->bound ? w->buffers[p->of] : p->of];
}

static uint64_t offset_of(const world *w, const part *p) {
  return p->offset + (p->bound ? w->buffer_at[p->of] : 0);
}

static vy_arg range_of(const world *w, const part *p) {
  return vy_arg_range(buffer_of(w, p), offset_of(w, p), p->size);
}

static vy_arg host_of(const world *w, const part *p) {
  const uint8_t *at = w->host[p->of];
  if (p->varied)
    return vy_arg_host(at, w->varied[p->of]);
  if (p->bound)
    at = w->host[w->hosts[p->of]] + w->host_at[p->of];
  return vy_arg_host(at + p->offset, p->size);
}

static void call(world *w, const step *s) {
  fixture *f = w->f;
  vy_dispatch_options o = VY_DISPATCH_OPTIONS_INIT;
  if (s->has_count)
    o.count = vy_arg_range(w->theirs.counters, 16 * s->counted.of, 4);
  vy_arg args[3] = {vy_arg_u32(w->scalars[s->scalar - SCALARS]),
                    range_of(w, &s->x)};
  vy_outputs *out = NULL;
  if (s->kind == SLOT) {
    args[2] = s->program == GROWN ? vy_arg_none()
              : s->program >= ODD ? vy_arg_length(s->y.size / 4)
                                  : host_of(w, &s->y);
    out = w->theirs.outputs[w->outputs[s->slot]];
  } else {
    args[2] = range_of(w, &s->y);
  }
  expect_ok(f, vy_dispatch(w->programs[s->program], args, 3, &o, out, NULL,
                           &f->diags));
}

static void run_step(world *w, const step *s) {
  fixture *f = w->f;
  const set *t = &w->theirs;
  vy_arg element = vy_arg_range(t->counters, 16 * s->element.of, 4);
  if (s->kind == CALL || s->kind == SLOT)
    call(w, s);
  else if (s->kind == COPY)
    expect_ok(f, vy_buffer_copy(f->device, buffer_of(w, &s->x),
                                offset_of(w, &s->x), buffer_of(w, &s->y),
                                offset_of(w, &s->y), s->y.size, &f->diags));
  else if (s->kind == FILL)
    expect_ok(f, vy_buffer_fill(f->device, buffer_of(w, &s->y),
                                offset_of(w, &s->y), s->y.size,
                                (uint8_t)s->value, &f->diags));
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
      vy_transfer down = {w->theirs.counters, 16 * s->element.of, 4, &s->left};
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
  uint8_t x[BYTES + SHIFT], y[BYTES + SHIFT];
  vy_transfer t[2] = {{a, 0, size, x}, {b, 0, size, y}};
  expect_ok(w->f, vy_buffer_download(w->f->device, t, 2, &w->f->diags));
  assert_memory_equal(x, y, size);
}

static void same_outputs(const vy_outputs *a, const vy_outputs *b) {
  uint64_t size = vy_outputs_size(b, 0);
  assert_int_equal(vy_outputs_size(a, 0), size);
  assert_int_equal(!vy_outputs_data(a, 0), !vy_outputs_data(b, 0));
  if (size)
    assert_memory_equal(vy_outputs_data(a, 0), vy_outputs_data(b, 0), size);
}

static void compare(world *w, const vy_sequence *q) {
  for (uint32_t i = 0; i < COUNT; i++)
    same_buffer(w, w->ours.words[i], w->theirs.words[i], BYTES + SHIFT);
  same_buffer(w, w->ours.counters, w->theirs.counters, 16 * COUNTERS);
  for (uint32_t i = 0; i < w->count; i++) {
    const step *s = &w->steps[i];
    uint64_t passes = 0;
    uint32_t left = 0;
    if (s->kind == SLOT)
      same_outputs(w->ours.outputs[w->outputs[s->slot]],
                   w->theirs.outputs[w->outputs[s->slot]]);
    if (s->kind != BEGIN)
      continue;
    assert_int_equal(vy_sequence_passes(q, s->number, &passes, &left), VY_OK);
    assert_int_equal(passes, s->passes);
    assert_int_equal(left, s->left);
  }
}

// ---- a replay

static void fill_buffers(world *w) {
  uint32_t data[WORDS + SHIFT / 4];
  for (uint32_t i = 0; i <= COUNT; i++) {
    bool counters = i == COUNT;
    uint32_t words = counters ? 4 * COUNTERS : WORDS + SHIFT / 4;
    for (uint32_t k = 0; k < words; k++)
      data[k] = draw(w, counters ? 5 : 1000);
    vy_buffer a = counters ? w->ours.counters : w->ours.words[i];
    vy_buffer b = counters ? w->theirs.counters : w->theirs.words[i];
    vy_transfer t[2] = {{a, 0, 4 * words, data}, {b, 0, 4 * words, data}};
    expect_ok(w->f, vy_buffer_upload(w->f->device, t, 2, &w->f->diags));
  }
  for (uint32_t i = 0; i < HOSTS; i++)
    for (uint32_t k = 0; k < BYTES + SHIFT; k++)
      w->host[i][k] = (uint8_t)draw(w, 256);
}

// Some things stay as they were.
static void exchange(world *w) {
  for (uint32_t i = 0; i < COUNT; i++)
    w->scalars[i] = draw(w, 3) ? w->scalars[i] : draw(w, 100);
  if (draw(w, 2))
    shuffle(w, w->buffers, COUNT);
  if (draw(w, 2))
    shuffle(w, w->hosts, HOSTS);
  if (draw(w, 2))
    shuffle(w, w->outputs, w->slots);
  for (uint32_t i = 0; i < COUNT; i++)
    w->buffer_at[i] = draw(w, 2) ? w->buffer_at[i] : 16 * draw(w, SHIFT / 16);
  for (uint32_t i = 0; i < HOSTS; i++)
    w->host_at[i] = draw(w, 2) ? w->host_at[i] : 4 * draw(w, SHIFT / 4);
  for (uint32_t i = 0; i < HOSTS; i++)
    w->varied[i] = draw(w, 3) ? 4 * draw(w, WORDS + 1) : BYTES + SHIFT;
}

// What slots held is gone with the steps that did not run.
static void forget(world *w) {
  for (uint32_t i = 0; i < w->count; i++)
    w->steps[i].passes = w->steps[i].left = 0;
  for (uint32_t i = 0; i < w->slots; i++)
    assert_int_equal(
        vy_outputs_set(w->theirs.outputs[i], 0, VY_SLOT_DEFAULT, NULL, 0),
        VY_OK);
}

// At once, or with a dispatch behind it before it is waited for.
static void run_replay(world *w, vy_sequence *q, const vy_bindings *b) {
  fixture *f = w->f;
  vy_ticket *t = NULL;
  if (draw(w, 2)) {
    expect_ok(f, vy_sequence_replay(q, b, NULL, &f->diags));
    return;
  }
  expect_ok(f, vy_sequence_submit(q, b, NULL, 0, &t, &f->diags));
  step *last = &w->steps[w->count++];
  *last = (step){.kind = TICK, .element = draw_counter(w)};
  vy_arg element = vy_arg_range(w->ours.counters, 16 * last->element.of, 4);
  expect_ok(f, vy_dispatch(w->tick, &element, 1, NULL, NULL, NULL, &f->diags));
  expect_ok(f, vy_wait(t, UINT64_MAX, NULL, &f->diags));
  vy_ticket_release(t);
}

static void replay(world *w, vy_sequence *q) {
  vy_arg table[TABLE] = {[COUNTS] = vy_arg_buffer(w->ours.counters)};
  vy_outputs *outputs[STEPS];
  for (uint32_t i = 0; i < COUNT; i++) {
    table[BUFFERS + i] =
        vy_arg_range(w->ours.words[w->buffers[i]], w->buffer_at[i], BYTES);
    table[SCALARS + i] = vy_arg_u32(w->scalars[i]);
  }
  for (uint32_t i = 0; i < HOSTS; i++)
    table[MEMORY + i] =
        vy_arg_host(w->host[w->hosts[i]] + w->host_at[i], BYTES);
  for (uint32_t i = 0; i < HOSTS; i++)
    table[VARIED + i] = vy_arg_host(w->host[i], w->varied[i]);
  for (uint32_t i = 0; i < w->slots; i++)
    outputs[i] = w->ours.outputs[w->outputs[i]];
  vy_bindings b = VY_BINDINGS_INIT;
  b.args = table;
  b.arg_count = TABLE;
  b.outputs = outputs;
  b.output_count = w->slots;
  run_replay(w, q, &b);
}

// ---- all together

static void round_of(world *w) {
  vy_sequence *q = make_sequence(w->f);
  make_steps(w);
  for (uint32_t i = 0; i < w->count; i++)
    w->steps[i].number = record_step(w, q, &w->steps[i]);
  expect_ok(w->f, vy_sequence_finish(q, &w->f->diags));
  shuffle(w, w->buffers, COUNT);
  shuffle(w, w->hosts, HOSTS);
  shuffle(w, w->outputs, w->slots);
  uint32_t count = w->count;
  for (uint32_t k = 0; k < REPLAYS; k++) {
    fill_buffers(w);
    exchange(w);
    forget(w);
    w->count = count;
    replay(w, q);
    run_range(w, 0, (int32_t)w->count);
    compare(w, q);
  }
  vy_sequence_release(q);
}

static void make_set(fixture *f, set *t) {
  for (uint32_t i = 0; i < COUNT; i++)
    t->words[i] = make_buffer(f, NULL, BYTES + SHIFT);
  t->counters = make_buffer(f, NULL, 16 * COUNTERS);
  for (uint32_t i = 0; i < STEPS; i++)
    t->outputs[i] = make_outputs(f, 1);
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
  for (uint32_t i = 0; i < PROGRAMS; i++)
    w->programs[i] = make_pipeline(f, texts[i], 0);
  w->tick = make_pipeline(f, tick_text, 0);
  make_set(f, &w->ours);
  make_set(f, &w->theirs);
  for (uint32_t i = 0; i < STEPS; i += 2)
    assert_int_equal(vy_outputs_set(w->ours.outputs[i], 0, VY_SLOT_MEMORY,
                                    w->given[i / 2], BYTES + SHIFT),
                     VY_OK);
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
