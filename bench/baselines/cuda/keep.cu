// W3, W12 and the compaction of W7: count what each block keeps, sum the
// counts, write what is kept in order. The first two leave a bit for each that
// is kept, so that it is not found out again.
#include "support.cuh"

enum { GROUP = 256 };

// The count of a block, and a word of bits for each warp. Every thread calls.
static __device__ inline void mark(bool keeps, uint32_t i, uint32_t n,
                                   uint32_t *__restrict__ bits,
                                   uint32_t *__restrict__ counts) {
  uint32_t word = __ballot_sync(ALL, keeps);
  if (i % WARP == 0 && i < n)
    bits[i / WARP] = word;
  int count = __syncthreads_count(keeps);
  if (threadIdx.x == 0)
    counts[blockIdx.x] = count;
}

static __device__ inline bool marked(const uint32_t *__restrict__ bits,
                                     uint32_t i, uint32_t n) {
  return i < n && (bits[i / WARP] >> i % WARP & 1);
}

// ---- W3

static __device__ bool fires(const rule *__restrict__ rules, uint32_t n,
                             const fact *__restrict__ facts, uint32_t i,
                             uint32_t size, uint32_t entropy) {
  if (i >= n)
    return false;
  const rule *r = &rules[i];
  // Sizes and entropy first: they lie in the rule itself.
  return size >= r->min_size && size <= r->max_size &&
         entropy <= r->max_entropy && facts[r->a].matched &&
         facts[r->b].matched && facts[r->c].count >= r->min_count &&
         facts[r->d].offset <= r->max_offset;
}

static __global__ void __launch_bounds__(GROUP)
    rules_count(const rule *__restrict__ rules, uint32_t n,
                const fact *__restrict__ facts, uint32_t size, uint32_t entropy,
                uint32_t *__restrict__ bits, uint32_t *__restrict__ counts) {
  uint32_t i = blockIdx.x * GROUP + threadIdx.x;
  mark(fires(rules, n, facts, i, size, entropy), i, n, bits, counts);
}

static __global__ void __launch_bounds__(GROUP)
    rules_collect(const uint32_t *__restrict__ bits, uint32_t n,
                  const uint32_t *__restrict__ offsets,
                  uint32_t *__restrict__ ids) {
  uint32_t i = blockIdx.x * GROUP + threadIdx.x;
  bool fired = marked(bits, i, n);
  uint32_t place = place_in_block<GROUP>(fired);
  if (fired)
    ids[offsets[blockIdx.x] + place] = i;
}

uint32_t BASE(rules)(cuda_side *s, const rule *rules, uint32_t n,
                     const fact *facts, uint32_t size, uint32_t entropy,
                     uint32_t *bits, uint32_t *counts, uint32_t *offsets,
                     uint32_t *ids) {
  uint32_t blocks = blocks_of(n, GROUP);
  launch(s, blocks, GROUP, rules_count, rules, n, facts, size, entropy, bits,
         counts);
  cuda_prefix_sum(s, counts, blocks, offsets);
  launch(s, blocks, GROUP, rules_collect, (const uint32_t *)bits, n,
         (const uint32_t *)offsets, ids);
  return cuda_word(s, offsets + blocks);
}

// ---- W12

// The item's value, 0 when it is dropped.
static __device__ uint32_t filtered(const item *__restrict__ items, uint32_t n,
                                    uint32_t i) {
  if (i >= n)
    return 0;
  uint32_t state = items[i].state, score = items[i].score;
  uint32_t x = items[i].token ^ state * 2654435761u;
  bool keeps = x % 32 == 0 && score >= 500 + (state >> 8) % 128 &&
               (x >> 5) % 4 == state % 4;
  return keeps ? x % 65536 + score : 0;
}

static __global__ void __launch_bounds__(GROUP)
    filter_count(const item *__restrict__ items, uint32_t n,
                 uint32_t *__restrict__ bits, uint32_t *__restrict__ counts) {
  uint32_t i = blockIdx.x * GROUP + threadIdx.x;
  mark(filtered(items, n, i) != 0, i, n, bits, counts);
}

static __global__ void __launch_bounds__(GROUP)
    filter_collect(const item *__restrict__ items, uint32_t n,
                   const uint32_t *__restrict__ bits,
                   const uint32_t *__restrict__ offsets,
                   kept *__restrict__ out) {
  uint32_t i = blockIdx.x * GROUP + threadIdx.x;
  bool keeps = marked(bits, i, n);
  uint32_t place = place_in_block<GROUP>(keeps);
  if (keeps)
    out[offsets[blockIdx.x] + place] = {i, filtered(items, n, i)};
}

uint32_t BASE(filter)(cuda_side *s, const item *items, uint32_t n,
                      uint32_t *bits, uint32_t *counts, uint32_t *offsets,
                      kept *out) {
  uint32_t blocks = blocks_of(n, GROUP);
  launch(s, blocks, GROUP, filter_count, items, n, bits, counts);
  cuda_prefix_sum(s, counts, blocks, offsets);
  launch(s, blocks, GROUP, filter_collect, items, n, (const uint32_t *)bits,
         (const uint32_t *)offsets, out);
  return cuda_word(s, offsets + blocks);
}

// ---- W7, the multiples of three: a warp takes 1024 values

enum { BLOCK = 1024, WARPS = GROUP / WARP };

static __device__ inline uint32_t number(uint32_t block, uint32_t k) {
  return block * BLOCK + k * WARP + threadIdx.x % WARP;
}

static __global__ void __launch_bounds__(GROUP)
    compact_count(const uint32_t *__restrict__ x, uint32_t n,
                  uint32_t *__restrict__ counts) {
  uint32_t block = blockIdx.x * WARPS + threadIdx.x / WARP, own = 0;
  if (block >= n / BLOCK + (n % BLOCK != 0))
    return;
  if (block < n / BLOCK) {
#pragma unroll
    for (uint32_t k = 0; k < BLOCK / WARP; k++)
      own += x[number(block, k)] % 3 == 0;
  } else {
    for (uint32_t k = 0; k < BLOCK / WARP; k++)
      own += number(block, k) < n && x[number(block, k)] % 3 == 0;
  }
  own = __reduce_add_sync(ALL, own);
  if (threadIdx.x % WARP == 0)
    counts[block] = own;
}

static __global__ void __launch_bounds__(GROUP)
    compact_write(const uint32_t *__restrict__ x, uint32_t n,
                  const uint32_t *__restrict__ offsets,
                  uint32_t *__restrict__ out) {
  uint32_t block = blockIdx.x * WARPS + threadIdx.x / WARP;
  uint32_t lower = (1u << threadIdx.x % WARP) - 1;
  if (block >= n / BLOCK + (n % BLOCK != 0))
    return;
  uint32_t place = offsets[block];
  for (uint32_t j = 0; j < BLOCK / WARP; j += 8) {
    uint32_t v[8];
#pragma unroll
    for (uint32_t k = 0; k < 8; k++) {
      uint32_t i = number(block, j + k);
      v[k] = block < n / BLOCK || i < n ? x[i] : 1;
    }
#pragma unroll
    for (uint32_t k = 0; k < 8; k++) {
      bool keeps = v[k] % 3 == 0;
      uint32_t mask = __ballot_sync(ALL, keeps);
      if (keeps)
        out[place + __popc(mask & lower)] = v[k];
      place += __popc(mask);
    }
  }
}

uint32_t BASE(compact)(cuda_side *s, const uint32_t *x, uint32_t n,
                       uint32_t *counts, uint32_t *offsets, uint32_t *out) {
  uint32_t blocks = blocks_of(n, BLOCK), grid = blocks_of(n, BLOCK * WARPS);
  launch(s, grid, GROUP, compact_count, x, n, counts);
  cuda_prefix_sum(s, counts, blocks, offsets);
  launch(s, grid, GROUP, compact_write, x, n, (const uint32_t *)offsets, out);
  return cuda_word(s, offsets + blocks);
}
