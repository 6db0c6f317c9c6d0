// W4: sweeps over the edges of a graph with two bitsets that change places,
// to a fixed point. Returns the sweeps; the answer is in `current`.
#include "baselines.h"
#include "parts.h"

static bool sweep(const graph *g, const uint32_t *current, uint32_t *next) {
  uint32_t words = (g->nodes + 31) / 32, changed = 0;
#pragma omp parallel for schedule(dynamic, 256) reduction(| : changed)
  for (uint32_t w = 0; w < words; w++)
    for (uint32_t set = current[w]; set; set &= set - 1) {
      uint32_t node = w * 32 + (uint32_t)__builtin_ctz(set);
      for (uint32_t e = g->first[node]; e < g->first[node + 1]; e++) {
        uint32_t t = g->targets[e], bit = 1u << t % 32;
        if (current[t / 32] & bit)
          continue;
        changed = 1;
#ifdef _OPENMP
        __atomic_fetch_or(&next[t / 32], bit, __ATOMIC_RELAXED);
#else
        next[t / 32] |= bit;
#endif
      }
    }
  return changed;
}

uint32_t BASE(reach)(const graph *g, const uint32_t *seeds, uint32_t *current,
                     uint32_t *next) {
  size_t bytes = (g->nodes + 31) / 32 * 4;
  uint32_t *answer = current, sweeps = 0;
  memcpy(current, seeds, bytes);
  for (bool more = true; more; sweeps++) {
    memcpy(next, current, bytes);
    more = sweep(g, current, next);
    uint32_t *swap = current;
    current = next;
    next = swap;
  }
  if (current != answer)
    memcpy(answer, current, bytes);
  return sweeps;
}
