// How the baselines share work: `part_count()` equal parts, one a thread; and
// the pattern of those that keep some items in order: each part collects what
// it keeps where its own items begin in `spare`, then the parts move together.
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include <stdint.h>
#include <string.h>

enum { MAX_PARTS = 256 };

#ifdef _OPENMP
#include <omp.h>
static inline uint32_t part_count(void) {
  int n = omp_get_max_threads();
  return n > MAX_PARTS ? MAX_PARTS : (uint32_t)n;
}
#else
static inline uint32_t part_count(void) { return 1; }
#endif

static inline uint64_t part_begin(uint64_t n, uint32_t part, uint32_t parts) {
  return n / parts * part + (part < n % parts ? part : n % parts);
}

// kept[p] elements of `size` bytes lie in `spare` from begin[p] on.
static inline uint64_t parts_join(uint32_t parts, const uint64_t *begin,
                                  const uint64_t *kept, uint64_t size,
                                  const void *spare, void *out) {
  uint64_t place[MAX_PARTS], total = 0;
  for (uint32_t p = 0; p < parts; p++) {
    place[p] = total;
    total += kept[p];
  }
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++)
    memcpy((char *)out + place[p] * size, (const char *)spare + begin[p] * size,
           kept[p] * size);
  return total;
}

#endif
