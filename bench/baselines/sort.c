// W8: stable radix sort of keys with values, least digit first, 8 bits a
// pass.
#include "baselines.h"
#include "parts.h"

static void count(const uint32_t *keys, uint64_t begin, uint64_t end,
                  uint32_t shift, uint32_t *bins) {
  memset(bins, 0, 256 * 4);
  for (uint64_t i = begin; i < end; i++)
    bins[keys[i] >> shift & 255]++;
}

static void scatter(const uint32_t *keys, const uint32_t *values,
                    uint64_t begin, uint64_t end, uint32_t shift,
                    uint32_t *places, uint32_t *to_keys, uint32_t *to_values) {
  for (uint64_t i = begin; i < end; i++) {
    uint32_t to = places[keys[i] >> shift & 255]++;
    to_keys[to] = keys[i];
    to_values[to] = values[i];
  }
}

static void starts(uint32_t parts, uint32_t (*bins)[256]) {
  uint32_t place = 0;
  for (uint32_t b = 0; b < 256; b++)
    for (uint32_t p = 0; p < parts; p++) {
      uint32_t n = bins[p][b];
      bins[p][b] = place;
      place += n;
    }
}

static void pass(const uint32_t *keys, const uint32_t *values, uint32_t n,
                 uint32_t shift, uint32_t *to_keys, uint32_t *to_values) {
  static uint32_t bins[MAX_PARTS][256];
  uint32_t parts = part_count();
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++)
    count(keys, part_begin(n, p, parts), part_begin(n, p + 1, parts), shift,
          bins[p]);
  starts(parts, bins);
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++)
    scatter(keys, values, part_begin(n, p, parts), part_begin(n, p + 1, parts),
            shift, bins[p], to_keys, to_values);
}

void BASE(radix_sort)(const uint32_t *keys, const uint32_t *values, uint32_t n,
                      uint32_t *out_keys, uint32_t *out_values,
                      uint32_t *spare_keys, uint32_t *spare_values) {
  pass(keys, values, n, 0, spare_keys, spare_values);
  pass(spare_keys, spare_values, n, 8, out_keys, out_values);
  pass(out_keys, out_values, n, 16, spare_keys, spare_values);
  pass(spare_keys, spare_values, n, 24, out_keys, out_values);
}
