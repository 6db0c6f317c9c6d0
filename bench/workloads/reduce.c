// W7: reduce, scan, histogram, compact of mix(i), level by level in groups of
// 256 on the devices.
#include "../harness.h"

#include <digests.h>

// Blocks of compaction, and of the wide prefix sums of integers.
enum { GROUP = 256, LEVELS = 4, BLOCK = 1024, WIDE = 4096 };
// Sums of level k are at SUMS + k, their prefix sums at SCANNED + k.
enum {
  X,
  Y,
  ZERO,
  SUMS,
  SCANNED = SUMS + LEVELS,
  KEPT = SCANNED + LEVELS,
  PART_SUMS
};

typedef struct data {
  uint32_t *x;
  float *f;
  void *spare;
  uint64_t n[LEVELS + 1]; // elements of each level; 0 past the last
  uint32_t bins;
} data;

static const void *input(const data *d) {
  return d->x ? (const void *)d->x : (const void *)d->f;
}

static data *make(job *j, bool floats) {
  data *d = take(sizeof *d);
  j->data = d;
  if (floats) {
    d->f = take(j->size * 4);
    for (uint64_t i = 0; i < j->size; i++)
      d->f[i] = mix_f32((uint32_t)i);
  } else {
    d->x = take(j->size * 4);
    for (uint64_t i = 0; i < j->size; i++)
      d->x[i] = mix((uint32_t)i);
  }
  d->n[0] = j->size;
  for (uint32_t k = 0; k < LEVELS && d->n[k] > 1; k++)
    d->n[k + 1] = (d->n[k] + GROUP - 1) / GROUP;
  if (d->n[LEVELS] > 1)
    fail("%s: too large", j->id);
  j->floats = floats;
  j->memory[X] = (memory){input(d), j->size * 4};
  j->units = (double)j->size;
  j->unit = "values";
  j->cl_file = "reduce.cl";
  return d;
}

// ---- sums

static size_t sum_u32_c(job *j, const baselines *c) {
  data *d = j->data;
  *(uint32_t *)j->out = c->sum_u32(d->x, j->size);
  return 4;
}

static size_t sum_f32_c(job *j, const baselines *c) {
  data *d = j->data;
  *(float *)j->out = c->sum_f32(d->f, j->size, d->spare);
  return 4;
}

static void sum_chain(side *s) {
  const data *d = s->job->data;
  uint32_t from = X, k = 0;
  for (; d->n[k] > 1; k++) {
    vy_arg args[] = {side_arg(s, from), side_arg(s, SUMS + k)};
    side_run(s, 0, args, 2);
    from = SUMS + k;
  }
  side_result(s, from, 4);
}

static void sum_u32_cl(cl_side *s) {
  const job *j = cl_job(s);
  uint32_t parts = (uint32_t)j->memory[KEPT].size / 4;
  cl_value args[] = {cl_buf(X), cl_u32((uint32_t)j->size), cl_buf(KEPT)};
  cl_go(s, 0, (cl_range){1, {parts, 1}, {1, 1}}, args, 3);
  cl_value last[] = {cl_buf(KEPT), cl_u32(parts), cl_buf(ZERO)};
  cl_go(s, 0, (cl_range){1, {1, 1}, {1, 1}}, last, 3);
  cl_result(s, ZERO, 4);
}

static void sum_f32_cl(cl_side *s) {
  const data *d = cl_job(s)->data;
  uint32_t from = X, k = 0;
  for (; d->n[k] > 1; k++) {
    cl_value args[] = {cl_buf(from), cl_u32((uint32_t)d->n[k]),
                       cl_buf(SUMS + k)};
    cl_go(s, 0, (cl_range){1, {d->n[k + 1], 1}, {0, 0}}, args, 3);
    from = SUMS + k;
  }
  cl_result(s, from, 4);
}

static void pointers(cuda_run *r, uint32_t first, void **to) {
  for (uint32_t k = 0; k < LEVELS; k++)
    to[k] = cuda_at(r->side, first + k);
}

static void sum_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  const data *d = r->job->data;
  void *sums[LEVELS];
  uint32_t last = 0;
  pointers(r, SUMS, sums);
  if (d->x)
    r->c->sum_u32(s, cuda_at(s, X), (uint32_t)r->job->size, (uint32_t **)sums);
  else
    r->c->sum_f32(s, cuda_at(s, X), (uint32_t)r->job->size, (float **)sums);
  while (d->n[last + 1] > 1)
    last++;
  cuda_result(r, SUMS + last, 4);
}

static void open_sum(job *j, bool floats) {
  data *d = make(j, floats);
  d->spare = take((d->n[1] + d->n[2] + d->n[3] + d->n[4]) * 4);
  job_output(j, 4, 4);
  j->bytes = j->units * 4;
  for (uint32_t k = 0; k < LEVELS && d->n[k + 1]; k++)
    j->memory[SUMS + k] = (memory){NULL, d->n[k + 1] * 4};
  j->memory[ZERO] = (memory){NULL, 4};
  j->memory[KEPT] = (memory){NULL, j->bench->threads * 8 * 4};
  j->programs[0] =
      (program_ref){"reduce/reduce.vy", floats ? "sum_f32" : "sum_u32"};
  j->kernels[0] = floats ? "sum_f32" : "sum_u32";
  job_c(j, floats ? sum_f32_c : sum_u32_c);
  job_vyre(j, sum_chain);
  job_pocl(j, floats ? sum_f32_cl : sum_u32_cl);
  job_cuda(j, sum_cuda);
}

static void open_sum_u32(job *j) { open_sum(j, false); }
static void open_sum_f32(job *j) { open_sum(j, true); }

// ---- prefix sums

static size_t scan_u32_c(job *j, const baselines *c) {
  data *d = j->data;
  c->scan_u32(d->x, j->size, (uint32_t *)j->out);
  return j->out_capacity;
}

static size_t scan_f32_c(job *j, const baselines *c) {
  data *d = j->data;
  c->scan_f32(d->f, j->size, (float *)j->out, d->spare);
  return j->out_capacity;
}

// The groups' sums are scanned first, by the same function.
static void scan_level(side *s, uint32_t from, uint32_t to, uint32_t k) {
  const data *d = s->job->data;
  uint32_t offsets = ZERO;
  if (d->n[k] > GROUP) {
    vy_arg args[] = {side_arg(s, from), side_arg(s, SUMS + k)};
    side_run(s, 0, args, 2);
    offsets = SCANNED + k;
    scan_level(s, SUMS + k, offsets, k + 1);
  }
  vy_arg args[] = {side_arg(s, from), side_arg(s, offsets), vy_arg_bool(!k),
                   side_arg(s, to)};
  side_run(s, 1, args, 4);
}

static void scan_chain(side *s) {
  scan_level(s, X, Y, 0);
  side_result(s, Y, s->job->out_capacity);
}

// The wide ones: few dispatches, however many levels there are.
static void wide_u32_chain(side *s) {
  uint64_t blocks = (s->job->size + WIDE - 1) / WIDE;
  vy_arg sums =
      blocks > 1 ? side_range(s, SUMS, blocks * 4) : side_arg(s, ZERO);
  if (blocks > 1) {
    vy_arg args[] = {side_arg(s, X), sums};
    side_run(s, 0, args, 2);
  }
  vy_arg args[] = {side_arg(s, X), sums, side_arg(s, Y)};
  side_run(s, 1, args, 3);
  side_result(s, Y, s->job->out_capacity);
}

static void wide_f32_chain(side *s) {
  const data *d = s->job->data;
  uint32_t offsets = ZERO, above = d->n[1] > GROUP ? SUMS + 1 : ZERO;
  if (d->n[0] > GROUP) {
    vy_arg sum[] = {side_arg(s, X), side_arg(s, SUMS)};
    side_run(s, 0, sum, 2);
    vy_arg sum_sums[] = {side_arg(s, SUMS), side_arg(s, SUMS + 1)};
    if (above != ZERO)
      side_run(s, 0, sum_sums, 2);
    offsets = SCANNED;
    vy_arg scan_sums[] = {side_arg(s, SUMS), side_arg(s, above),
                          side_arg(s, SCANNED)};
    side_run(s, 2, scan_sums, 3);
  }
  vy_arg args[] = {side_arg(s, X), side_arg(s, offsets), vy_arg_bool(true),
                   side_arg(s, Y)};
  side_run(s, 1, args, 4);
  side_result(s, Y, s->job->out_capacity);
}

// In as many runs of blocks as keep all threads busy; a single one needs no
// sums of what is before it.
static void runs_u32_chain(side *s) {
  const data *d = s->job->data;
  vy_device_info info = VY_DEVICE_INFO_INIT;
  check_vy(vy_device_describe(s->device, &info), NULL, "describing");
  uint32_t runs = info.threads > 1 ? 4 * info.threads : 1;
  uint64_t sums = runs > 1 ? d->n[1] * 4 : 0;
  if (runs > 1) {
    vy_arg args[] = {side_arg(s, X), side_range(s, SUMS, sums)};
    side_run(s, 0, args, 2);
  }
  uint32_t blocks = (uint32_t)((d->n[1] + runs - 1) / runs);
  vy_arg args[] = {side_arg(s, X), side_range(s, SUMS, sums),
                   vy_arg_u32(blocks), side_arg(s, Y)};
  side_run(s, 1, args, 4);
  side_result(s, Y, s->job->out_capacity);
}

static void scan_u32_cl(cl_side *s) {
  const job *j = cl_job(s);
  uint32_t parts = (uint32_t)j->memory[KEPT].size / 4;
  cl_range each = {1, {parts, 1}, {1, 1}};
  cl_value args[] = {cl_buf(X), cl_u32((uint32_t)j->size), cl_buf(KEPT)};
  cl_go(s, 0, each, args, 3);
  cl_value scan[] = {cl_buf(X), cl_u32((uint32_t)j->size), cl_buf(KEPT),
                     cl_buf(Y)};
  cl_go(s, 1, each, scan, 4);
  cl_result(s, Y, j->out_capacity);
}

static void scan_level_cl(cl_side *s, uint32_t from, uint32_t to, uint32_t k) {
  const data *d = cl_job(s)->data;
  cl_range each = {1, {(d->n[k] + GROUP - 1) / GROUP, 1}, {0, 0}};
  uint32_t offsets = ZERO, n = (uint32_t)d->n[k];
  if (n > GROUP) {
    cl_value args[] = {cl_buf(from), cl_u32(n), cl_buf(SUMS + k)};
    cl_go(s, 0, each, args, 3);
    offsets = SCANNED + k;
    scan_level_cl(s, SUMS + k, offsets, k + 1);
  }
  cl_value args[] = {cl_buf(from), cl_u32(n), cl_buf(offsets), cl_u32(!k),
                     cl_buf(to)};
  cl_go(s, 1, each, args, 5);
}

static void scan_f32_cl(cl_side *s) {
  scan_level_cl(s, X, Y, 0);
  cl_result(s, Y, cl_job(s)->out_capacity);
}

static void scan_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  const data *d = r->job->data;
  void *sums[LEVELS], *scanned[LEVELS];
  pointers(r, SUMS, sums);
  pointers(r, SCANNED, scanned);
  if (d->x)
    r->c->scan_u32(s, cuda_at(s, X), (uint32_t)r->job->size, cuda_at(s, Y),
                   sums[0]);
  else
    r->c->scan_f32(s, cuda_at(s, X), (uint32_t)r->job->size, cuda_at(s, Y),
                   (float **)sums, (float **)scanned);
  cuda_result(r, Y, r->job->out_capacity);
}

// Do many lanes run at a time?
static bool is_wide(const job *j) {
  vy_device_info info = VY_DEVICE_INFO_INIT;
  check_vy(vy_device_describe(j->bench->all, &info), NULL, "describing");
  return info.threads == 0;
}

static void scan_programs(job *j, bool floats, bool wide) {
  const char *names[][3] = {{"sum_u32", "scan_u32_runs", NULL},
                            {"block_sums_u32", "scan_u32_wide", NULL},
                            {"sum_f32", "scan_f32", NULL},
                            {"sum_f32", "scan_f32_wide", "scan_sums_f32"}};
  for (uint32_t i = 0; i < 3 && names[2 * floats + wide][i]; i++)
    j->programs[i] =
        (program_ref){"reduce/reduce.vy", names[2 * floats + wide][i]};
}

static void open_scan(job *j, bool floats) {
  data *d = make(j, floats);
  d->spare = take(3 * (d->n[1] + 1) * 4);
  job_output(j, j->size * 4, 4);
  j->bytes = j->units * 8;
  j->memory[Y] = (memory){NULL, j->size * 4};
  j->memory[ZERO] = (memory){NULL, 4};
  for (uint32_t k = 0; k < LEVELS && d->n[k] > GROUP; k++)
    j->memory[SUMS + k] = j->memory[SCANNED + k] =
        (memory){NULL, d->n[k + 1] * 4};
  j->memory[KEPT] = (memory){NULL, j->bench->threads * 8 * 4};
  scan_programs(j, floats, is_wide(j));
  j->kernels[0] = floats ? "sum_f32" : "sum_u32";
  j->kernels[1] = floats ? "scan_f32" : "scan_u32";
  job_c(j, floats ? scan_f32_c : scan_u32_c);
  if (is_wide(j))
    job_vyre(j, floats ? wide_f32_chain : wide_u32_chain);
  else
    job_vyre(j, floats ? scan_chain : runs_u32_chain);
  job_pocl(j, floats ? scan_f32_cl : scan_u32_cl);
  job_cuda(j, scan_cuda);
}

static void open_scan_u32(job *j) { open_scan(j, false); }
static void open_scan_f32(job *j) { open_scan(j, true); }

// ---- histograms

static size_t histogram_c(job *j, const baselines *c) {
  data *d = j->data;
  c->histogram(d->x, j->size, d->bins, (uint32_t *)j->out);
  return j->out_capacity;
}

static void histogram_chain(side *s) {
  vy_arg args[] = {side_arg(s, X), side_arg(s, Y)};
  side_run(s, 0, args, 2);
  side_result(s, Y, s->job->out_capacity);
}

static void histogram_cl(cl_side *s) {
  const job *j = cl_job(s);
  const data *d = j->data;
  uint32_t parts = j->bench->threads;
  cl_value args[] = {cl_buf(X), cl_u32((uint32_t)j->size), cl_u32(d->bins),
                     cl_buf(KEPT)};
  cl_go(s, 0, (cl_range){1, {parts, 1}, {1, 1}}, args, 4);
  cl_value join[] = {cl_buf(KEPT), cl_u32(parts), cl_buf(Y)};
  cl_go(s, 1, (cl_range){1, {d->bins, 1}, {0, 0}}, join, 3);
  cl_result(s, Y, j->out_capacity);
}

static void histogram_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  const data *d = r->job->data;
  r->c->histogram(s, cuda_at(s, X), (uint32_t)r->job->size, d->bins,
                  cuda_at(s, Y));
  cuda_result(r, Y, r->job->out_capacity);
}

static void open_histogram(job *j, uint32_t bins) {
  data *d = make(j, false);
  d->bins = bins;
  job_output(j, bins * 4, 4);
  j->bytes = j->units * 4;
  j->memory[Y] = (memory){NULL, bins * 4};
  j->memory[KEPT] = (memory){NULL, (uint64_t)j->bench->threads * bins * 4};
  j->programs[0] = (program_ref){
      "reduce/reduce.vy", bins == 256 ? "histogram_256" : "histogram_65536"};
  j->kernels[0] = "histogram";
  j->kernels[1] = "histogram_join";
  job_c(j, histogram_c);
  job_vyre(j, histogram_chain);
  job_pocl(j, histogram_cl);
  job_cuda(j, histogram_cuda);
}

static void open_histogram_256(job *j) { open_histogram(j, 256); }
static void open_histogram_65536(job *j) { open_histogram(j, 65536); }

// ---- compact

static size_t compact_c(job *j, const baselines *c) {
  data *d = j->data;
  return 4 * c->compact(d->x, j->size, (uint32_t *)j->out, d->spare);
}

static void compact_chain(side *s) {
  uint64_t blocks = (s->job->size + BLOCK - 1) / BLOCK;
  vy_arg count[] = {side_arg(s, X), side_range(s, SUMS, blocks * 4)};
  side_run(s, 0, count, 2);
  vy_arg parts[] = {side_range(s, SUMS, blocks * 4),
                    side_range(s, PART_SUMS, (blocks / 1024 + 1) * 4)};
  side_run(s, 3, parts, 2);
  vy_arg prefix[] = {side_range(s, SUMS, blocks * 4),
                     side_range(s, PART_SUMS, (blocks / 1024 + 1) * 4),
                     side_range(s, SCANNED, (blocks + 1) * 4)};
  side_run(s, 1, prefix, 3);
  uint64_t bytes = 4ull * side_u32(s, SCANNED, blocks * 4);
  vy_arg write[] = {side_arg(s, X), side_range(s, SCANNED, (blocks + 1) * 4),
                    side_range(s, KEPT, bytes)};
  side_run(s, 2, write, 3);
  side_result(s, KEPT, bytes);
}

static void compact_cl(cl_side *s) {
  const job *j = cl_job(s);
  const data *d = j->data;
  cl_range each = {1, {d->n[1], 1}, {0, 0}};
  cl_value count[] = {cl_buf(X), cl_u32((uint32_t)j->size), cl_buf(SUMS)};
  cl_go(s, 0, each, count, 3);
  cl_value prefix[] = {cl_buf(SUMS), cl_u32((uint32_t)d->n[1]),
                       cl_buf(SCANNED)};
  cl_go(s, 1, (cl_range){1, {1, 1}, {1, 1}}, prefix, 3);
  uint64_t bytes = 4ull * cl_read_u32(s, SCANNED, d->n[1] * 4);
  cl_value write[] = {cl_buf(X), cl_u32((uint32_t)j->size), cl_buf(SCANNED),
                      cl_buf(KEPT)};
  cl_go(s, 2, each, write, 4);
  cl_result(s, KEPT, bytes);
}

static void compact_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  uint32_t count = r->c->compact(s, cuda_at(s, X), (uint32_t)r->job->size,
                                 cuda_at(s, SUMS), cuda_at(s, PART_SUMS),
                                 cuda_at(s, SCANNED), cuda_at(s, KEPT));
  cuda_result(r, KEPT, 4ull * count);
}

static void open_compact(job *j) {
  data *d = make(j, false);
  // The baseline writes one more than it keeps, in each part.
  d->spare = take((j->size + 256) * 4);
  job_output(j, (j->size + 1) * 4, 4);
  j->bytes = j->units * 4 * 4 / 3;
  j->memory[SUMS] = (memory){NULL, d->n[1] * 4};
  j->memory[SCANNED] = (memory){NULL, (d->n[1] + 1) * 4};
  j->memory[KEPT] = (memory){NULL, j->size * 4};
  j->memory[PART_SUMS] = (memory){NULL, (d->n[1] / 1024 + 1) * 4};
  j->programs[0] = (program_ref){"reduce/reduce.vy", "compact_count"};
  j->programs[1] = (program_ref){"lib/prefix.vy", "prefix_sum"};
  j->programs[2] = (program_ref){"reduce/reduce.vy", "compact_write"};
  j->programs[3] = (program_ref){"lib/prefix.vy", "part_sums"};
  j->kernels[0] = "compact_count";
  j->kernels[1] = "prefix_sum";
  j->kernels[2] = "compact_write";
  job_c(j, compact_c);
  job_vyre(j, compact_chain);
  job_pocl(j, compact_cl);
  job_cuda(j, compact_cuda);
}

// The example's digest is of the seven parts' digests; it is known when all
// of them have run.
static const char *const parts[] = {
    "W7-sum-u32", "W7-scan-u32", "W7-histogram-256", "W7-histogram-65536",
    "W7-compact", "W7-sum-f32",  "W7-scan-f32"};
enum { PARTS = sizeof parts / sizeof parts[0] };

static void oracle(job *j) {
  static uint64_t digests[PARTS];
  bool all = true;
  for (uint32_t i = 0; i < PARTS; i++) {
    if (!strcmp(j->id, parts[i]))
      digests[i] = fnv1a64(j->want, j->want_size);
    all &= digests[i] != 0;
  }
  if (all)
    job_equal(j, "digest of W7", fnv1a64(digests, sizeof digests),
              DIGEST_REDUCE);
}

static void close(job *j) {
  data *d = j->data;
  free(d->x);
  free(d->f);
  free(d->spare);
}

#define SIZES                                                                  \
  { 1 << 12, 1 << 20, 1 << 26, 1 << 28 }

const workload reduce_workloads[] = {
    {"W7-sum-u32", "sum of u32", SIZES, open_sum_u32, oracle, close},
    {"W7-sum-f32", "sum of f32 by the canonical tree", SIZES, open_sum_f32,
     oracle, close},
    {"W7-scan-u32", "prefix sums of u32", SIZES, open_scan_u32, oracle, close},
    {"W7-scan-f32", "prefix sums of f32 by the canonical tree", SIZES,
     open_scan_f32, oracle, close},
    {"W7-histogram-256", "histogram, 256 bins", SIZES, open_histogram_256,
     oracle, close},
    {"W7-histogram-65536", "histogram, 65,536 bins", SIZES,
     open_histogram_65536, oracle, close},
    {"W7-compact", "keep the multiples of three", SIZES, open_compact, oracle,
     close},
    {NULL, NULL, {0}, NULL, NULL, NULL}};
