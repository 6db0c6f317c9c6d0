// W4: sweeps over the edges of a graph with two bitsets that change places,
// to a fixed point. A thread is a node, as in the program.
#include "support.cuh"

enum { THREADS = 256 };

static __global__ void __launch_bounds__(THREADS)
    sweep(const uint32_t *__restrict__ first,
          const uint32_t *__restrict__ targets, uint32_t nodes,
          const uint32_t *__restrict__ current, uint32_t *__restrict__ next,
          uint32_t *__restrict__ changed) {
  uint32_t node = blockIdx.x * THREADS + threadIdx.x;
  if (node >= nodes || !(current[node / 32] >> node % 32 & 1))
    return;
  bool found = false;
  for (uint32_t e = first[node], end = first[node + 1]; e < end; e++) {
    uint32_t t = targets[e], bit = 1u << t % 32;
    if (current[t / 32] & bit)
      continue;
    atomicOr(&next[t / 32], bit);
    found = true;
  }
  if (found)
    *changed = 1;
}

// Returns the sweeps; the answer is in `current` when they are even.
uint32_t BASE(reach)(cuda_side *s, const uint32_t *first,
                     const uint32_t *targets, uint32_t nodes,
                     const uint32_t *seeds, uint32_t *current, uint32_t *next,
                     uint32_t *changed) {
  uint64_t bytes = blocks_of(nodes, 32) * 4ull;
  uint32_t sweeps = 0;
  cuda_copy(s, current, seeds, bytes);
  for (uint32_t more = 1; more; sweeps++) {
    cuda_copy(s, next, current, bytes);
    cuda_set(s, changed, 0, 4);
    launch(s, blocks_of(nodes, THREADS), THREADS, sweep, first, targets, nodes,
           (const uint32_t *)current, next, changed);
    more = cuda_word(s, changed);
    uint32_t *swap = current;
    current = next;
    next = swap;
  }
  return sweeps;
}
