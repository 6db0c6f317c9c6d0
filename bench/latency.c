// The latency suite: what a dispatch costs, by size, by way of calling, by
// number of callers, and with how much else alive. A sample is the mean of a
// block of calls, as one call is shorter than the clock can tell.
#include "latency.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static const char *const text =
    "const K: u32 = 3;\n"
    "program small(x: read u32[], y: write u32[len(x)]) {\n"
    "    lanes len(x);\n"
    "    y[lane] = x[lane] * K + lane;\n"
    "}\n";

enum { SAMPLES = 100, BATCH = 1000, MOST = 1 << 20 };

static vy_program *parse(vy_context *context) {
  vy_source source = VY_SOURCE_INIT;
  source.text = vy_str_c(text);
  vy_program *program = NULL;
  check_vy(vy_program_parse(context, &source, &program, NULL), NULL,
           "the latency program");
  return program;
}

static vy_pipeline *compile(vy_device *device, vy_program *program,
                            uint32_t k) {
  vy_compile_options options = VY_COMPILE_OPTIONS_INIT;
  vy_const_value value = {vy_str_c("K"), k, VY_TYPE_U32, 0};
  options.constants = &value;
  options.constant_count = 1;
  vy_pipeline *pipeline = NULL;
  check_vy(vy_compile(device, program, &options, &pipeline, NULL), NULL,
           "compiling the latency program");
  return pipeline;
}

// ---- one sample

// How many calls make a block: about a fifth of a millisecond, at least one.
static uint32_t block_of(void (*call)(void *state), void *state) {
  for (uint32_t n = 1;; n *= 4) {
    double start = now_ns();
    for (uint32_t i = 0; i < n; i++)
      call(state);
    double took = now_ns() - start;
    if (took > 2e5 || n >= 1 << 16)
      return n;
  }
}

latency_row measure_calls(void (*call)(void *state), void *state, double per) {
  static double samples[SAMPLES];
  uint32_t block = block_of(call, state), count = 0;
  double begin = now_ns();
  while (count < SAMPLES && (count < 10 || now_ns() - begin < 1e9)) {
    double start = now_ns();
    for (uint32_t k = 0; k < block; k++)
      call(state);
    samples[count++] = (now_ns() - start) / block / per;
  }
  return (latency_row){spread_of(samples, count), block};
}

void measure_in_turn(timed_call *calls, uint32_t count) {
  double(*samples)[SAMPLES] = take(count * sizeof *samples);
  uint32_t n = 0;
  for (uint32_t i = 0; i < count; i++)
    calls[i].row.block = block_of(calls[i].call, calls[i].state);
  double begin = now_ns();
  for (; n < SAMPLES && (n < 30 || now_ns() - begin < 1e9 * count); n++)
    for (uint32_t i = 0; i < count; i++) {
      timed_call *c = &calls[(i + n) % count];
      c->call(c->state);
      double start = now_ns();
      for (uint32_t k = 0; k < c->row.block; k++)
        c->call(c->state);
      samples[c - calls][n] = (now_ns() - start) / c->row.block / c->per;
    }
  for (uint32_t i = 0; i < count; i++)
    calls[i].row.spread = spread_of(samples[i], n);
  free(samples);
}

void print_row(bench *b, bool *first, const char *what, const char *mode,
               uint64_t n, latency_row r) {
  printf("  %-12s %-24s %10llu %12.1f ns  (p10 %.1f, p99 %.1f)\n", what, mode,
         (unsigned long long)n, r.spread.median, r.spread.p10, r.spread.p99);
  fflush(stdout);
  if (!b->json)
    return;
  fprintf(b->json,
          "%s\n    {\"what\": \"%s\", \"mode\": \"%s\", \"n\": %llu, "
          "\"block\": %u, ",
          *first ? "" : ",", what, mode, (unsigned long long)n, r.block);
  json_spread(b->json, r.spread);
  fputc('}', b->json);
  fflush(b->json);
  *first = false;
}

// ---- ways to call

typedef struct caller {
  vy_device *device;
  vy_program *program;
  vy_pipeline *pipeline;
  vy_prepared *prepared;
  vy_outputs *outputs;
  vy_buffer x, y;
  vy_arg host[2], resident[2];
  vy_item *items;
  uint32_t *in, n;
} caller;

static void one_shot(void *state) {
  caller *c = state;
  check_vy(vy_run(c->device, c->program, NULL, c->host, 2, NULL, c->outputs,
                  NULL, NULL),
           NULL, "run");
}

static void cached(void *state) {
  caller *c = state;
  check_vy(vy_dispatch(c->pipeline, c->host, 2, NULL, c->outputs, NULL, NULL),
           NULL, "dispatch");
}

static void resident(void *state) {
  caller *c = state;
  check_vy(vy_dispatch(c->pipeline, c->resident, 2, NULL, NULL, NULL, NULL),
           NULL, "dispatch");
}

static void prepared(void *state) {
  caller *c = state;
  check_vy(vy_prepared_run(c->prepared, NULL, NULL), NULL, "prepared run");
}

static void batch(void *state) {
  caller *c = state;
  check_vy(vy_dispatch_batch(c->pipeline, c->items, BATCH, NULL, NULL, NULL),
           NULL, "batch");
}

// The floor: the same loop, called through a pointer.
static void plain(const uint32_t *x, uint32_t *y, uint32_t n, uint32_t k) {
  for (uint32_t i = 0; i < n; i++)
    y[i] = x[i] * k + i;
}

static void (*volatile plain_call)(const uint32_t *, uint32_t *, uint32_t,
                                   uint32_t) = plain;

static void c_call(void *state) {
  caller *c = state;
  plain_call(c->in, c->in + c->n, c->n, 3);
}

static vy_buffer buffer(vy_device *device, uint64_t size) {
  vy_buffer b = {0};
  check_vy(vy_buffer_create(device, size ? size : 16, &b, NULL), NULL,
           "buffer");
  return b;
}

static void open_caller(bench *b, caller *c, vy_device *device,
                        vy_program *program, vy_pipeline *pipeline,
                        uint32_t n) {
  memset(c, 0, sizeof *c);
  uint64_t bytes = n * 4ull;
  c->device = device;
  c->program = program;
  c->pipeline = pipeline;
  c->n = n;
  c->in = take(2 * bytes + 64);
  for (uint32_t i = 0; i < n; i++)
    c->in[i] = mix(i);
  c->x = buffer(device, bytes);
  c->y = buffer(device, bytes);
  vy_transfer up = {c->x, 0, bytes, c->in};
  if (n)
    check_vy(vy_buffer_upload(device, &up, 1, NULL), NULL, "upload");
  c->host[0] = vy_arg_host(c->in, bytes);
  c->host[1] = vy_arg_none();
  c->resident[0] = vy_arg_range(c->x, 0, bytes);
  c->resident[1] = vy_arg_range(c->y, 0, bytes);
  check_vy(vy_outputs_create(b->context, 1, &c->outputs, NULL), NULL,
           "outputs");
  check_vy(vy_prepare(pipeline, c->resident, 2, NULL, NULL, &c->prepared, NULL),
           NULL, "prepare");
  c->items = take(BATCH * sizeof *c->items);
  for (uint32_t i = 0; i < BATCH; i++)
    c->items[i] = (vy_item){c->resident, 2, NULL};
}

static void close_caller(caller *c) {
  vy_prepared_release(c->prepared);
  vy_outputs_release(c->outputs);
  check_vy(vy_buffer_free(c->device, c->x, NULL), NULL, "free");
  check_vy(vy_buffer_free(c->device, c->y, NULL), NULL, "free");
  free(c->items);
  free(c->in);
}

// What the last resident run left, against C.
static void check_caller(bench *b, caller *c) {
  uint32_t *got = c->in + c->n;
  vy_transfer down = {c->y, 0, c->n * 4ull, got};
  if (c->n)
    check_vy(vy_buffer_download(c->device, &down, 1, NULL), NULL, "download");
  const uint32_t *slot = vy_outputs_data(c->outputs, 0);
  for (uint32_t i = 0; i < c->n; i++) {
    uint32_t want = c->in[i] * 3 + i;
    if (got[i] == want && slot[i] == want)
      continue;
    printf("  latency: lane %u of %u is wrong\n", i, c->n);
    b->failures++;
    return;
  }
}

static void by_size(bench *b, bool *first, vy_program *program) {
  static const uint32_t sizes[] = {0, 64, 4096, MOST};
  vy_pipeline *pipeline = compile(b->all, program, 3);
  for (uint32_t i = 0; i < 4; i++) {
    uint32_t n = sizes[i];
    caller c;
    open_caller(b, &c, b->all, program, pipeline, n);
    print_row(b, first, "dispatch", "one-shot", n,
              measure_calls(one_shot, &c, 1));
    print_row(b, first, "dispatch", "cached", n, measure_calls(cached, &c, 1));
    print_row(b, first, "dispatch", "resident", n,
              measure_calls(resident, &c, 1));
    print_row(b, first, "dispatch", "prepared", n,
              measure_calls(prepared, &c, 1));
    if (n < MOST)
      print_row(b, first, "dispatch", "batch, an item", n,
                measure_calls(batch, &c, BATCH));
    check_caller(b, &c);
    print_row(b, first, "dispatch", "C, by a pointer", n,
              measure_calls(c_call, &c, 1));
    close_caller(&c);
  }
  vy_pipeline_release(pipeline);
}

// ---- many callers: each has buffers of its own
//
// They run on and on while the main thread looks at how many calls each has
// made, so that neither their start nor their end is in a sample, and the
// scheduler has found a processor for each before the first. The loop in C,
// in which nothing is shared, says what the machine has to give.

enum { MOST_CALLERS = 64, WINDOWS = 15, CALLS_A_LOOK = 8 };

typedef struct member {
  _Alignas(128) _Atomic uint64_t calls;
  _Atomic uint32_t *stop;
  void (*call)(void *state);
  caller *caller;
  pthread_t thread;
} member;

static void *member_main(void *user) {
  member *m = user;
  uint64_t calls = 0;
  while (!atomic_load_explicit(m->stop, memory_order_relaxed)) {
    for (uint32_t i = 0; i < CALLS_A_LOOK; i++)
      m->call(m->caller);
    calls += CALLS_A_LOOK;
    atomic_store_explicit(&m->calls, calls, memory_order_relaxed);
  }
  return NULL;
}

static uint64_t calls_of(const member *members, uint32_t count) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++)
    sum += atomic_load_explicit(&members[i].calls, memory_order_relaxed);
  return sum;
}

static void sleep_ms(uint32_t ms) {
  struct timespec t = {ms / 1000, ms % 1000 * 1000000l};
  nanosleep(&t, NULL);
}

// Nanoseconds of a dispatch, of all callers together, in windows of `ms`.
static void run_crowd(caller *callers, uint32_t count,
                      void (*call)(void *state), uint32_t ms,
                      double samples[WINDOWS]) {
  static member members[MOST_CALLERS];
  _Atomic uint32_t stop = 0;
  for (uint32_t i = 0; i < count; i++) {
    members[i] = (member){0, &stop, call, &callers[i], 0};
    if (pthread_create(&members[i].thread, NULL, member_main, &members[i]))
      fail("no thread");
  }
  sleep_ms(2 * ms);
  uint64_t calls = calls_of(members, count);
  double time = now_ns();
  for (uint32_t i = 0; i < WINDOWS; i++) {
    sleep_ms(ms);
    double now = now_ns();
    uint64_t made = calls_of(members, count);
    samples[i] = (now - time) / (double)(made > calls ? made - calls : 1);
    calls = made;
    time = now;
  }
  atomic_store(&stop, 1);
  for (uint32_t i = 0; i < count; i++)
    pthread_join(members[i].thread, NULL);
}

static void by_callers(bench *b, bool *first, vy_program *program) {
  vy_pipeline *pipeline = compile(b->all, program, 3);
  caller *callers = take(MOST_CALLERS * sizeof *callers);
  for (uint32_t i = 0; i < MOST_CALLERS; i++)
    open_caller(b, &callers[i], b->all, program, pipeline, 64);
  static const struct {
    const char *name;
    void (*call)(void *state);
  } modes[] = {{"resident", resident},
               {"prepared", prepared},
               {"C, by a pointer", c_call}};
  for (uint32_t m = 0; m < 3; m++)
    for (uint32_t threads = 1; threads <= MOST_CALLERS; threads *= 2) {
      double samples[WINDOWS];
      uint32_t ms = b->scale == QUICK ? 2 : 20;
      run_crowd(callers, threads, modes[m].call, ms, samples);
      print_row(b, first, "callers", modes[m].name, threads,
                (latency_row){spread_of(samples, WINDOWS), CALLS_A_LOOK});
    }
  for (uint32_t i = 0; i < MOST_CALLERS; i++)
    close_caller(&callers[i]);
  free(callers);
  vy_pipeline_release(pipeline);
}

// ---- much else alive

typedef struct crowded {
  caller *callers;
  vy_pipeline **pipelines;
  uint32_t count, at;
} crowded;

static void in_turn(void *state) {
  crowded *c = state;
  c->callers->pipeline = c->pipelines[c->at];
  resident(c->callers);
  c->at = c->at + 1 == c->count ? 0 : c->at + 1;
}

static void by_buffers(bench *b, bool *first, vy_program *program) {
  vy_pipeline *pipeline = compile(b->all, program, 3);
  vy_buffer *alive = take(10000 * sizeof *alive);
  caller c;
  open_caller(b, &c, b->all, program, pipeline, 64);
  uint32_t count = 0;
  for (uint32_t n = 10; n <= 10000; n *= 10) {
    while (count < n)
      alive[count++] = buffer(b->all, 256);
    print_row(b, first, "buffers", "resident", n,
              measure_calls(resident, &c, 1));
  }
  while (count)
    check_vy(vy_buffer_free(b->all, alive[--count], NULL), NULL, "free");
  close_caller(&c);
  free(alive);
  vy_pipeline_release(pipeline);
}

static void by_pipelines(bench *b, bool *first, vy_program *program) {
  vy_pipeline **alive = take(10000 * sizeof *alive);
  uint32_t count = 0, most = b->scale == QUICK ? 100 : 10000;
  double limit = b->gpu ? 10e9 : 300e9; // nanoseconds
  alive[count++] = compile(b->all, program, 3);
  caller c;
  open_caller(b, &c, b->all, program, alive[0], 64);
  double begin = now_ns();
  for (uint32_t n = 10; n <= most; n *= 10) {
    // Compiling them is not what is measured: not for more than some
    // minutes.
    if (count > 9 && b->scale != FULL && (now_ns() - begin) / count * n > limit)
      break;
    for (; count < n; count++)
      alive[count] = compile(b->all, program, 3 + count);
    c.pipeline = alive[0];
    print_row(b, first, "pipelines", "resident, one of them", n,
              measure_calls(resident, &c, 1));
    crowded all = {&c, alive, n, 0};
    print_row(b, first, "pipelines", "resident, all in turn", n,
              measure_calls(in_turn, &all, 1));
  }
  while (count)
    vy_pipeline_release(alive[--count]);
  close_caller(&c);
  free(alive);
}

void run_latency(bench *b) {
  bool first = true;
  printf("latency\n");
  if (b->json)
    fprintf(b->json, ",\n  \"latency\": [");
  vy_program *program = parse(b->context);
  by_size(b, &first, program);
  if (b->gpu)
    run_cuda_latency(b, &first);
  else
    pocl_latency(b, &first);
  by_callers(b, &first, program);
  by_buffers(b, &first, program);
  by_pipelines(b, &first, program);
  vy_program_release(program);
  if (b->json)
    fprintf(b->json, "\n  ]");
}
