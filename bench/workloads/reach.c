// W4: what the seeds of a graph reach, by sweeps to a fixed point. The output
// is the bitset, then the number of sweeps.
#include "../harness.h"

enum { FIRST, TARGETS, SEEDS, A, B, CHANGED, SWEEPS };

typedef struct data {
  graph g;
  uint32_t *seeds, *spare, words;
  uint32_t *answer; // the sweeps, as long as they are on their way
} data;

static uint32_t rotl(uint32_t x, uint32_t n) {
  return n % 32 ? x << n % 32 | x >> (32 - n % 32) : x;
}

static uint32_t degree(uint32_t s) {
  return s % 4096 == 0  ? 2048
         : s % 257 == 0 ? 24
         : s % 31 == 0  ? 8
         : s % 7 == 0   ? 3
                        : 1;
}

static uint32_t target(uint32_t s, uint32_t e, uint32_t nodes) {
  if ((e & 7) == 0)
    return (s + 17 * (e + 1)) % nodes;
  if ((e & 7) == 1) { // may be below zero
    int64_t t = (int64_t)s - 11 * (int64_t)(e + 3) + 16 * (int64_t)nodes;
    return (uint32_t)(t % nodes);
  }
  uint32_t t = rotl(e * 0x9E3779B9, (e & 15) + 1);
  return mix(s ^ t ^ rotl(s, e & 15)) % nodes;
}

static void make_graph(graph *g, uint32_t nodes) {
  g->nodes = nodes;
  g->first = take((nodes + 1) * 4ull);
  for (uint32_t s = 0; s < nodes; s++)
    g->drawn += degree(s);
  g->targets = take(g->drawn * 4ull);
  for (uint32_t s = 0; s < nodes; s++) {
    g->first[s] = g->edges;
    for (uint32_t e = 0; e < degree(s); e++)
      if ((mix(s ^ e * 0xA5A59651) & 15) >= 2)
        g->targets[g->edges++] = target(s, e, nodes);
  }
  g->first[nodes] = g->edges;
}

static size_t run_c(job *j, const baselines *c) {
  data *d = j->data;
  uint32_t *out = (uint32_t *)j->out;
  out[d->words] = c->reach(&d->g, d->seeds, out, d->spare);
  return (d->words + 1) * 4;
}

static void chain(side *s) {
  const data *d = s->job->data;
  uint32_t current = A, next = B, sweeps = 0, bytes = d->words * 4;
  side_copy(s, SEEDS, A, bytes);
  for (bool more = true; more; sweeps++) {
    side_copy(s, current, next, bytes);
    vy_arg args[] = {side_arg(s, FIRST), side_arg(s, TARGETS),
                     side_arg(s, current), side_arg(s, next),
                     side_arg(s, CHANGED)};
    side_run(s, 0, args, 5);
    more = side_u32(s, CHANGED, 0) != 0;
    uint32_t swap = current;
    current = next;
    next = swap;
  }
  side_set_u32(s, SWEEPS, sweeps);
  side_result(s, current, bytes);
  side_result(s, SWEEPS, 4);
}

static void chain_cl(cl_side *s) {
  const data *d = cl_job(s)->data;
  uint32_t current = A, next = B, sweeps = 0, bytes = d->words * 4;
  cl_copy(s, SEEDS, A, bytes);
  for (bool more = true; more; sweeps++) {
    cl_copy(s, current, next, bytes);
    cl_fill(s, CHANGED, 4);
    cl_value args[] = {cl_buf(FIRST), cl_buf(TARGETS), cl_buf(current),
                       cl_buf(next), cl_buf(CHANGED)};
    cl_go(s, 0, (cl_range){1, {d->words, 1}, {0, 0}}, args, 5);
    more = cl_read_u32(s, CHANGED, 0) != 0;
    uint32_t swap = current;
    current = next;
    next = swap;
  }
  cl_set_u32(s, SWEEPS, sweeps);
  cl_result(s, current, bytes);
  cl_result(s, SWEEPS, 4);
}

static void chain_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  const data *d = r->job->data;
  uint32_t sweeps = r->c->reach(s, cuda_at(s, FIRST), cuda_at(s, TARGETS),
                                d->g.nodes, cuda_at(s, SEEDS), cuda_at(s, A),
                                cuda_at(s, B), cuda_at(s, CHANGED));
  d->answer[0] = sweeps;
  cuda_upload(s, SWEEPS, d->answer, 4);
  cuda_result(r, sweeps % 2 ? B : A, d->words * 4);
  cuda_result(r, SWEEPS, 4);
}

static void open(job *j) {
  data *d = take(sizeof *d);
  j->data = d;
  make_graph(&d->g, (uint32_t)j->size);
  d->words = (uint32_t)((j->size + 31) / 32);
  d->seeds = take(d->words * 4);
  d->spare = take(d->words * 4);
  d->answer = take(4);
  for (uint32_t s = 0; s < j->size; s++)
    if (s % 97 == 0 || s % 4096 == 0 || (mix(s ^ 0xD1B54A32) & 1023) == 0)
      d->seeds[s / 32] |= 1u << s % 32;
  job_output(j, (d->words + 1) * 4, 4);
  j->units = d->g.edges;
  j->unit = "edges";
  j->copies = true;
  j->memory[FIRST] = (memory){d->g.first, (j->size + 1) * 4};
  j->memory[TARGETS] = (memory){d->g.targets, d->g.edges * 4ull};
  j->memory[SEEDS] = (memory){d->seeds, d->words * 4ull};
  j->memory[A] = j->memory[B] = (memory){NULL, d->words * 4ull};
  j->memory[CHANGED] = j->memory[SWEEPS] = (memory){NULL, 4};
  // A lane for a word, where a few threads run the lanes; else for a node.
  vy_device_info info = VY_DEVICE_INFO_INIT;
  check_vy(vy_device_describe(j->bench->all, &info), NULL, "describing");
  j->programs[0] =
      (program_ref){"reach/reach.vy", info.threads ? "sweep_words" : "sweep"};
  j->cl_file = "scan.cl";
  j->kernels[0] = "sweep";
  job_c(j, run_c);
  job_vyre(j, chain);
  job_pocl(j, chain_cl);
  job_cuda(j, chain_cuda);
}

static void oracle(job *j) {
  const data *d = j->data;
  const uint32_t *set = (const uint32_t *)j->want;
  uint32_t seeds = 0, reached = 0;
  for (uint32_t i = 0; i < d->words; i++) {
    seeds += (uint32_t)__builtin_popcount(d->seeds[i]);
    reached += (uint32_t)__builtin_popcount(set[i]);
  }
  job_equal(j, "edges", d->g.drawn, 2190980);
  job_equal(j, "seeds", seeds, 12057);
  job_equal(j, "closure", reached, 972183);
  job_equal(j, "sweeps", set[d->words], 16);
  job_equal(j, "FNV-1a of the bitset", fnv1a64(set, d->words * 4ull),
            0x865760adf2f25f96);
}

static void close(job *j) {
  data *d = j->data;
  free(d->g.first);
  free(d->g.targets);
  free(d->seeds);
  free(d->spare);
  free(d->answer);
}

const workload reach_workloads[] = {{"W4",
                                     "reachability closure",
                                     {65536, 1 << 20, 1 << 20, 1 << 20},
                                     open,
                                     oracle,
                                     close},
                                    {NULL, NULL, {0}, NULL, NULL, NULL}};
