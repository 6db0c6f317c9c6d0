// W1, W3, W12 and the compaction of W7: keep some items, in order, in one
// pass over them.
#include "baselines.h"
#include "parts.h"

// The matches that end in [begin, end), in order.
static uint64_t scan_part(const automaton *a, const uint8_t *text,
                          uint64_t begin, uint64_t end, match *out) {
  uint32_t state = 0, classes = a->classes;
  uint64_t n = 0;
  uint64_t warm = begin > a->overlap ? begin - a->overlap : 0;
  for (uint64_t at = warm; at < begin; at++)
    state = a->next[state * classes + a->class[text[at]]];
  for (uint64_t at = begin; at < end; at++) {
    state = a->next[state * classes + a->class[text[at]]];
    for (uint32_t s = state; a->found[s]; s = a->also[s]) {
      uint32_t literal = a->found[s] - 1u;
      out[n++] = (match){(uint32_t)(at + 1 - a->lengths[literal]), literal};
    }
  }
  return n;
}

// At most 16 matches end at a byte, but an eighth of the bytes in matches is
// far more than the text holds: `spare` and `out` have size / 8 elements.
uint32_t BASE(literal_scan)(const automaton *a, const uint8_t *text,
                            uint64_t size, match *out, match *spare) {
  uint32_t parts = part_count();
  if (parts == 1)
    return (uint32_t)scan_part(a, text, 0, size, out);
  uint64_t begin[MAX_PARTS], kept[MAX_PARTS];
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++) {
    begin[p] = part_begin(size / 8, p, parts);
    kept[p] = scan_part(a, text, part_begin(size, p, parts),
                        part_begin(size, p + 1, parts), spare + begin[p]);
  }
  return (uint32_t)parts_join(parts, begin, kept, sizeof *out, spare, out);
}

static uint64_t rules_part(const rule *rules, uint64_t begin, uint64_t end,
                           const fact *facts, uint32_t size, uint32_t entropy,
                           uint32_t *ids) {
  uint64_t n = 0;
  for (uint64_t i = begin; i < end; i++) {
    const rule *r = &rules[i];
    // Sizes and entropy first: they lie in the rule itself.
    if (size >= r->min_size && size <= r->max_size &&
        entropy <= r->max_entropy && facts[r->a].matched &&
        facts[r->b].matched && facts[r->c].count >= r->min_count &&
        facts[r->d].offset <= r->max_offset)
      ids[n++] = (uint32_t)i;
  }
  return n;
}

uint32_t BASE(rules)(const rule *rules, uint32_t n, const fact *facts,
                     uint32_t size, uint32_t entropy, uint32_t *ids,
                     uint32_t *spare) {
  uint32_t parts = part_count();
  if (parts == 1)
    return (uint32_t)rules_part(rules, 0, n, facts, size, entropy, ids);
  uint64_t begin[MAX_PARTS], kept[MAX_PARTS];
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++) {
    begin[p] = part_begin(n, p, parts);
    kept[p] = rules_part(rules, begin[p], part_begin(n, p + 1, parts), facts,
                         size, entropy, spare + begin[p]);
  }
  return (uint32_t)parts_join(parts, begin, kept, 4, spare, ids);
}

static uint64_t filter_part(const item *items, uint64_t begin, uint64_t end,
                            kept *out) {
  uint64_t n = 0;
  for (uint64_t i = begin; i < end; i++) {
    uint32_t state = items[i].state, score = items[i].score;
    uint32_t x = items[i].token ^ state * 2654435761u;
    if (!(x % 32) && score >= 500 + (state >> 8) % 128 &&
        (x >> 5) % 4 == state % 4)
      out[n++] = (kept){(uint32_t)i, x % 65536 + score};
  }
  return n;
}

uint32_t BASE(filter)(const item *items, uint32_t n, kept *out, kept *spare) {
  uint32_t parts = part_count();
  if (parts == 1)
    return (uint32_t)filter_part(items, 0, n, out);
  uint64_t begin[MAX_PARTS], kept_in[MAX_PARTS];
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++) {
    begin[p] = part_begin(n, p, parts);
    kept_in[p] = filter_part(items, begin[p], part_begin(n, p + 1, parts),
                             spare + begin[p]);
  }
  return (uint32_t)parts_join(parts, begin, kept_in, sizeof *out, spare, out);
}

// Without a branch: one in three is kept, at random. Writes one element past
// what it keeps, so its room has one more.
static uint64_t compact_part(const uint32_t *x, uint64_t begin, uint64_t end,
                             uint32_t *out) {
  uint64_t n = 0;
  for (uint64_t i = begin; i < end; i++) {
    out[n] = x[i];
    n += x[i] % 3 == 0;
  }
  return n;
}

uint64_t BASE(compact)(const uint32_t *x, uint64_t n, uint32_t *out,
                       uint32_t *spare) {
  uint32_t parts = part_count();
  if (parts == 1)
    return compact_part(x, 0, n, out);
  uint64_t begin[MAX_PARTS], kept[MAX_PARTS];
#pragma omp parallel for schedule(static, 1)
  for (uint32_t p = 0; p < parts; p++) {
    begin[p] = part_begin(n, p, parts);
    kept[p] = compact_part(x, begin[p], part_begin(n, p + 1, parts),
                           spare + begin[p] + p);
    begin[p] += p;
  }
  return parts_join(parts, begin, kept, 4, spare, out);
}
