// What the machine can do: copy rate and peak arithmetic, on one thread and
// on all. The roofline that workloads stand beside.
#include "harness.h"

#include <omp.h>

typedef struct machine_case {
  const char *name;
  uint32_t threads;
  double work; // bytes or operations of a run
  void (*run)(const struct machine_case *c);
  char *from, *to;
  size_t size;
} machine_case;

static void copy(const machine_case *c) {
#pragma omp parallel for schedule(static, 1) num_threads(c->threads)
  for (uint32_t p = 0; p < c->threads; p++) {
    size_t begin = c->size / 64 * p / c->threads * 64;
    size_t end = c->size / 64 * (p + 1) / c->threads * 64;
    memcpy(c->to + begin, c->from + begin, end - begin);
  }
}

static void read_all(const machine_case *c) {
  uint64_t sum = 0;
#pragma omp parallel for num_threads(c->threads) reduction(+ : sum)
  for (size_t i = 0; i < c->size / 8; i++)
    sum += ((const uint64_t *)c->from)[i];
  ((volatile uint64_t *)c->to)[0] = sum;
}

enum { CHAINS = 12, STEPS = 1 << 22 };

// Enough independent chains of fused multiply-adds, in vectors as wide as the
// machine's, to fill its units.
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
typedef float vf __attribute__((vector_size(VECTOR_BYTES)));
typedef double vd __attribute__((vector_size(VECTOR_BYTES)));

#define PEAK(name, type)                                                       \
  static void name(const machine_case *c) {                                    \
    _Pragma("omp parallel num_threads(c->threads)") {                          \
      type v[CHAINS], m = (type){} + 0.5f, a = (type){} + 1;                   \
      for (int k = 0; k < CHAINS; k++)                                         \
        v[k] = (type){} + (float)k;                                            \
      for (int i = 0; i < STEPS; i++) {                                        \
        _Pragma("GCC unroll 12") for (int k = 0; k < CHAINS; k++) v[k] =       \
            v[k] * m + a;                                                      \
        __asm__ volatile("");                                                  \
      }                                                                        \
      for (int k = 1; k < CHAINS; k++)                                         \
        v[0] += v[k];                                                          \
      *(volatile type *)(c->to + 128 * (size_t)omp_get_thread_num()) = v[0];   \
    }                                                                          \
  }
PEAK(peak_f32, vf)
PEAK(peak_f64, vd)

static void measure(bench *b, const machine_case *c, bool first) {
  double samples[30];
  c->run(c);
  for (int i = 0; i < 30; i++) {
    double start = now_ns();
    c->run(c);
    samples[i] = now_ns() - start;
  }
  spread s = spread_of(samples, 30);
  printf("  %-10s x%-3u %10.2f G/s\n", c->name, c->threads, c->work / s.median);
  fflush(stdout);
  if (!b->json)
    return;
  fprintf(b->json,
          "%s\n    {\"name\": \"%s\", \"threads\": %u, \"work\": %.0f, ",
          first ? "" : ",", c->name, c->threads, c->work);
  json_spread(b->json, s);
  fputc('}', b->json);
}

void run_machine(bench *b) {
  size_t size = b->scale == QUICK ? 16u << 20 : 256u << 20;
  char *from = take(size), *to = take(size);
  memset(from, 1, size);
  if (b->json)
    fprintf(b->json, ",\n  \"roofline\": [");
  printf("machine\n");
  bool first = true;
  for (uint32_t t = 1;; t = b->threads) {
    double lanes = VECTOR_BYTES / 4.0, steps = (double)STEPS * CHAINS * t * 2;
    const machine_case cases[] = {
        {"copy", t, 2.0 * (double)size, copy, from, to, size},
        {"read", t, (double)size, read_all, from, to, size},
        {"fma f32", t, steps * lanes, peak_f32, from, to, size},
        {"fma f64", t, steps * lanes / 2, peak_f64, from, to, size},
    };
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
      measure(b, &cases[i], first);
      first = false;
    }
    if (t == b->threads)
      break;
  }
  if (b->json)
    fprintf(b->json, "\n  ]");
  free(from);
  free(to);
}
