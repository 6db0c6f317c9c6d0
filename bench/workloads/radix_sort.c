// W8: stable radix sort of keys with their places as values.
#include "../harness.h"

#include <digests.h>

enum { TILE = 2048, TILES = 512 };
enum { KEYS, VALUES, K1, V1, K2, V2, COUNTS, OFFSETS, TOTALS };

typedef struct data {
  uint32_t *keys, *values, *spare, tile, tiles;
} data;

static uint32_t key_of(int kind, uint32_t i) {
  return kind == 0 ? mix(i) : kind == 1 ? mix(i) % 10 ? 7 : mix(i) : i;
}

static size_t run_c(job *j, const baselines *c) {
  data *d = j->data;
  uint32_t *out = (uint32_t *)j->out, n = (uint32_t)j->size;
  c->radix_sort(d->keys, d->values, n, out, out + n, d->spare, d->spare + n);
  return j->out_capacity;
}

static void chain(side *s) {
  const data *d = s->job->data;
  uint32_t tile = d->tile;
  vy_arg counts = side_range(s, COUNTS, 1024ull * d->tiles);
  vy_arg before = side_range(s, OFFSETS, 1024ull * d->tiles);
  for (uint32_t pass = 0; pass < 4; pass++) {
    uint32_t from = pass == 0 ? KEYS : pass % 2 ? K1 : K2;
    uint32_t to = pass % 2 ? K2 : K1, shift = 8 * pass;
    vy_arg count[] = {side_arg(s, from), vy_arg_u32(shift), vy_arg_u32(tile),
                      counts};
    side_run(s, 0, count, 4);
    vy_arg starts[] = {counts, before, side_arg(s, TOTALS)};
    side_run(s, 1, starts, 3);
    vy_arg scatter[] = {side_arg(s, from),
                        side_arg(s, from + 1),
                        vy_arg_u32(shift),
                        vy_arg_u32(tile),
                        before,
                        side_arg(s, TOTALS),
                        side_arg(s, to),
                        side_arg(s, to + 1)};
    side_run(s, 2, scatter, 8);
  }
  side_result(s, K2, s->job->size * 4);
  side_result(s, V2, s->job->size * 4);
}

// As the C baseline does it: one part a thread.
static void chain_cl(cl_side *s) {
  const job *j = cl_job(s);
  uint32_t parts = j->bench->threads, n = (uint32_t)j->size;
  cl_range each = {1, {parts, 1}, {1, 1}};
  for (uint32_t pass = 0; pass < 4; pass++) {
    uint32_t from = pass == 0 ? KEYS : pass % 2 ? K1 : K2;
    uint32_t to = pass % 2 ? K2 : K1, shift = 8 * pass;
    cl_value count[] = {cl_buf(from), cl_u32(n), cl_u32(shift), cl_buf(COUNTS)};
    cl_go(s, 0, each, count, 4);
    cl_value prefix[] = {cl_buf(COUNTS), cl_u32(parts * 256), cl_buf(OFFSETS)};
    cl_go(s, 1, (cl_range){1, {1, 1}, {1, 1}}, prefix, 3);
    cl_value scatter[] = {cl_buf(from),  cl_buf(from + 1), cl_u32(n),
                          cl_u32(shift), cl_buf(OFFSETS),  cl_buf(to),
                          cl_buf(to + 1)};
    cl_go(s, 2, each, scatter, 7);
  }
  cl_result(s, K2, j->size * 4);
  cl_result(s, V2, j->size * 4);
}

static void chain_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  const data *d = r->job->data;
  uint32_t *keys[] = {cuda_at(s, KEYS), cuda_at(s, K1), cuda_at(s, K2)};
  uint32_t *values[] = {cuda_at(s, VALUES), cuda_at(s, V1), cuda_at(s, V2)};
  r->c->radix_sort(s, keys, values, (uint32_t)r->job->size, d->tile,
                   cuda_at(s, COUNTS), cuda_at(s, OFFSETS), cuda_at(s, TOTALS));
  cuda_result(r, K2, r->job->size * 4);
  cuda_result(r, V2, r->job->size * 4);
}

// A tile for a lane, where a few threads run the lanes; else for a group, with
// few counts to sum, and work for many threads.
static void choose(job *j, data *d) {
  vy_device_info info = VY_DEVICE_INFO_INIT;
  check_vy(vy_device_describe(j->bench->all, &info), NULL, "describing");
  bool alone = info.threads != 0;
  uint64_t tiles = alone ? TILES / 8 : TILES;
  uint64_t least = (j->size / tiles + 255) / 256 * 256;
  d->tile = least > TILE ? (uint32_t)least : TILE;
  j->programs[0] = (program_ref){"radix_sort/radix_sort.vy",
                                 alone ? "count_alone" : "count"};
  j->programs[1] = (program_ref){"radix_sort/radix_sort.vy", "starts"};
  j->programs[2] = (program_ref){"radix_sort/radix_sort.vy",
                                 alone ? "scatter_alone" : "scatter"};
}

static void open_kind(job *j, int kind) {
  data *d = take(sizeof *d);
  uint64_t n = j->size;
  choose(j, d);
  d->tiles = (uint32_t)((n + d->tile - 1) / d->tile);
  uint64_t cells = d->tiles;
  if (cells < j->bench->threads) // PoCL's parts
    cells = j->bench->threads;
  j->data = d;
  d->keys = take(n * 4);
  d->values = take(n * 4);
  d->spare = take(n * 8);
  for (uint32_t i = 0; i < n; i++) {
    d->keys[i] = key_of(kind, i);
    d->values[i] = i;
  }
  job_output(j, n * 8, 4);
  j->bytes = (double)n * 8 * 2 * 4; // each pass reads and writes all
  j->units = (double)n;
  j->unit = "keys";
  j->memory[KEYS] = (memory){d->keys, n * 4};
  j->memory[VALUES] = (memory){d->values, n * 4};
  for (uint32_t b = K1; b <= V2; b++)
    j->memory[b] = (memory){NULL, n * 4};
  j->memory[COUNTS] = (memory){NULL, 256 * 4 * cells};
  j->memory[OFFSETS] = (memory){NULL, 256 * 4 * cells + 4};
  j->memory[TOTALS] = (memory){NULL, 256 * 4};
  j->cl_file = "sort.cl";
  j->kernels[0] = "count";
  j->kernels[1] = "prefix_sum";
  j->kernels[2] = "scatter";
  job_c(j, run_c);
  job_vyre(j, chain);
  job_pocl(j, chain_cl);
  job_cuda(j, chain_cuda);
}

static void open_random(job *j) { open_kind(j, 0); }
static void open_equal(job *j) { open_kind(j, 1); }
static void open_sorted(job *j) { open_kind(j, 2); }

// The example's digest goes over the three inputs, one after the other.
static void check_digest(job *j) {
  static uint64_t digest;
  static uint32_t done;
  static const char *const order[] = {"W8-random", "W8-equal", "W8-sorted"};
  if (done == 3 || strcmp(j->id, order[done]))
    return;
  const uint32_t *keys = (const uint32_t *)j->want, *values = keys + j->size;
  uint32_t *pairs = take(j->size * 8);
  for (uint64_t i = 0; i < j->size; i++) {
    pairs[2 * i] = keys[i];
    pairs[2 * i + 1] = values[i];
  }
  uint64_t two[2] = {digest, fnv1a64(pairs, j->size * 8)};
  digest = fnv1a64(two, sizeof two);
  free(pairs);
  if (++done == 3)
    job_equal(j, "digest of W8", digest, DIGEST_RADIX_SORT);
}

// Also: keys ascend, and equal ones keep their places.
static void oracle(job *j) {
  const uint32_t *keys = (const uint32_t *)j->want, *values = keys + j->size;
  const data *d = j->data;
  uint64_t wrong = 0;
  for (uint64_t i = 0; i < j->size; i++)
    wrong += d->keys[values[i]] != keys[i] ||
             (i && (keys[i] < keys[i - 1] ||
                    (keys[i] == keys[i - 1] && values[i] <= values[i - 1])));
  job_equal(j, "keys out of place", wrong, 0);
  check_digest(j);
}

static void close(job *j) {
  data *d = j->data;
  free(d->keys);
  free(d->values);
  free(d->spare);
}

const workload radix_sort_workloads[] = {{"W8-random",
                                          "radix sort, random keys",
                                          {10000, 1 << 20, 1 << 24, 1 << 27},
                                          open_random,
                                          oracle,
                                          close},
                                         {"W8-equal",
                                          "radix sort, nine tenths equal",
                                          {10000, 1 << 20, 1 << 24, 1 << 27},
                                          open_equal,
                                          oracle,
                                          close},
                                         {"W8-sorted",
                                          "radix sort, sorted keys",
                                          {10000, 1 << 20, 1 << 24, 1 << 27},
                                          open_sorted,
                                          oracle,
                                          close},
                                         {NULL, NULL, {0}, NULL, NULL, NULL}};
