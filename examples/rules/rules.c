// W3, rule conditions: which of a million rules fire on 16,384 facts. Checked
// against a plain loop, and at full size against the oracle.
#include "common.h"

enum { FACTS = 16384, FILE_SIZE = 10 << 20, ENTROPY = 712 };

typedef struct fact {
  uint32_t matched, count, offset;
} fact;

typedef struct rule {
  uint32_t a, b, c, d, min_count, max_offset, min_size, max_size, max_entropy;
} rule;

static void make_facts(fact *facts) {
  for (uint32_t i = 0; i < FACTS; i++) {
    facts[i].matched = (mix(i) & 7) != 0;
    facts[i].count = (mix(i ^ 0xA5A55A5A) & 7) + 1;
    facts[i].offset = mix(i ^ 0x517CC1B7) % FILE_SIZE;
  }
}

static void make_rules(rule *rules, uint32_t n) {
  for (uint32_t r = 0; r < n; r++) {
    uint32_t s = mix(r);
    rules[r] = (rule){
        .a = s & 16383,
        .b = mix(s ^ 0x9E3779B9) & 16383,
        .c = mix(s ^ 0x85EBCA6B) & 16383,
        .d = mix(s ^ 0xC2B2AE35) & 16383,
        .min_count = (s >> 5) % 7 + 1,
        .max_offset = FILE_SIZE - (s >> 11) % (5 << 20),
        .min_size = FILE_SIZE - ((s >> 17) & 4095),
        .max_size = FILE_SIZE + ((s >> 3) & 8191),
        .max_entropy = 600 + (s >> 9) % 320,
    };
  }
}

static uint32_t model(const rule *rules, uint32_t n, const fact *facts,
                      uint32_t *ids) {
  uint32_t fired = 0;
  for (uint32_t i = 0; i < n; i++) {
    const rule *r = &rules[i];
    if (facts[r->a].matched && facts[r->b].matched &&
        facts[r->c].count >= r->min_count &&
        facts[r->d].offset <= r->max_offset && FILE_SIZE >= r->min_size &&
        FILE_SIZE <= r->max_size && ENTROPY <= r->max_entropy)
      ids[fired++] = i;
  }
  return fired;
}

static uint32_t fire(example *e, const rule *rules, uint32_t n,
                     const fact *facts, uint32_t *ids) {
  vy_pipeline *count = example_pipeline(e, "rules/rules.vy", "count");
  vy_pipeline *collect = example_pipeline(e, "rules/rules.vy", "collect");
  uint32_t groups = (n + 255) / 256;
  vy_buffer all = example_upload(e, rules, n * sizeof *rules);
  vy_buffer known = example_upload(e, facts, FACTS * sizeof *facts);
  vy_buffer bits = example_buffer(e, (n + 31) / 32 * 4);
  vy_buffer counts = example_buffer(e, groups * 4);

  vy_arg first[] = {vy_arg_buffer(all),    vy_arg_buffer(known),
                    vy_arg_u32(FILE_SIZE), vy_arg_u32(ENTROPY),
                    vy_arg_buffer(bits),   vy_arg_buffer(counts)};
  example_run(e, count, first, 6);
  vy_buffer offsets = example_prefix_sum(e, counts, groups);
  uint32_t *ends = example_alloc((groups + 1) * 4);
  example_download(e, offsets, ends, (groups + 1) * 4);
  uint32_t total = ends[groups];
  free(ends);
  vy_buffer fired = example_buffer(e, total * 4);
  vy_arg second[] = {vy_arg_buffer(bits), vy_arg_buffer(offsets),
                     vy_arg_buffer(fired)};
  example_run(e, collect, second, 3);
  if (total > n)
    example_fail(e, "%u rules fired of %u", total, n);
  example_download(e, fired, ids, total * 4);

  example_free(e, fired);
  example_free(e, offsets);
  example_free(e, counts);
  example_free(e, bits);
  example_free(e, known);
  example_free(e, all);
  vy_pipeline_release(count);
  vy_pipeline_release(collect);
  return total;
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "rules", argc, argv);
  uint32_t n = (uint32_t)example_size(&e, 65536, 1 << 20);
  fact *facts = example_alloc(FACTS * sizeof *facts);
  rule *rules = example_alloc(n * sizeof *rules);
  uint32_t *got = example_alloc(n * 4), *want = example_alloc(n * 4);
  make_facts(facts);
  make_rules(rules, n);
  uint32_t fired = fire(&e, rules, n, facts, got);
  example_equal(&e, "rules that fire", fired, model(rules, n, facts, want));
  example_same(&e, "ids", got, want, fired * 4, 4);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < fired; i++)
    sum += got[i];
  if (n == 1 << 20) {
    example_equal(&e, "rules that fire", fired, 291212);
    example_equal(&e, "sum of ids", sum, 152562564534);
  }
  printf("%u of %u rules fire, sum of ids %llu\n", fired, n,
         (unsigned long long)sum);
  free(want);
  free(got);
  free(rules);
  free(facts);
  return example_close(&e);
}
