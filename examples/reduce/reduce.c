// W7: reduce, scan, histogram, compact on mix(i), against plain C, bits
// compared. Level by level in blocks of 256: the host only chains dispatches
// over resident buffers. Prefix sums also as devices want them that run many
// lanes at a time: in few dispatches. At 2^20 the committed digest is checked
// too.
#include "common.h"
#include "digests.h"

// Blocks of compaction, and of the wide prefix sums of integers.
enum { GROUP = 256, KEPT = 1024, WIDE = 4096 };

typedef struct kit {
  vy_pipeline *sum_u32, *sum_f32, *scan_u32, *scan_u32_runs, *scan_f32,
      *block_sums_u32, *scan_u32_wide, *scan_sums_f32, *scan_f32_wide,
      *histogram_256, *histogram_65536, *compact_count, *compact_write;
} kit;

static vy_pipeline **const_pipeline(kit *k, uint32_t i) {
  vy_pipeline **all[] = {
      &k->sum_u32,       &k->sum_f32,         &k->scan_u32,
      &k->scan_u32_runs, &k->scan_f32,        &k->block_sums_u32,
      &k->scan_u32_wide, &k->scan_sums_f32,   &k->scan_f32_wide,
      &k->histogram_256, &k->histogram_65536, &k->compact_count,
      &k->compact_write};
  return i < sizeof all / sizeof all[0] ? all[i] : NULL;
}

static void load(example *e, kit *k) {
  static const char *const names[] = {
      "sum_u32",       "sum_f32",        "scan_u32",        "scan_u32_runs",
      "scan_f32",      "block_sums_u32", "scan_u32_wide",   "scan_sums_f32",
      "scan_f32_wide", "histogram_256",  "histogram_65536", "compact_count",
      "compact_write"};
  for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++)
    *const_pipeline(k, i) = example_pipeline(e, "reduce/reduce.vy", names[i]);
}

static void unload(kit *k) {
  vy_pipeline **p;
  for (uint32_t i = 0; (p = const_pipeline(k, i)); i++)
    vy_pipeline_release(*p);
}

static uint32_t groups_of(uint32_t n) { return (n + GROUP - 1) / GROUP; }

// ---- on the device

// Sums of groups of groups, until one is left.
static uint32_t reduce(example *e, vy_pipeline *sum, vy_buffer x, uint32_t n) {
  vy_buffer level = x;
  while (n > 1) {
    vy_buffer up = example_buffer(e, groups_of(n) * 4);
    vy_arg args[] = {vy_arg_buffer(level), vy_arg_buffer(up)};
    example_run(e, sum, args, 2);
    if (level.id != x.id)
      example_free(e, level);
    level = up;
    n = groups_of(n);
  }
  uint32_t bits;
  example_download(e, level, &bits, 4);
  if (level.id != x.id)
    example_free(e, level);
  return bits;
}

// Prefix sums: the groups' sums are scanned first, by the same function.
static vy_buffer scan(example *e, vy_pipeline *sum, vy_pipeline *step,
                      vy_buffer x, uint32_t n, bool inclusive) {
  vy_buffer offsets = example_buffer(e, groups_of(n) * 4); // zeros
  if (n > GROUP) {
    vy_arg args[] = {vy_arg_buffer(x), vy_arg_buffer(offsets)};
    example_run(e, sum, args, 2);
    vy_buffer sums = offsets;
    offsets = scan(e, sum, step, sums, groups_of(n), false);
    example_free(e, sums);
  }
  vy_buffer y = example_buffer(e, n * 4);
  vy_arg args[] = {vy_arg_buffer(x), vy_arg_buffer(offsets),
                   vy_arg_bool(inclusive), vy_arg_buffer(y)};
  example_run(e, step, args, 4);
  example_free(e, offsets);
  return y;
}

// The wide ones: few dispatches, however many levels there are.
static vy_buffer scan_u32_wide(example *e, const kit *k, vy_buffer x,
                               uint32_t n) {
  uint32_t blocks = (n + WIDE - 1) / WIDE;
  vy_buffer sums = example_buffer(e, blocks * 4);
  vy_buffer y = example_buffer(e, n * 4);
  vy_arg add[] = {vy_arg_buffer(x), vy_arg_buffer(sums)};
  if (blocks > 1)
    example_run(e, k->block_sums_u32, add, 2);
  vy_arg args[] = {vy_arg_buffer(x), vy_arg_buffer(sums), vy_arg_buffer(y)};
  example_run(e, k->scan_u32_wide, args, 3);
  example_free(e, sums);
  return y;
}

static vy_buffer scan_f32_wide(example *e, const kit *k, vy_buffer x,
                               uint32_t n) {
  uint32_t groups = groups_of(n);
  vy_buffer sums = example_buffer(e, groups * 4);
  vy_buffer above = example_buffer(e, groups_of(groups) * 4);
  vy_buffer offsets = example_buffer(e, groups * 4);
  vy_buffer y = example_buffer(e, n * 4);
  vy_arg add[] = {vy_arg_buffer(x), vy_arg_buffer(sums)};
  example_run(e, k->sum_f32, add, 2);
  vy_arg add_sums[] = {vy_arg_buffer(sums), vy_arg_buffer(above)};
  if (groups > GROUP)
    example_run(e, k->sum_f32, add_sums, 2);
  vy_arg up[] = {vy_arg_buffer(sums), vy_arg_buffer(above),
                 vy_arg_buffer(offsets)};
  example_run(e, k->scan_sums_f32, up, 3);
  vy_arg args[] = {vy_arg_buffer(x), vy_arg_buffer(offsets), vy_arg_bool(true),
                   vy_arg_buffer(y)};
  example_run(e, k->scan_f32_wide, args, 4);
  example_free(e, offsets);
  example_free(e, above);
  example_free(e, sums);
  return y;
}

// Prefix sums by so many runs of blocks.
static vy_buffer scan_runs(example *e, const kit *k, vy_buffer x, uint32_t n,
                           uint32_t runs) {
  vy_buffer sums = {0}, y = example_buffer(e, n * 4);
  vy_arg before = vy_arg_host(NULL, 0);
  if (runs > 1) {
    sums = example_buffer(e, groups_of(n) * 4);
    vy_arg args[] = {vy_arg_buffer(x), vy_arg_buffer(sums)};
    example_run(e, k->sum_u32, args, 2);
    before = vy_arg_buffer(sums);
  }
  uint32_t blocks = (groups_of(n) + runs - 1) / runs;
  vy_arg args[] = {vy_arg_buffer(x), before, vy_arg_u32(blocks),
                   vy_arg_buffer(y)};
  example_run(e, k->scan_u32_runs, args, 4);
  if (runs > 1)
    example_free(e, sums);
  return y;
}

static uint32_t compact(example *e, const kit *k, vy_buffer x, uint32_t n,
                        uint32_t *out) {
  uint32_t groups = (n + KEPT - 1) / KEPT, total;
  vy_buffer counts = example_buffer(e, groups * 4);
  vy_arg first[] = {vy_arg_buffer(x), vy_arg_buffer(counts)};
  example_run(e, k->compact_count, first, 2);
  vy_buffer offsets = example_prefix_sum(e, counts, groups);
  vy_transfer last = {offsets, groups * 4, 4, &total};
  example_check(e, vy_buffer_download(e->opened, &last, 1, &e->diags),
                "reading the total");
  if (total > n)
    example_fail(e, "%u kept of %u", total, n);
  vy_buffer kept = example_buffer(e, total * 4);
  vy_arg second[] = {vy_arg_buffer(x), vy_arg_buffer(offsets),
                     vy_arg_buffer(kept)};
  example_run(e, k->compact_write, second, 3);
  example_download(e, kept, out, total * 4);
  example_free(e, kept);
  example_free(e, offsets);
  example_free(e, counts);
  return total;
}

static void histogram(example *e, vy_pipeline *p, vy_buffer x, uint32_t bins,
                      uint32_t *out) {
  vy_buffer counts = example_buffer(e, bins * 4);
  vy_arg args[] = {vy_arg_buffer(x), vy_arg_buffer(counts)};
  example_run(e, p, args, 2);
  example_download(e, counts, out, bins * 4);
  example_free(e, counts);
}

// ---- the model

// The tree of one group: v[i] += v[i + d] for d = 1, 2, 4, ...
static float tree_sum(const float *x, uint32_t n) {
  float v[GROUP] = {0};
  memcpy(v, x, n * 4);
  for (uint32_t d = 1; d < GROUP; d *= 2)
    for (uint32_t i = 0; i + d < GROUP; i += 2 * d)
      v[i] = v[i] + v[i + d];
  return v[0];
}

// Inclusive, after Sklansky.
static void tree_scan(const float *x, uint32_t n, float *v) {
  memset(v, 0, GROUP * 4);
  memcpy(v, x, n * 4);
  for (uint32_t d = 1; d < GROUP; d *= 2)
    for (uint32_t i = 0; i < GROUP; i++)
      if (i & d)
        v[i] = v[(i & ~(2 * d - 1)) + d - 1] + v[i];
}

static uint32_t in_group(uint32_t n, uint32_t g) {
  return n - g * GROUP < GROUP ? n - g * GROUP : GROUP;
}

static float model_reduce(const float *x, uint32_t n) {
  if (n == 1)
    return x[0];
  float *sums = example_alloc(groups_of(n) * 4);
  for (uint32_t g = 0; g < groups_of(n); g++)
    sums[g] = tree_sum(x + g * GROUP, in_group(n, g));
  float sum = model_reduce(sums, groups_of(n));
  free(sums);
  return sum;
}

static void model_scan(const float *x, uint32_t n, bool inclusive, float *y) {
  uint32_t groups = groups_of(n);
  float *sums = example_alloc(groups * 4), *offsets = example_alloc(groups * 4);
  if (n > GROUP) {
    for (uint32_t g = 0; g < groups; g++)
      sums[g] = tree_sum(x + g * GROUP, in_group(n, g));
    model_scan(sums, groups, false, offsets);
  }
  for (uint32_t g = 0; g < groups; g++) {
    float v[GROUP];
    tree_scan(x + g * GROUP, in_group(n, g), v);
    for (uint32_t i = 0; i < in_group(n, g); i++)
      y[g * GROUP + i] = offsets[g] + (inclusive ? v[i] : i ? v[i - 1] : 0.0f);
  }
  free(offsets);
  free(sums);
}

// ---- comparing; every part of the answer goes into one digest

typedef struct tally {
  uint64_t parts[8];
  uint32_t count;
} tally;

static void add(example *e, tally *t, const char *what, const void *got,
                const void *want, size_t size) {
  example_same(e, what, got, want, size, 4);
  t->parts[t->count++] = fnv1a64(got, size);
}

static void integers(example *e, const kit *k, tally *t, const uint32_t *x,
                     uint32_t n) {
  vy_buffer on = example_upload(e, x, n * 4);
  uint32_t *got = example_alloc(n * 4 + 65536 * 4);
  uint32_t *want = example_alloc(n * 4 + 65536 * 4);
  uint32_t sum = reduce(e, k->sum_u32, on, n), plain = 0, kept = 0;
  for (uint32_t i = 0; i < n; i++)
    want[i] = plain += x[i];
  add(e, t, "sum of u32", &sum, &plain, 4);
  vy_buffer y = scan(e, k->sum_u32, k->scan_u32, on, n, true);
  example_download(e, y, got, n * 4);
  add(e, t, "scan of u32", got, want, n * 4);
  example_free(e, y);
  y = scan_u32_wide(e, k, on, n);
  example_download(e, y, got, n * 4);
  example_same(e, "wide scan of u32", got, want, n * 4, 4);
  example_free(e, y);
  for (uint32_t runs = 1; runs <= 3; runs += 2) {
    y = scan_runs(e, k, on, n, runs);
    example_download(e, y, got, n * 4);
    example_same(e, "scan of u32 by runs", got, want, n * 4, 4);
    example_free(e, y);
  }

  static const uint32_t bins[] = {256, 65536};
  for (int b = 0; b < 2; b++) {
    memset(want, 0, bins[b] * 4);
    for (uint32_t i = 0; i < n; i++)
      want[x[i] % bins[b]]++;
    histogram(e, b ? k->histogram_65536 : k->histogram_256, on, bins[b], got);
    add(e, t, "histogram", got, want, bins[b] * 4);
  }
  for (uint32_t i = 0; i < n; i++)
    if (x[i] % 3 == 0)
      want[kept++] = x[i];
  example_equal(e, "kept", compact(e, k, on, n, got), kept);
  add(e, t, "compact", got, want, kept * 4);
  example_free(e, on);
  free(want);
  free(got);
}

static void floats(example *e, const kit *k, tally *t, const float *x,
                   uint32_t n) {
  vy_buffer on = example_upload(e, x, n * 4);
  float *got = example_alloc(n * 4), *want = example_alloc(n * 4);
  float plain = model_reduce(x, n);
  uint32_t sum = reduce(e, k->sum_f32, on, n);
  add(e, t, "sum of f32", &sum, &plain, 4);
  model_scan(x, n, true, want);
  vy_buffer y = scan(e, k->sum_f32, k->scan_f32, on, n, true);
  example_download(e, y, got, n * 4);
  add(e, t, "scan of f32", got, want, n * 4);
  example_free(e, y);
  y = scan_f32_wide(e, k, on, n);
  example_download(e, y, got, n * 4);
  example_same(e, "wide scan of f32", got, want, n * 4, 4);
  example_free(e, y);
  example_free(e, on);
  free(want);
  free(got);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "reduce", argc, argv);
  uint32_t n = (uint32_t)example_size(&e, 1 << 12, 1 << 20);
  uint32_t *x = example_alloc(n * 4);
  float *f = example_alloc(n * 4);
  for (uint32_t i = 0; i < n; i++) {
    x[i] = mix(i);
    f[i] = mix_f32(i);
  }
  kit k;
  tally t = {{0}, 0};
  load(&e, &k);
  integers(&e, &k, &t, x, n);
  floats(&e, &k, &t, f, n);
  unload(&k);
  uint64_t digest = fnv1a64(t.parts, t.count * sizeof t.parts[0]);
  if (n == 1 << 20)
    example_equal(&e, "digest", digest, DIGEST_REDUCE);
  printf("%u values: digest %016llx\n", n, (unsigned long long)digest);
  free(f);
  free(x);
  return example_close(&e);
}
