// W3 and W12: which rules fire, which items are kept; in order.
#include "../harness.h"

enum { FACTS = 16384, FILE_SIZE = 10 << 20, ENTROPY = 712 };
enum { ITEMS, KNOWN, COUNTS, OFFSETS, IDS, BITS, PART_SUMS };

typedef struct data {
  fact *facts;
  rule *rules;
  item *items;
  void *spare;
} data;

static uint32_t groups_of(const job *j) {
  return (uint32_t)((j->size + 255) / 256);
}

// ---- W3

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

static size_t rules_c(job *j, const baselines *c) {
  data *d = j->data;
  return 4 * c->rules(d->rules, (uint32_t)j->size, d->facts, FILE_SIZE, ENTROPY,
                      (uint32_t *)j->out, d->spare);
}

static void rules_chain(side *s) {
  vy_arg count[] = {side_arg(s, ITEMS),    side_arg(s, KNOWN),
                    vy_arg_u32(FILE_SIZE), vy_arg_u32(ENTROPY),
                    side_arg(s, BITS),     side_arg(s, COUNTS)};
  side_run(s, 0, count, 6);
  vy_arg parts[] = {side_arg(s, COUNTS), side_arg(s, PART_SUMS)};
  side_run(s, 3, parts, 2);
  vy_arg prefix[] = {side_arg(s, COUNTS), side_arg(s, PART_SUMS),
                     side_arg(s, OFFSETS)};
  side_run(s, 1, prefix, 3);
  uint64_t bytes = 4ull * side_u32(s, OFFSETS, groups_of(s->job) * 4ull);
  vy_arg collect[] = {side_arg(s, BITS), side_arg(s, OFFSETS),
                      side_range(s, IDS, bytes)};
  side_run(s, 2, collect, 3);
  side_result(s, IDS, bytes);
}

static void rules_cl(cl_side *s) {
  const job *j = cl_job(s);
  cl_range all = {1, {groups_of(j), 1}, {0, 0}};
  cl_value count[] = {cl_buf(ITEMS),   cl_u32((uint32_t)j->size),
                      cl_buf(KNOWN),   cl_u32(FILE_SIZE),
                      cl_u32(ENTROPY), cl_buf(COUNTS)};
  cl_go(s, 0, all, count, 6);
  cl_value prefix[] = {cl_buf(COUNTS), cl_u32(groups_of(j)), cl_buf(OFFSETS)};
  cl_go(s, 1, (cl_range){1, {1, 1}, {1, 1}}, prefix, 3);
  uint64_t bytes = 4ull * cl_read_u32(s, OFFSETS, groups_of(j) * 4ull);
  cl_value collect[] = {cl_buf(ITEMS),   cl_u32((uint32_t)j->size),
                        cl_buf(KNOWN),   cl_u32(FILE_SIZE),
                        cl_u32(ENTROPY), cl_buf(OFFSETS),
                        cl_buf(IDS)};
  cl_go(s, 2, all, collect, 7);
  cl_result(s, IDS, bytes);
}

static void rules_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  uint32_t fired = r->c->rules(
      s, cuda_at(s, ITEMS), (uint32_t)r->job->size, cuda_at(s, KNOWN),
      FILE_SIZE, ENTROPY, cuda_at(s, BITS), cuda_at(s, COUNTS),
      cuda_at(s, PART_SUMS), cuda_at(s, OFFSETS), cuda_at(s, IDS));
  cuda_result(r, IDS, 4ull * fired);
}

static void open_rules(job *j) {
  data *d = take(sizeof *d);
  j->data = d;
  d->facts = take(FACTS * sizeof *d->facts);
  d->rules = take(j->size * sizeof *d->rules);
  d->spare = take(j->size * 4);
  make_facts(d->facts);
  make_rules(d->rules, (uint32_t)j->size);
  job_output(j, j->size * 4, 4);
  j->bytes = (double)j->size * sizeof(rule);
  j->units = (double)j->size;
  j->unit = "rules";
  j->memory[ITEMS] = (memory){d->rules, j->size * sizeof(rule)};
  j->memory[KNOWN] = (memory){d->facts, FACTS * sizeof(fact)};
  j->memory[COUNTS] = (memory){NULL, groups_of(j) * 4ull};
  j->memory[OFFSETS] = (memory){NULL, (groups_of(j) + 1) * 4ull};
  j->memory[PART_SUMS] = (memory){NULL, (groups_of(j) / 1024 + 1) * 4ull};
  j->memory[BITS] = (memory){NULL, (j->size + 31) / 32 * 4};
  j->memory[IDS] = (memory){NULL, j->size * 4};
  j->programs[0] = (program_ref){"rules/rules.vy", "count"};
  j->programs[1] = (program_ref){"lib/prefix.vy", "prefix_sum"};
  j->programs[2] = (program_ref){"rules/rules.vy", "collect"};
  j->programs[3] = (program_ref){"lib/prefix.vy", "part_sums"};
  j->cl_file = "scan.cl";
  j->kernels[0] = "rules_count";
  j->kernels[1] = "prefix_sum";
  j->kernels[2] = "rules_collect";
  job_c(j, rules_c);
  job_vyre(j, rules_chain);
  job_pocl(j, rules_cl);
  job_cuda(j, rules_cuda);
}

static void rules_oracle(job *j) {
  const uint32_t *ids = (const uint32_t *)j->want;
  uint64_t sum = 0;
  for (size_t i = 0; i < j->want_size / 4; i++)
    sum += ids[i];
  job_equal(j, "rules that fire", j->want_size / 4, 291212);
  job_equal(j, "sum of ids", sum, 152562564534);
}

// ---- W12

static size_t filter_c(job *j, const baselines *c) {
  data *d = j->data;
  return sizeof(kept) *
         c->filter(d->items, (uint32_t)j->size, (kept *)j->out, d->spare);
}

static void filter_chain(side *s) {
  uint64_t blocks = (s->job->size + 2047) / 2048;
  vy_arg counts = side_range(s, COUNTS, blocks * 4);
  vy_arg sums = side_range(s, PART_SUMS, (blocks / 1024 + 1) * 4);
  vy_arg offsets = side_range(s, OFFSETS, (blocks + 1) * 4);
  vy_arg count[] = {side_arg(s, ITEMS), side_arg(s, BITS), counts};
  side_run(s, 0, count, 3);
  vy_arg parts[] = {counts, sums};
  side_run(s, 3, parts, 2);
  vy_arg prefix[] = {counts, sums, offsets};
  side_run(s, 1, prefix, 3);
  uint64_t bytes = sizeof(kept) * side_u32(s, OFFSETS, blocks * 4);
  vy_arg collect[] = {side_arg(s, ITEMS), side_arg(s, BITS), offsets,
                      side_range(s, IDS, bytes)};
  side_run(s, 2, collect, 4);
  side_result(s, IDS, bytes);
}

static void filter_cl(cl_side *s) {
  const job *j = cl_job(s);
  cl_range all = {1, {groups_of(j), 1}, {0, 0}};
  cl_value count[] = {cl_buf(ITEMS), cl_u32((uint32_t)j->size), cl_buf(COUNTS)};
  cl_go(s, 0, all, count, 3);
  cl_value prefix[] = {cl_buf(COUNTS), cl_u32(groups_of(j)), cl_buf(OFFSETS)};
  cl_go(s, 1, (cl_range){1, {1, 1}, {1, 1}}, prefix, 3);
  uint64_t bytes = sizeof(kept) * cl_read_u32(s, OFFSETS, groups_of(j) * 4ull);
  cl_value collect[] = {cl_buf(ITEMS), cl_u32((uint32_t)j->size),
                        cl_buf(OFFSETS), cl_buf(IDS)};
  cl_go(s, 2, all, collect, 4);
  cl_result(s, IDS, bytes);
}

static void filter_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  uint32_t count =
      r->c->filter(s, cuda_at(s, ITEMS), (uint32_t)r->job->size,
                   cuda_at(s, BITS), cuda_at(s, COUNTS), cuda_at(s, PART_SUMS),
                   cuda_at(s, OFFSETS), cuda_at(s, IDS));
  cuda_result(r, IDS, sizeof(kept) * count);
}

static void open_filter(job *j) {
  data *d = take(sizeof *d);
  j->data = d;
  d->items = take(j->size * sizeof *d->items);
  d->spare = take(j->size * sizeof(kept));
  for (uint32_t i = 0; i < j->size; i++)
    d->items[i] = (item){mix(i ^ 0xA5A55A5A), mix(17 * i + 0x9E3779B9) | 1,
                         440 + (mix(i ^ 0x517CC1B7) & 255)};
  job_output(j, j->size * sizeof(kept), sizeof(kept));
  j->bytes = (double)j->size * sizeof(item);
  j->units = (double)j->size;
  j->unit = "items";
  j->memory[ITEMS] = (memory){d->items, j->size * sizeof(item)};
  j->memory[COUNTS] = (memory){NULL, groups_of(j) * 4ull};
  j->memory[OFFSETS] = (memory){NULL, (groups_of(j) + 1) * 4ull};
  j->memory[PART_SUMS] = (memory){NULL, (groups_of(j) / 1024 + 1) * 4ull};
  j->memory[BITS] = (memory){NULL, (j->size + 31) / 32 * 4};
  j->memory[IDS] = (memory){NULL, j->size * sizeof(kept)};
  j->programs[0] = (program_ref){"filter/filter.vy", "count"};
  j->programs[1] = (program_ref){"lib/prefix.vy", "prefix_sum"};
  j->programs[2] = (program_ref){"filter/filter.vy", "collect"};
  j->programs[3] = (program_ref){"lib/prefix.vy", "part_sums"};
  j->cl_file = "scan.cl";
  j->kernels[0] = "filter_count";
  j->kernels[1] = "prefix_sum";
  j->kernels[2] = "filter_collect";
  job_c(j, filter_c);
  job_vyre(j, filter_chain);
  job_pocl(j, filter_cl);
  job_cuda(j, filter_cuda);
}

static void filter_oracle(job *j) {
  const kept *k = (const kept *)j->want;
  uint64_t n = j->want_size / sizeof *k, sum = 0;
  for (uint64_t i = 0; i < n; i++)
    sum += k[i].value;
  job_equal(j, "items kept", n, 4292);
  job_equal(j, "sum of their values", sum, 143940667);
}

static void close(job *j) {
  data *d = j->data;
  free(d->facts);
  free(d->rules);
  free(d->items);
  free(d->spare);
}

const workload rules_workloads[] = {{"W3",
                                     "rule conditions",
                                     {65536, 1 << 20, 4 << 20, 16 << 20},
                                     open_rules,
                                     rules_oracle,
                                     close},
                                    {"W12",
                                     "fused filter",
                                     {65536, 1 << 20, 16 << 20, 64 << 20},
                                     open_filter,
                                     filter_oracle,
                                     close},
                                    {NULL, NULL, {0}, NULL, NULL, NULL}};
