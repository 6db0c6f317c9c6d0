// The latency suite of a GPU: Vyre's ways to dispatch beside what they are
// made of, written by hand against CUDA. The ways of one kind are timed in
// turn, block after block. Without nvcc, Vyre's rows stand alone.
#include "latency.h"

enum {
  LANES = 64,
  ITEMS = 1000,
  STEPS = 100,
  WORDS = 1024,
  MOST = 16,
  WAYS = 6
};
enum { RESIDENT, BORROWED, BATCH, CHAIN, SEQUENCE, TRANSFER };

static const char *const text =
    "program small(x: read u32[], y: write u32[len(x)]) {\n"
    "    lanes len(x);\n"
    "    y[lane] = x[lane] * 3 + lane;\n"
    "}\n"
    "program both(a: read u32[], b: read u32[], c: write u32[len(a)]) {\n"
    "    lanes len(a);\n"
    "    c[lane] = a[lane] + b[lane] * 3;\n"
    "}\n"
    "program take_in(x: read u32[], y: write u32[1024]) {\n"
    "    lanes 1024;\n"
    "    y[lane] = x[lane * (len(x) / 1024)] + 1;\n"
    "}\n"
    "program give_out(y: write u32[]) {\n"
    "    lanes len(y);\n"
    "    y[lane] = lane * 5;\n"
    "}\n";

typedef struct gpu {
  bench *b;
  vy_device *device;
  vy_pipeline *small, *both, *take_in, *give_out;
  vy_buffer x, y; // ITEMS times LANES words
  vy_arg resident[2], nothing[2];
  vy_prepared *prepared;
  vy_item *items;
  vy_arg (*item_args)[2];
  uint32_t *a, *b_in, *c; // of the caller, WORDS each
  vy_outputs *slot;
  vy_sequence *three, *hundred, *bound;
  uint32_t *large_in, *large_out; // of the caller
  uint32_t *pinned;               // as large, pinned by CUDA; may be NULL
  uint64_t bytes;                 // of a large transfer
  vy_outputs *large, *large_pinned, *few;
} gpu;

static vy_pipeline *compile(gpu *g, const char *name) {
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  source.program = vy_str_c(name);
  vy_program *program = NULL;
  vy_pipeline *pipeline = NULL;
  check_vy(vy_program_parse(g->b->context, &source, &program, NULL), NULL,
           name);
  check_vy(vy_compile(g->device, program, NULL, &pipeline, NULL), NULL, name);
  vy_program_release(program);
  return pipeline;
}

static vy_buffer create(gpu *g, uint64_t size) {
  vy_buffer b = {0};
  check_vy(vy_buffer_create(g->device, size, &b, NULL), NULL, "buffer");
  return b;
}

static vy_outputs *one_slot(gpu *g, void *memory, uint64_t capacity) {
  vy_outputs *o = NULL;
  check_vy(vy_outputs_create(g->b->context, 1, &o, NULL), NULL, "outputs");
  check_vy(vy_outputs_set(o, 0, VY_SLOT_MEMORY, memory, capacity), NULL,
           "slot");
  return o;
}

// ---- calls

static void dispatch(vy_pipeline *p, const vy_arg *args, size_t count,
                     vy_outputs *outputs) {
  check_vy(vy_dispatch(p, args, count, NULL, outputs, NULL, NULL), NULL,
           "dispatch");
}

static void empty(void *state) {
  gpu *g = state;
  dispatch(g->small, g->nothing, 2, NULL);
}

static void resident(void *state) {
  gpu *g = state;
  dispatch(g->small, g->resident, 2, NULL);
}

static void prepared(void *state) {
  gpu *g = state;
  check_vy(vy_prepared_run(g->prepared, NULL, NULL), NULL, "prepared");
}

static void borrowed(void *state) {
  gpu *g = state;
  vy_arg args[] = {vy_arg_host(g->a, WORDS * 4),
                   vy_arg_host(g->b_in, WORDS * 4), vy_arg_none()};
  dispatch(g->both, args, 3, g->slot);
}

static void batch(void *state) {
  gpu *g = state;
  check_vy(vy_dispatch_batch(g->small, g->items, ITEMS, NULL, NULL, NULL), NULL,
           "batch");
}

// x to y, y to x, x to y: only the last one is waited for.
static void chain(void *state) {
  gpu *g = state;
  vy_arg there[] = {g->resident[0], g->resident[1]};
  vy_arg back[] = {g->resident[1], g->resident[0]};
  vy_ticket *ticket = NULL;
  for (uint32_t i = 0; i < 3; i++) {
    vy_item item = {i % 2 ? back : there, 2, NULL};
    vy_ticket_release(ticket);
    check_vy(vy_submit(g->small, &item, 1, NULL, NULL, 0, &ticket, NULL), NULL,
             "submit");
  }
  check_vy(vy_wait(ticket, UINT64_MAX, NULL, NULL), NULL, "wait");
  vy_ticket_release(ticket);
}

static void replay(vy_sequence *s, const vy_bindings *bindings) {
  check_vy(vy_sequence_replay(s, bindings, NULL, NULL), NULL, "replay");
}

static void three(void *state) { replay(((gpu *)state)->three, NULL); }
static void hundred(void *state) { replay(((gpu *)state)->hundred, NULL); }

static void bound(void *state) {
  gpu *g = state;
  vy_bindings bindings = VY_BINDINGS_INIT;
  bindings.args = g->resident;
  bindings.arg_count = 2;
  replay(g->bound, &bindings);
}

static void large_in(void *state) {
  gpu *g = state;
  vy_arg args[] = {vy_arg_host(g->large_in, g->bytes), vy_arg_none()};
  dispatch(g->take_in, args, 2, g->few);
}

static void pinned_in(void *state) {
  gpu *g = state;
  vy_arg args[] = {vy_arg_host(g->pinned, g->bytes), vy_arg_none()};
  dispatch(g->take_in, args, 2, g->few);
}

static void large_out(void *state) {
  gpu *g = state;
  vy_arg args[] = {vy_arg_length(g->bytes / 4)};
  dispatch(g->give_out, args, 1, g->large);
}

static void pinned_out(void *state) {
  gpu *g = state;
  vy_arg args[] = {vy_arg_length(g->bytes / 4)};
  dispatch(g->give_out, args, 1, g->large_pinned);
}

static void large_both(void *state) {
  gpu *g = state;
  vy_arg args[] = {vy_arg_host(g->large_in, g->bytes), vy_arg_none()};
  dispatch(g->small, args, 2, g->large);
}

// ---- set-up

static vy_sequence *record(gpu *g, uint32_t steps, vy_arg x, vy_arg y) {
  vy_sequence *s = NULL;
  check_vy(vy_sequence_create(g->device, &s, NULL), NULL, "sequence");
  for (uint32_t i = 0; i < steps; i++) {
    vy_arg args[] = {i % 2 ? y : x, i % 2 ? x : y};
    vy_sequence_dispatch(s, g->small, args, 2, NULL, VY_SEQUENCE_NONE);
  }
  check_vy(vy_sequence_finish(s, NULL), NULL, "sequence");
  return s;
}

static void open_items(gpu *g) {
  g->items = take(ITEMS * sizeof *g->items);
  g->item_args = take(ITEMS * sizeof *g->item_args);
  for (uint32_t i = 0; i < ITEMS; i++) {
    g->item_args[i][0] = vy_arg_range(g->x, i * LANES * 4ull, LANES * 4);
    g->item_args[i][1] = vy_arg_range(g->y, i * LANES * 4ull, LANES * 4);
    g->items[i] = (vy_item){g->item_args[i], 2, NULL};
  }
}

static void open_gpu(gpu *g, bench *b) {
  *g = (gpu){.b = b, .device = b->all};
  g->small = compile(g, "small");
  g->both = compile(g, "both");
  g->take_in = compile(g, "take_in");
  g->give_out = compile(g, "give_out");
  g->x = create(g, ITEMS * LANES * 4);
  g->y = create(g, ITEMS * LANES * 4);
  g->resident[0] = vy_arg_range(g->x, 0, LANES * 4);
  g->resident[1] = vy_arg_range(g->y, 0, LANES * 4);
  g->nothing[0] = vy_arg_range(g->x, 0, 0);
  g->nothing[1] = vy_arg_range(g->y, 0, 0);
  check_vy(vy_prepare(g->small, g->resident, 2, NULL, NULL, &g->prepared, NULL),
           NULL, "prepare");
  open_items(g);
  g->a = take(3 * WORDS * 4);
  g->b_in = g->a + WORDS;
  g->c = g->b_in + WORDS;
  g->slot = one_slot(g, g->c, WORDS * 4);
  g->three = record(g, 3, g->resident[0], g->resident[1]);
  g->hundred = record(g, STEPS, g->resident[0], g->resident[1]);
  g->bound = record(g, STEPS, vy_arg_binding(0), vy_arg_binding(1));
  g->bytes = b->scale == QUICK ? 4 << 20 : 256 << 20;
  g->large_in = take(g->bytes);
  g->large_out = take(g->bytes);
  g->large = one_slot(g, g->large_out, g->bytes);
  g->few = one_slot(g, g->c, WORDS * 4);
}

static void close_gpu(gpu *g) {
  vy_outputs *outputs[] = {g->slot, g->large, g->few};
  vy_sequence *sequences[] = {g->three, g->hundred, g->bound};
  vy_pipeline *pipelines[] = {g->small, g->both, g->take_in, g->give_out};
  vy_prepared_release(g->prepared);
  for (uint32_t i = 0; i < 3; i++) {
    vy_outputs_release(outputs[i]);
    vy_sequence_release(sequences[i]);
  }
  for (uint32_t i = 0; i < 4; i++)
    vy_pipeline_release(pipelines[i]);
  check_vy(vy_buffer_free(g->device, g->x, NULL), NULL, "free");
  check_vy(vy_buffer_free(g->device, g->y, NULL), NULL, "free");
  free(g->items);
  free(g->item_args);
  free(g->a);
  free(g->large_in);
  free(g->large_out);
}

// ---- whether they do what they should

static void fill(gpu *g) {
  uint32_t *words = take(ITEMS * LANES * 4);
  for (uint32_t i = 0; i < ITEMS * LANES; i++)
    words[i] = mix(i);
  vy_transfer up = {g->x, 0, ITEMS * LANES * 4, words};
  check_vy(vy_buffer_upload(g->device, &up, 1, NULL), NULL, "upload");
  check_vy(vy_buffer_fill(g->device, g->y, 0, ITEMS * LANES * 4, 0, NULL), NULL,
           "fill");
  free(words);
  for (uint32_t i = 0; i < WORDS; i++) {
    g->a[i] = mix(i);
    g->b_in[i] = mix(i + WORDS);
  }
  memset(g->c, 0, WORDS * 4);
  for (uint64_t i = 0; i < g->bytes / 4; i++)
    g->large_in[i] = (uint32_t)i * 0x9E3779B9;
  memset(g->large_out, 0xA5, g->bytes);
  if (g->pinned)
    memcpy(g->pinned, g->large_in, g->bytes);
}

static uint64_t wrong_items(gpu *g, bool back, uint32_t items, uint32_t steps) {
  uint32_t *got = take(ITEMS * LANES * 4);
  uint64_t wrong = 0;
  vy_transfer down = {back ? g->x : g->y, 0, ITEMS * LANES * 4, got};
  check_vy(vy_buffer_download(g->device, &down, 1, NULL), NULL, "download");
  for (uint32_t i = 0; i < items * LANES; i++) {
    uint32_t v = mix(i);
    for (uint32_t k = 0; k < steps; k++)
      v = v * 3 + i % LANES;
    wrong += got[i] != v;
  }
  free(got);
  return wrong;
}

static uint64_t wrong_large(const gpu *g, void (*call)(void *state)) {
  uint64_t wrong = 0, n = g->bytes / 4;
  for (uint64_t i = 0; (call == large_in || call == pinned_in) && i < WORDS;
       i++)
    wrong += g->c[i] != g->large_in[i * (n / WORDS)] + 1;
  for (uint64_t i = 0; call == large_out && i < n; i++)
    wrong += g->large_out[i] != (uint32_t)i * 5;
  for (uint64_t i = 0; call == pinned_out && i < n; i++)
    wrong += g->pinned[i] != (uint32_t)i * 5;
  for (uint64_t i = 0; call == large_both && i < n; i++)
    wrong += g->large_out[i] != g->large_in[i] * 3 + (uint32_t)i;
  return wrong;
}

static bool right(gpu *g, uint32_t kind, const timed_call *c) {
  uint64_t wrong = 0;
  if (c->call == empty)
    return true;
  fill(g);
  c->call(g);
  if (kind == RESIDENT)
    wrong = wrong_items(g, false, 1, 1);
  else if (kind == BATCH)
    wrong = wrong_items(g, false, ITEMS, 1);
  else if (kind == CHAIN)
    wrong = wrong_items(g, false, 1, 3);
  else if (kind == SEQUENCE)
    wrong = wrong_items(g, true, 1, STEPS);
  else if (kind == TRANSFER)
    wrong = wrong_large(g, c->call);
  else
    for (uint32_t i = 0; i < WORDS; i++)
      wrong += g->c[i] != g->a[i] + g->b_in[i] * 3;
  if (wrong)
    printf("  latency: %s: %llu words are wrong\n", c->name,
           (unsigned long long)wrong);
  g->b->failures += wrong != 0;
  return !wrong;
}

// ---- all of it

typedef struct kind_row {
  const char *what;
  uint64_t n;
  struct {
    const char *name;
    double per;
    void (*call)(void *state);
  } ways[WAYS];
} kind_row;

static const kind_row kinds[] = {
    {"resident",
     LANES,
     {{"empty", 1, empty},
      {"vyre", 1, resident},
      {"vyre, prepared", 1, prepared}}},
    {"borrowed", WORDS, {{"vyre", 1, borrowed}}},
    {"batch", LANES, {{"vyre", ITEMS, batch}}},
    {"chain", 3, {{"vyre", 1, chain}, {"vyre, a sequence", 1, three}}},
    {"sequence",
     STEPS,
     {{"vyre", STEPS, hundred}, {"vyre, bindings", STEPS, bound}}},
    {"transfer",
     0,
     {{"vyre, in", 1, large_in},
      {"vyre, out", 1, large_out},
      {"vyre, in and out", 1, large_both},
      {"vyre, pinned, in", 1, pinned_in},
      {"vyre, pinned, out", 1, pinned_out}}},
};

static uint32_t floors_of(cuda_floors *f, uint32_t kind, timed_call *to) {
#ifdef HAVE_CUDA
  cuda_floor floors[CUDA_MOST_FLOORS];
  uint32_t count = f ? cuda_floors_of(f, kind, floors) : 0;
  for (uint32_t i = 0; i < count; i++)
    to[i] = (timed_call){.name = floors[i].name,
                         .call = floors[i].call,
                         .state = floors[i].state,
                         .per = floors[i].per};
  return count;
#else
  (void)f, (void)kind, (void)to;
  return 0;
#endif
}

static void run_kind(gpu *g, cuda_floors *f, uint32_t kind, bool *first) {
  const kind_row *k = &kinds[kind];
  timed_call calls[MOST];
  uint32_t count = 0;
  for (uint32_t i = 0; i < WAYS && k->ways[i].name; i++) {
    bool pins = k->ways[i].call == pinned_in || k->ways[i].call == pinned_out;
    if (pins && !g->pinned)
      continue;
    calls[count] = (timed_call){.name = k->ways[i].name,
                                .call = k->ways[i].call,
                                .state = g,
                                .per = k->ways[i].per};
    count += right(g, kind, &calls[count]);
  }
  count += floors_of(f, kind, calls + count);
  measure_in_turn(calls, count);
  for (uint32_t i = 0; i < count; i++)
    print_row(g->b, first, k->what, calls[i].name, k->n ? k->n : g->bytes,
              calls[i].row);
}

void run_cuda_latency(bench *b, bool *first) {
  gpu g;
  cuda_floors *f = NULL;
  open_gpu(&g, b);
#ifdef HAVE_CUDA
  if (!cuda_absent())
    f = cuda_floors_open(g.bytes);
  if (f) {
    g.pinned = cuda_floors_pinned(f);
    g.large_pinned = one_slot(&g, g.pinned, g.bytes);
  }
#endif
  for (uint32_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
    run_kind(&g, f, kind, first);
#ifdef HAVE_CUDA
  vy_outputs_release(g.large_pinned);
  if (f)
    cuda_floors_close(f);
#endif
  close_gpu(&g);
}

// ---- the card's roofline

void run_cuda_machine(bench *b) {
  printf("machine\n");
  if (b->json)
    fprintf(b->json, ",\n  \"roofline\": [");
#ifdef HAVE_CUDA
  enum { RUNS = 30 };
  uint64_t bytes = b->scale == QUICK ? 16 << 20 : 1 << 30;
  cuda_peak p;
  for (uint32_t i = 0; !cuda_absent() && cuda_peak_measure(i, bytes, &p); i++) {
    double samples[RUNS];
    for (uint32_t k = 0; k < RUNS; k++) {
      cuda_peak_measure(i, bytes, &p);
      samples[k] = p.ns;
    }
    spread s = spread_of(samples, RUNS);
    printf("  %-16s %10.2f G/s\n", p.name, p.work / s.median);
    if (!b->json)
      continue;
    fprintf(b->json,
            "%s\n    {\"name\": \"%s\", \"threads\": 1, \"work\": %.0f, ",
            i ? "," : "", p.name, p.work);
    json_spread(b->json, s);
    fputc('}', b->json);
  }
#endif
  if (b->json)
    fprintf(b->json, "\n  ]");
}
