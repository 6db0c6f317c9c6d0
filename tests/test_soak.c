// Many threads that dispatch for long: all sizes, borrowed, resident, in
// batches and in chains, results compared bit for bit, and what the library
// holds of memory must not grow. Some rounds by default; VYRE_SOAK=SECONDS
// goes on for that long.
#include "conformance/conformance.h"

#include <pthread.h>
#include <time.h>

#include "support/numbers.h"

enum { THREADS = 8, ROUNDS = 12, MOST = 1 << 18, ITEMS = 4, GROUP = 64 };

static const char sums_text[] =
    "program sums(x: read u32[], y: write u32[(len(x) + 63) / 64]) {\n"
    "  group 64;\n"
    "  groups (len(x) + 63) / 64;\n"
    "  var v = 0u;\n"
    "  if (lane < len(x)) {\n"
    "    v = x[lane];\n"
    "  }\n"
    "  let sum = group_reduce_add(v);\n"
    "  if (local == 0) {\n"
    "    y[group_id] = sum;\n"
    "  }\n"
    "}\n";

typedef struct soak {
  fixture *f;
  vy_pipeline *saxpy, *sums;
  pthread_barrier_t turn; // all threads, and the main one
  double seconds;         // of each half; 0: ROUNDS
} soak;

typedef struct worker {
  soak *s;
  uint64_t seed, random;
  uint32_t *x, *y, *got;
  vy_outputs *outputs[ITEMS];
  vy_buffer bx, by, bz; // MOST elements each
  uint64_t runs;
  uint32_t wrong; // cmocka's asserts belong to the main thread
} worker;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint32_t next(worker *w, uint32_t below) {
  return (uint32_t)(numbers_next(&w->random) % below);
}

static void ok(worker *w, vy_status s) { w->wrong += s != VY_OK; }

// Mostly small; now and then one that is shared, staged or copied in parts.
static uint32_t any_size(worker *w) {
  static const uint32_t most[] = {70, 70, 1100, 1100, 5000, 70000, MOST};
  return 1 + next(w, most[next(w, sizeof most / sizeof *most)]);
}

static void fill(worker *w, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    w->x[i] = (uint32_t)numbers_next(&w->random);
    w->y[i] = i ^ w->x[i] >> 3;
  }
}

static void check(worker *w, const uint32_t *got, uint32_t a, uint32_t from,
                  uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    w->wrong += !got || got[i] != a * w->x[from + i] + w->y[from + i];
}

static void check_sums(worker *w, uint32_t a, uint32_t n) {
  for (uint32_t g = 0; g * GROUP < n; g++) {
    uint32_t sum = 0;
    for (uint32_t i = g * GROUP; i < n && i < (g + 1) * GROUP; i++)
      sum += a * w->x[i] + w->y[i];
    w->wrong += w->got[g] != sum;
  }
}

// ---- ways

static void borrowed(worker *w, uint32_t a, uint32_t n) {
  vy_arg args[] = {vy_arg_u32(a), vy_arg_host(w->x, n * 4ull),
                   vy_arg_host(w->y, n * 4ull)};
  ok(w, vy_outputs_set(w->outputs[0], 0, VY_SLOT_GROW, NULL, 0));
  ok(w, vy_dispatch(w->s->saxpy, args, 3, NULL, w->outputs[0], NULL, NULL));
  check(w, vy_outputs_data(w->outputs[0], 0), a, 0, n);
}

static void into_memory(worker *w, uint32_t a, uint32_t n) {
  vy_arg args[] = {vy_arg_u32(a), vy_arg_host(w->x, n * 4ull),
                   vy_arg_host(w->y, n * 4ull)};
  vy_ticket *t = NULL;
  ok(w, vy_outputs_set(w->outputs[0], 0, VY_SLOT_MEMORY, w->got, n * 4ull));
  vy_item item = {args, 3, w->outputs[0]};
  ok(w, vy_submit(w->s->saxpy, &item, 1, NULL, NULL, 0, &t, NULL));
  ok(w, vy_wait(t, UINT64_MAX, NULL, NULL));
  vy_ticket_release(t);
  check(w, w->got, a, 0, n);
}

static void in_a_batch(worker *w, uint32_t a, uint32_t n) {
  vy_arg args[ITEMS][3];
  vy_item items[ITEMS];
  uint32_t each = n / ITEMS;
  for (uint32_t i = 0; i < ITEMS; i++) {
    args[i][0] = vy_arg_u32(a + i);
    args[i][1] = vy_arg_host(w->x + i * each, each * 4ull);
    args[i][2] = vy_arg_host(w->y + i * each, each * 4ull);
    items[i] = (vy_item){args[i], 3, w->outputs[i]};
    ok(w, vy_outputs_set(w->outputs[i], 0, VY_SLOT_GROW, NULL, 0));
  }
  ok(w, vy_dispatch_batch(w->s->saxpy, items, ITEMS, NULL, NULL, NULL));
  for (uint32_t i = 0; i < ITEMS && each; i++)
    check(w, vy_outputs_data(w->outputs[i], 0), a + i, i * each, each);
}

static void transfer(worker *w, vy_buffer b, uint32_t *host, uint32_t n,
                     bool up) {
  vy_transfer t = {b, 0, n * 4ull, host};
  vy_device *d = w->s->f->device;
  ok(w, up ? vy_buffer_upload(d, &t, 1, NULL)
           : vy_buffer_download(d, &t, 1, NULL));
}

// A buffer that lives no longer than this.
static void resident(worker *w, uint32_t a, uint32_t n) {
  vy_buffer b = {0};
  vy_device *d = w->s->f->device;
  ok(w, vy_buffer_create(d, n * 4ull, &b, NULL));
  transfer(w, b, w->y, n, true);
  vy_arg args[] = {vy_arg_u32(a), vy_arg_host(w->x, n * 4ull),
                   vy_arg_range(b, 0, n * 4ull)};
  ok(w, vy_dispatch(w->s->saxpy, args, 3, NULL, NULL, NULL, NULL));
  transfer(w, b, w->got, n, false);
  ok(w, vy_buffer_free(d, b, NULL));
  check(w, w->got, a, 0, n);
}

// Two pipelines, of which only the second is waited for.
static void chained(worker *w, uint32_t a, uint32_t n) {
  vy_ticket *first = NULL, *second = NULL;
  uint32_t groups = (n + GROUP - 1) / GROUP;
  vy_arg x = vy_arg_range(w->bx, 0, n * 4ull);
  vy_arg y = vy_arg_range(w->by, 0, n * 4ull);
  vy_arg one[] = {vy_arg_u32(a), x, y};
  vy_arg two[] = {y, vy_arg_range(w->bz, 0, groups * 4ull)};
  vy_item saxpy = {one, 3, NULL}, sums = {two, 2, NULL};
  transfer(w, w->bx, w->x, n, true);
  transfer(w, w->by, w->y, n, true);
  ok(w, vy_submit(w->s->saxpy, &saxpy, 1, NULL, NULL, 0, &first, NULL));
  ok(w, vy_submit(w->s->sums, &sums, 1, NULL, NULL, 0, &second, NULL));
  ok(w, vy_wait(second, UINT64_MAX, NULL, NULL));
  ok(w, vy_wait(first, UINT64_MAX, NULL, NULL));
  vy_ticket_release(first);
  vy_ticket_release(second);
  transfer(w, w->bz, w->got, groups, false);
  check_sums(w, a, n);
}

static void one_round(worker *w) {
  static void (*const ways[])(worker * w, uint32_t a, uint32_t n) = {
      borrowed, into_memory, in_a_batch, resident, chained};
  for (uint32_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    uint32_t n = any_size(w);
    fill(w, n);
    ways[i](w, next(w, 1000), n);
    w->runs++;
  }
}

// ---- two halves, between which all wait while memory is looked at

static void half(worker *w) {
  double end = now() + w->s->seconds;
  w->random = w->seed; // the second half does what the first one did
  for (uint32_t k = 0;
       !w->wrong && (w->s->seconds > 0 ? now() < end : k < ROUNDS); k++)
    one_round(w);
}

static void *work(void *user) {
  worker *w = user;
  half(w);
  pthread_barrier_wait(&w->s->turn);
  pthread_barrier_wait(&w->s->turn);
  half(w);
  pthread_barrier_wait(&w->s->turn);
  pthread_barrier_wait(&w->s->turn);
  return NULL;
}

static int64_t looked_at(soak *s) {
  pthread_barrier_wait(&s->turn);
  int64_t live = s->f->memory.live;
  pthread_barrier_wait(&s->turn);
  return live;
}

static void open_worker(worker *w, soak *s, uint32_t index) {
  *w = (worker){.s = s, .seed = 1000 + index};
  w->x = malloc(MOST * 4);
  w->y = malloc(MOST * 4);
  w->got = malloc(MOST * 4);
  assert_true(w->x && w->y && w->got);
  for (uint32_t i = 0; i < ITEMS; i++)
    w->outputs[i] = make_outputs(s->f, 1);
  w->bx = make_buffer(s->f, NULL, MOST * 4);
  w->by = make_buffer(s->f, NULL, MOST * 4);
  w->bz = make_buffer(s->f, NULL, MOST * 4);
}

static void close_worker(worker *w) {
  drop_buffer(w->s->f, w->bx);
  drop_buffer(w->s->f, w->by);
  drop_buffer(w->s->f, w->bz);
  free(w->x);
  free(w->y);
  free(w->got);
}

static void for_long(void **state) {
  soak s = {.f = *state};
  worker w[THREADS];
  pthread_t ids[THREADS];
  const char *seconds = getenv("VYRE_SOAK");
  s.seconds = seconds ? strtod(seconds, NULL) / 2 : 0;
  s.saxpy = make_pipeline(s.f, saxpy_text, 0);
  s.sums = make_pipeline(s.f, sums_text, 0);
  assert_int_equal(pthread_barrier_init(&s.turn, NULL, THREADS + 1), 0);
  for (uint32_t i = 0; i < THREADS; i++)
    open_worker(&w[i], &s, i);
  for (uint32_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&ids[i], NULL, work, &w[i]), 0);
  int64_t before = looked_at(&s), after = looked_at(&s);
  uint64_t runs = 0, wrong = 0;
  for (uint32_t i = 0; i < THREADS; i++) {
    pthread_join(ids[i], NULL);
    runs += w[i].runs;
    wrong += w[i].wrong;
    close_worker(&w[i]);
  }
  pthread_barrier_destroy(&s.turn);
  print_message("%llu dispatches; %lld bytes held, later %lld\n",
                (unsigned long long)runs, (long long)before, (long long)after);
  assert_int_equal(wrong, 0);
  // What is kept for later may still grow a little, by what met by chance.
  assert_true(after <= before + before / 4 + (1 << 20));
  assert_int_equal(counters(s.f).live_buffers, 0);
}

static int run(void) {
  const struct CMUnitTest tests[] = {CASE(for_long)};
  return cmocka_run_group_tests_name(conformance_device, tests, NULL, NULL);
}

int main(int argc, char **argv) { return conformance_main(argc, argv, run); }
