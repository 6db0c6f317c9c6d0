// See harness.h.
#include "harness.h"

#include <math.h>
#include <stdarg.h>
#include <time.h>

// ---- small things

void fail(const char *format, ...) {
  va_list ap;
  fprintf(stderr, "bench: ");
  va_start(ap, format);
  vfprintf(stderr, format, ap);
  va_end(ap);
  fputc('\n', stderr);
  exit(1);
}

void check_vy(vy_status status, vy_diags *diags, const char *what) {
  if (status == VY_OK)
    return;
  for (uint32_t i = 0; diags && i < diags->count; i++) {
    char text[2048];
    vy_diag_format(&diags->records[i], text, sizeof text);
    fprintf(stderr, "%s\n", text);
  }
  fail("%s: %s", what, vy_status_name(status));
}

void *take(size_t size) {
  size_t whole = (size + 63) / 64 * 64;
  void *p = aligned_alloc(64, whole ? whole : 64);
  if (!p)
    fail("out of memory");
  return memset(p, 0, whole);
}

static double read_clock(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

double now_ns(void) { return read_clock(CLOCK_MONOTONIC); }
double cpu_ns(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

uint64_t fnv1a64(const void *data, size_t size) {
  const unsigned char *p = data;
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; i++)
    h = (h ^ p[i]) * 0x100000001b3u;
  return h;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// Nearest rank: with few samples p99 is the worst one.
spread spread_of(double *samples, uint32_t n) {
  spread s = {0, 0, 0, 0, n};
  if (!n)
    return s;
  qsort(samples, n, sizeof *samples, ascending);
  s.median = n % 2 ? samples[n / 2] : (samples[n / 2 - 1] + samples[n / 2]) / 2;
  s.p10 = samples[(uint32_t)ceil(0.10 * n) - 1];
  s.p99 = samples[(uint32_t)ceil(0.99 * n) - 1];
  s.least = samples[0];
  return s;
}

void json_spread(FILE *f, spread s) {
  fprintf(f,
          "\"median_ns\": %.1f, \"p10_ns\": %.1f, \"p99_ns\": %.1f, "
          "\"least_ns\": %.1f, \"runs\": %u",
          s.median, s.p10, s.p99, s.least, s.runs);
}

// ---- jobs

void job_output(job *j, size_t capacity, size_t element) {
  j->out = take(capacity);
  j->out_capacity = capacity;
  j->element = element;
}

way *job_way(job *j, const char *name, uint32_t threads, bool gated) {
  if (j->way_count == MAX_WAYS)
    fail("%s: too many ways", j->id);
  way *w = &j->ways[j->way_count++];
  w->name = name;
  w->threads = threads;
  w->gated = gated;
  w->clock = "wall";
  return w;
}

typedef struct own {
  job *job;
  const baselines *c;
  c_run run_c;
  size_t (*run)(job *j);
  size_t (*output)(job *j);
  size_t size;
} own;

static void own_run(void *state) {
  own *o = state;
  o->size = o->run_c ? o->run_c(o->job, o->c) : o->run(o->job);
}

static size_t own_output(void *state) {
  own *o = state;
  return o->output ? o->output(o->job) : o->size;
}

static own *add_own(job *j, const char *name, uint32_t threads, bool gated) {
  way *w = job_way(j, name, threads, gated);
  own *o = take(sizeof *o);
  o->job = j;
  w->state = o;
  w->run = own_run;
  w->output = own_output;
  w->close = free;
  return o;
}

static void add_c(job *j, const char *name, uint32_t threads, bool gated,
                  const baselines *c, c_run run) {
  own *o = add_own(j, name, threads, gated);
  o->c = c;
  o->run_c = run;
}

void job_c(job *j, c_run run) {
  if (j->bench->gpu) {
    // What is wanted, and how far a GPU is from the processor.
    add_c(j, "c", j->bench->threads, true, &exact_all, run);
    j->ways[j->way_count - 1].most = 1;
    return;
  }
  add_c(j, "c", 1, true, &exact_one, run);
  if (j->bench->verify)
    return;
  add_c(j, "c", j->bench->threads, true, &exact_all, run);
  if (!j->floats)
    return;
  add_c(j, "c contracted", 1, false, &loose_one, run);
  add_c(j, "c contracted", j->bench->threads, false, &loose_all, run);
}

void job_own(job *j, const char *name, uint32_t threads, bool gated,
             size_t (*run)(job *j), size_t (*output)(job *j)) {
  if (j->bench->verify || j->bench->gpu)
    return;
  own *o = add_own(j, name, threads, gated);
  o->run = run;
  o->output = output;
}

void job_equal(job *j, const char *what, uint64_t got, uint64_t want) {
  if (got == want)
    return;
  printf("  %s: %llu (%016llx), the oracle says %llu (%016llx)\n", what,
         (unsigned long long)got, (unsigned long long)got,
         (unsigned long long)want, (unsigned long long)want);
  j->bench->failures++;
}

uint32_t stream_times(double ns, uint32_t kernels) {
  double times = 5e6 / ns, most = 256.0 / (kernels ? kernels : 1);
  times = times < most ? times : most;
  return times < 1 ? 1 : (uint32_t)times;
}

// ---- comparing and timing

// With --way, all others but the first, whose output is what is wanted. They
// go behind those that are kept, and are closed with them: ways share memory.
static void drop_ways(job *j) {
  way dropped[MAX_WAYS];
  uint32_t kept = 1;
  for (uint32_t i = 1; i < j->way_count; i++) {
    way *w = &j->ways[i];
    if (!j->bench->way || !strcmp(w->name, j->bench->way))
      j->ways[kept++] = *w;
    else
      dropped[j->dropped_count++] = *w;
  }
  memcpy(&j->ways[kept], dropped, j->dropped_count * sizeof *dropped);
  j->way_count = kept;
}

// Run once with nothing left of earlier runs; elements that differ from what
// is wanted. The first way's output becomes what is wanted.
static uint64_t compare(job *j, way *w) {
  memset(j->out, 0xA5, j->out_capacity);
  w->run(w->state);
  size_t size = w->output(w->state);
  if (size > j->out_capacity)
    fail("%s: %s left %zu bytes in %zu", j->id, w->name, size, j->out_capacity);
  if (!j->want) {
    j->want = take(size);
    memcpy(j->want, j->out, size);
    j->want_size = size;
    return 0;
  }
  uint64_t differing = 0;
  size_t common = size < j->want_size ? size : j->want_size;
  if (size == j->want_size && !memcmp(j->out, j->want, size))
    return 0;
  if (size != j->want_size)
    differing = (size > j->want_size ? size : j->want_size) - common;
  for (size_t i = 0; i < common; i += j->element)
    differing += memcmp(j->out + i, j->want + i, j->element) != 0;
  return differing;
}

static void check_way(job *j, way *w) {
  w->differing = compare(j, w);
  if (!w->differing || !w->gated)
    return;
  size_t at = 0;
  while (at < j->want_size && !memcmp(j->out + at, j->want + at, j->element))
    at += j->element;
  printf("  %s, %s on %u threads: %llu elements differ, the first at %zu\n",
         j->id, w->name, w->threads, (unsigned long long)w->differing,
         at / j->element);
  j->bench->failures++;
  w->wrong = true;
}

// Until threads that spin before they park have done so: what one way leaves
// running must not slow the next.
static void settle(void) {
  struct timespec t = {0, 2000000};
  nanosleep(&t, NULL);
}

// Ways that cannot measure what they are for are not timed; nor is, on a GPU,
// one whose bits are wrong: the others still tell something.
static void find_idle(job *j) {
  for (uint32_t i = 0; i < j->way_count; i++) {
    way *w = &j->ways[i];
    w->idle = w->wrong || (w->measure && w->measure(w->state) < 0);
  }
}

static double sample(const bench *b, way *w) {
  if (b->gpu && !w->most)
    w->run(w->state); // not what another context left in the caches
  else if (!b->gpu)
    settle();
  double cpu = cpu_ns(), start = now_ns(), took;
  if (w->measure) {
    took = w->measure(w->state);
  } else {
    w->run(w->state);
    took = now_ns() - start;
  }
  w->cpu[w->sample_count] = cpu_ns() - cpu;
  return took;
}

static void time_ways(job *j) {
  bench *b = j->bench;
  for (uint32_t i = 0; i < j->way_count; i++) {
    j->ways[i].samples = take(MAX_RUNS * sizeof(double));
    j->ways[i].cpu = take(MAX_RUNS * sizeof(double));
  }
  double begin = now_ns();
  for (uint32_t round = 0; round < b->runs && round < MAX_RUNS; round++) {
    if (round >= 3 && now_ns() - begin > b->seconds * 1e9)
      break;
    for (uint32_t i = 0; i < j->way_count; i++) {
      // Each round begins with another way: none always follows the same.
      way *w = &j->ways[(i + round) % j->way_count];
      if (w->idle || (w->most && w->sample_count >= w->most))
        continue;
      double took = sample(b, w);
      w->samples[w->sample_count++] = took;
    }
  }
}

static void sum_up(way *w) {
  double wall = 0, cpu = 0;
  for (uint32_t i = 0; i < w->sample_count; i++) {
    wall += w->samples[i];
    cpu += w->cpu[i];
  }
  w->share = wall > 0 ? cpu / wall : 0;
  w->cpu_median = spread_of(w->cpu, w->sample_count).median;
}

static void json_job(const job *j, const workload *w) {
  FILE *f = j->bench->json;
  if (!f)
    return;
  fprintf(f, "%s\n    {\"id\": \"%s\", \"title\": \"%s\", \"size\": %llu, ",
          j->bench->jobs ? "," : "", w->id, w->title,
          (unsigned long long)j->size);
  fprintf(f,
          "\"units\": %.0f, \"unit\": \"%s\", \"bytes\": %.0f, \"flops\": "
          "%.0f, \"f64\": %s, \"output_bytes\": %zu, \"compile_ns\": %llu,\n"
          "     \"ways\": [",
          j->units, j->unit ? j->unit : "", j->bytes, j->flops,
          j->f64 ? "true" : "false", j->want_size,
          (unsigned long long)j->compile_ns);
  for (uint32_t i = 0, written = 0; i < j->way_count; i++) {
    const way *y = &j->ways[i];
    if (y->idle)
      continue;
    fprintf(f,
            "%s\n      {\"name\": \"%s\", \"threads\": %u, \"clock\": "
            "\"%s\", \"gated\": %s, "
            "\"differing\": %llu, \"cpu_share\": %.3f, "
            "\"cpu_median_ns\": %.1f, ",
            written++ ? "," : "", y->name, y->threads, y->clock,
            y->gated ? "true" : "false", (unsigned long long)y->differing,
            y->share, y->cpu_median);
    json_spread(f, spread_of(y->samples, y->sample_count));
    fputc('}', f);
  }
  fprintf(f, "\n    ]}");
  fflush(f);
}

static void print_job(const job *j) {
  for (uint32_t i = 0; i < j->way_count; i++) {
    const way *w = &j->ways[i];
    if (w->idle)
      continue;
    spread s = spread_of(w->samples, w->sample_count);
    printf("  %-22s x%-3u %10.3f ms (p10 %.3f, p99 %.3f, %u runs), cpu "
           "%.3f ms%s\n",
           w->name, w->threads, s.median / 1e6, s.p10 / 1e6, s.p99 / 1e6,
           s.runs, w->cpu_median / 1e6, w->differing ? ", bits differ" : "");
  }
}

static void close_job(job *j, const workload *w) {
  for (uint32_t i = 0; i < j->way_count + j->dropped_count; i++) {
    if (j->ways[i].close)
      j->ways[i].close(j->ways[i].state);
    free(j->ways[i].samples);
    free(j->ways[i].cpu);
  }
  if (w->close)
    w->close(j);
  free(j->data);
  free(j->out);
  free(j->want);
}

// On a GPU, the largest size of those that its caches would else hold.
static scale scale_of(const bench *b, const workload *w) {
  static const char *const larger[] = {"W3",  "W12", "W7-sum",
                                       "W13", "W14", "W16"};
  for (uint32_t i = 0; i < sizeof larger / sizeof larger[0]; i++)
    if (b->gpu && b->scale == NORMAL &&
        !strncmp(w->id, larger[i], strlen(larger[i])))
      return FULL;
  return b->scale;
}

static void run_job(bench *b, const workload *w) {
  job *j = take(sizeof *j);
  j->bench = b;
  j->id = w->id;
  j->size = w->size[scale_of(b, w)];
  printf("%s: %s, size %llu\n", w->id, w->title, (unsigned long long)j->size);
  fflush(stdout);
  uint32_t failures = b->failures;
  w->open(j);
  drop_ways(j);
  for (uint32_t i = 0; i < j->way_count; i++)
    check_way(j, &j->ways[i]);
  if (w->oracle && j->size == w->size[ORACLE])
    w->oracle(j);
  if (b->verify) {
    printf("  %s%s\n", b->failures == failures ? "right" : "WRONG",
           w->oracle && j->size == w->size[ORACLE] ? ", oracle values too"
                                                   : ", against plain C");
  } else if (b->failures == failures || b->gpu) {
    // A number counts only when the output was right before and after.
    find_idle(j);
    time_ways(j);
    failures = b->failures;
    for (uint32_t i = 0; i < j->way_count; i++)
      if (!j->ways[i].idle)
        check_way(j, &j->ways[i]);
    for (uint32_t i = 0; i < j->way_count; i++)
      sum_up(&j->ways[i]);
    print_job(j);
    if (b->failures == failures) {
      json_job(j, w);
      b->jobs++;
    }
  }
  fflush(stdout);
  close_job(j, w);
  free(j);
}

void run_workloads(bench *b) {
  if (b->json)
    fprintf(b->json, ",\n  \"workloads\": [");
  for (uint32_t t = 0; workload_tables[t]; t++)
    for (const workload *w = workload_tables[t]; w->id; w++)
      if (!b->only || !strncmp(w->id, b->only, strlen(b->only)))
        run_job(b, w);
  if (b->json)
    fprintf(b->json, "\n  ]");
}
