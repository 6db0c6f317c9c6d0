// W8: stable radix sort of u32 keys with values, least digit first, 8 bits a
// pass, against a merge sort in C. Three inputs: random, nine tenths equal,
// sorted. At 2^20 the committed digest is checked too.
#include "common.h"
#include "digests.h"

enum { TILE = 2048, LARGE_TILE = 16384 };

typedef struct pair {
  uint32_t key, value;
} pair;

// ---- the model: merge sort, stable
static void merge_sort(pair *a, pair *spare, size_t n) {
  if (n < 2)
    return;
  size_t half = n / 2, i = 0, j = half;
  merge_sort(a, spare, half);
  merge_sort(a + half, spare, n - half);
  for (size_t k = 0; k < n; k++)
    spare[k] = j == n || (i < half && a[i].key <= a[j].key) ? a[i++] : a[j++];
  memcpy(a, spare, n * sizeof *a);
}

// ---- on the device
typedef struct sorter {
  vy_pipeline *count, *starts, *scatter;
  uint32_t tile;
} sorter;

// A tile for a group; for a lane, where a few threads run the lanes.
static sorter choose(example *e) {
  vy_device_info info = VY_DEVICE_INFO_INIT;
  example_check(e, vy_device_describe(e->opened, &info), "describing");
  bool alone = info.threads != 0;
  const char *file = "radix_sort/radix_sort.vy";
  return (sorter){
      .count = example_pipeline(e, file, alone ? "count_alone" : "count"),
      .starts = example_pipeline(e, file, "starts"),
      .scatter = example_pipeline(e, file, alone ? "scatter_alone" : "scatter"),
      .tile = alone ? LARGE_TILE : TILE};
}

static void sort(example *e, const sorter *s, uint32_t *keys, uint32_t *values,
                 uint32_t n) {
  uint32_t cells = 256 * ((n + s->tile - 1) / s->tile);
  vy_buffer from[2] = {example_upload(e, keys, n * 4),
                       example_upload(e, values, n * 4)};
  vy_buffer to[2] = {example_buffer(e, n * 4), example_buffer(e, n * 4)};
  vy_buffer counts = example_buffer(e, cells * 4);
  vy_buffer before = example_buffer(e, cells * 4);
  vy_buffer totals = example_buffer(e, 256 * 4);
  for (uint32_t shift = 0; shift < 32; shift += 8) {
    vy_arg first[] = {vy_arg_buffer(from[0]), vy_arg_u32(shift),
                      vy_arg_u32(s->tile), vy_arg_buffer(counts)};
    example_run(e, s->count, first, 4);
    vy_arg second[] = {vy_arg_buffer(counts), vy_arg_buffer(before),
                       vy_arg_buffer(totals)};
    example_run(e, s->starts, second, 3);
    vy_arg third[] = {vy_arg_buffer(from[0]), vy_arg_buffer(from[1]),
                      vy_arg_u32(shift),      vy_arg_u32(s->tile),
                      vy_arg_buffer(before),  vy_arg_buffer(totals),
                      vy_arg_buffer(to[0]),   vy_arg_buffer(to[1])};
    example_run(e, s->scatter, third, 8);
    for (int i = 0; i < 2; i++) {
      vy_buffer swap = from[i];
      from[i] = to[i];
      to[i] = swap;
    }
  }
  example_download(e, from[0], keys, n * 4);
  example_download(e, from[1], values, n * 4);
  for (int i = 0; i < 2; i++) {
    example_free(e, from[i]);
    example_free(e, to[i]);
  }
  example_free(e, counts);
  example_free(e, before);
  example_free(e, totals);
}

static uint32_t key_of(int kind, uint32_t i) {
  return kind == 0 ? mix(i) : kind == 1 ? mix(i) % 10 ? 7 : mix(i) : i;
}

// Sort one input both ways; adds to the digest.
static uint64_t one(example *e, const sorter *s, int kind, uint32_t n,
                    uint64_t digest) {
  pair *want = example_alloc(n * sizeof *want);
  pair *spare = example_alloc(n * sizeof *spare);
  uint32_t *keys = example_alloc(n * 4), *values = example_alloc(n * 4);
  for (uint32_t i = 0; i < n; i++) {
    want[i] = (pair){key_of(kind, i), i};
    keys[i] = want[i].key;
    values[i] = i;
  }
  merge_sort(want, spare, n);
  sort(e, s, keys, values, n);
  for (uint32_t i = 0; i < n; i++)
    spare[i] = (pair){keys[i], values[i]};
  example_same(e, "sorted", spare, want, n * sizeof *want, sizeof *want);
  uint64_t parts[2] = {digest, fnv1a64(spare, n * sizeof *spare)};
  free(values);
  free(keys);
  free(spare);
  free(want);
  return fnv1a64(parts, sizeof parts);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "radix_sort", argc, argv);
  uint32_t n = (uint32_t)example_size(&e, 10000, 1 << 20);
  sorter s = choose(&e);
  uint64_t digest = 0;
  for (int kind = 0; kind < 3; kind++)
    digest = one(&e, &s, kind, n, digest);
  if (n == 1 << 20)
    example_equal(&e, "digest", digest, DIGEST_RADIX_SORT);
  printf("%u keys, three inputs: digest %016llx\n", n,
         (unsigned long long)digest);
  vy_pipeline_release(s.count);
  vy_pipeline_release(s.starts);
  vy_pipeline_release(s.scatter);
  return example_close(&e);
}
