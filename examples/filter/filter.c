// W12, fused filter: keep a few of a million items, in order. Checked against
// a plain loop, and at full size against the oracle. Prints what was kept.
#include "common.h"

typedef struct item {
  uint32_t token, state, score;
} item;

typedef struct kept {
  uint32_t index, value;
} kept;

static void make_items(item *items, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    items[i].token = mix(i ^ 0xA5A55A5A);
    items[i].state = mix(17 * i + 0x9E3779B9) | 1;
    items[i].score = 440 + (mix(i ^ 0x517CC1B7) & 255);
  }
}

static uint32_t model(const item *items, uint32_t n, kept *out) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t state = items[i].state, score = items[i].score;
    uint32_t x = items[i].token ^ state * 2654435761u;
    if (!(x % 32) && score >= 500 + (state >> 8) % 128 &&
        (x >> 5) % 4 == state % 4)
      out[count++] = (kept){i, x % 65536 + score};
  }
  return count;
}

static uint32_t filter(example *e, const item *items, uint32_t n, kept *out) {
  vy_pipeline *count = example_pipeline(e, "filter/filter.vy", "count");
  vy_pipeline *collect = example_pipeline(e, "filter/filter.vy", "collect");
  uint32_t blocks = (n + 2047) / 2048;
  vy_buffer all = example_upload(e, items, n * sizeof *items);
  vy_buffer keeps = example_buffer(e, (n + 31) / 32 * 4);
  vy_buffer counts = example_buffer(e, blocks * 4);

  vy_arg first[] = {vy_arg_buffer(all), vy_arg_buffer(keeps),
                    vy_arg_buffer(counts)};
  example_run(e, count, first, 3);
  vy_buffer offsets = example_prefix_sum(e, counts, blocks);
  uint32_t total;
  vy_transfer last = {offsets, blocks * 4, 4, &total};
  example_check(e, vy_buffer_download(e->opened, &last, 1, &e->diags),
                "reading the total");
  if (total > n)
    example_fail(e, "%u items kept of %u", total, n);
  vy_buffer found = example_buffer(e, total * sizeof(kept));
  vy_arg second[] = {vy_arg_buffer(all), vy_arg_buffer(keeps),
                     vy_arg_buffer(offsets), vy_arg_buffer(found)};
  example_run(e, collect, second, 4);
  example_download(e, found, out, total * sizeof(kept));

  example_free(e, found);
  example_free(e, offsets);
  example_free(e, counts);
  example_free(e, keeps);
  example_free(e, all);
  vy_pipeline_release(count);
  vy_pipeline_release(collect);
  return total;
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "filter", argc, argv);
  uint32_t n = (uint32_t)example_size(&e, 65536, 1 << 20);
  item *items = example_alloc(n * sizeof *items);
  kept *got = example_alloc(n * sizeof *got);
  kept *want = example_alloc(n * sizeof *want);
  make_items(items, n);
  uint32_t count = filter(&e, items, n, got);
  example_equal(&e, "items kept", count, model(items, n, want));
  example_same(&e, "kept", got, want, count * sizeof *got, sizeof *got);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++)
    sum += got[i].value;
  if (n == 1 << 20) {
    example_equal(&e, "items kept", count, 4292);
    example_equal(&e, "sum of their values", sum, 143940667);
  }
  for (uint32_t i = 0; i < count; i++)
    printf("%u %u\n", got[i].index, got[i].value);
  fprintf(stderr, "%u of %u items kept, sum of their values %llu\n", count, n,
          (unsigned long long)sum);
  free(want);
  free(got);
  free(items);
  return example_close(&e);
}
