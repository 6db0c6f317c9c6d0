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

// A thread takes 64 bits, LANES neighbours a block of 64 * LANES: few bits are
// set.
struct word {
  uint64_t bits;
  uint32_t first, place; // its first item, and where its first one kept goes

  __device__ bool next(uint32_t *i) {
    if (!bits)
      return false;
    *i = first + __ffsll((long long)bits) - 1;
    bits &= bits - 1;
    return true;
  }
};

template <uint32_t LANES>
static __device__ inline word marked(const uint32_t *__restrict__ bits,
                                     uint32_t n,
                                     const uint32_t *__restrict__ offsets) {
  uint32_t t = blockIdx.x * GROUP + threadIdx.x, words = (n - 1) / WARP + 1;
  word w = {0, 64 * t, 0};
  if (2 * t + 1 < words) {
    uint2 v = __ldg((const uint2 *)bits + t);
    w.bits = (uint64_t)v.y << 32 | v.x;
  } else if (2 * t < words) {
    w.bits = bits[2 * t];
  }
  if (2 * t < words)
    w.place = offsets[t / LANES];
  if (!__any_sync(ALL, w.bits != 0))
    return w;
  uint32_t own = __popcll(w.bits), sum = own;
#pragma unroll
  for (uint32_t d = 1; d < LANES; d *= 2) {
    uint32_t left = __shfl_up_sync(ALL, sum, d, LANES);
    sum += threadIdx.x % LANES >= d ? left : 0;
  }
  w.place += sum - own;
  return w;
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
  word w = marked<GROUP / 64>(bits, n, offsets);
  for (uint32_t i; w.next(&i);)
    ids[w.place++] = i;
}

uint32_t BASE(rules)(cuda_side *s, const rule *rules, uint32_t n,
                     const fact *facts, uint32_t size, uint32_t entropy,
                     uint32_t *bits, uint32_t *counts, uint32_t *sums,
                     uint32_t *offsets, uint32_t *ids) {
  uint32_t blocks = blocks_of(n, GROUP);
  launch(s, blocks, GROUP, rules_count, rules, n, facts, size, entropy, bits,
         counts);
  cuda_prefix_sum(s, counts, blocks, sums, offsets);
  launch(s, blocks_of(n, 64 * GROUP), GROUP, rules_collect,
         (const uint32_t *)bits, n, (const uint32_t *)offsets, ids);
  return cuda_word(s, offsets + blocks);
}

// ---- W12

// A block is 2048 items, a warp 256 of them, a thread eight.
enum { ITEMS = 8, SPAN = ITEMS * GROUP };

// The item's value, 0 when it is dropped.
static __device__ inline uint32_t filtered(item t) {
  uint32_t x = t.token ^ t.state * 2654435761u;
  bool keeps = (x % 32 == 0) & (t.score >= 500 + (t.state >> 8) % 128) &
               ((x >> 5) % 4 == t.state % 4);
  return keeps ? x % 65536 + t.score : 0;
}

static __global__ void __launch_bounds__(GROUP)
    filter_count(const item *__restrict__ items, uint32_t n,
                 uint32_t *__restrict__ bits, uint32_t *__restrict__ counts) {
  uint32_t lane = threadIdx.x % WARP;
  uint32_t first = blockIdx.x * SPAN + threadIdx.x / WARP * ITEMS * WARP;
  const item *mine = items + first + lane;
  item t[ITEMS];
  bool keeps[ITEMS];
  if (blockIdx.x < n / SPAN) {
    // Loads first: they wait side by side.
#pragma unroll
    for (uint32_t k = 0; k < ITEMS; k++)
      t[k] = mine[k * WARP];
#pragma unroll
    for (uint32_t k = 0; k < ITEMS; k++)
      keeps[k] = filtered(t[k]) != 0;
  } else {
#pragma unroll
    for (uint32_t k = 0; k < ITEMS; k++) {
      bool inside = first + k * WARP + lane < n;
      keeps[k] = inside && filtered(mine[k * WARP]) != 0;
    }
  }
  uint32_t own = 0, count = 0; // lane k writes word k
#pragma unroll
  for (uint32_t k = 0; k < ITEMS; k++) {
    uint32_t word = __ballot_sync(ALL, keeps[k]);
    own = lane == k ? word : own;
    count += __popc(word);
  }
  if (lane < ITEMS && first + lane * WARP < n)
    bits[first / WARP + lane] = own;
  count = sum_of_block<GROUP>(count);
  if (threadIdx.x == 0)
    counts[blockIdx.x] = count;
}

static __global__ void __launch_bounds__(GROUP)
    filter_collect(const item *__restrict__ items, uint32_t n,
                   const uint32_t *__restrict__ bits,
                   const uint32_t *__restrict__ offsets,
                   kept *__restrict__ out) {
  word w = marked<SPAN / 64>(bits, n, offsets);
  for (uint32_t i; w.next(&i);)
    out[w.place++] = {i, filtered(items[i])};
}

uint32_t BASE(filter)(cuda_side *s, const item *items, uint32_t n,
                      uint32_t *bits, uint32_t *counts, uint32_t *sums,
                      uint32_t *offsets, kept *out) {
  uint32_t blocks = blocks_of(n, SPAN);
  launch(s, blocks, GROUP, filter_count, items, n, bits, counts);
  cuda_prefix_sum(s, counts, blocks, sums, offsets);
  launch(s, blocks_of(n, 64 * GROUP), GROUP, filter_collect, items, n,
         (const uint32_t *)bits, (const uint32_t *)offsets, out);
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
                       uint32_t *counts, uint32_t *sums, uint32_t *offsets,
                       uint32_t *out) {
  uint32_t blocks = blocks_of(n, BLOCK), grid = blocks_of(n, BLOCK * WARPS);
  launch(s, grid, GROUP, compact_count, x, n, counts);
  cuda_prefix_sum(s, counts, blocks, sums, offsets);
  launch(s, grid, GROUP, compact_write, x, n, (const uint32_t *)offsets, out);
  return cuda_word(s, offsets + blocks);
}
