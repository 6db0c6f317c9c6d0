// W4, reachability closure: sweeps over a graph's edges until nothing is new.
// They are a recorded sequence that the device repeats by itself: it reads the
// flag of each sweep, and the host waits once. Checked against a work-list
// search, and at full size against the oracle.
#include "common.h"

typedef struct graph {
  uint32_t nodes;
  uint32_t drawn;  // edges before the filter
  uint32_t edges;  // edges that are allowed
  uint32_t *first; // nodes + 1
  uint32_t *targets;
} graph;

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
  if ((e & 7) == 1) // may be below zero
    return (
        uint32_t)(((int64_t)s - 11 * (int64_t)(e + 3) + 16 * (int64_t)nodes) %
                  nodes);
  uint32_t t = rotl(e * 0x9E3779B9, (e & 15) + 1);
  return mix(s ^ t ^ rotl(s, e & 15)) % nodes;
}

static void make_graph(graph *g, uint32_t nodes) {
  g->nodes = nodes;
  g->first = example_alloc((nodes + 1) * 4);
  g->drawn = 0;
  for (uint32_t s = 0; s < nodes; s++)
    g->drawn += degree(s);
  g->targets = example_alloc(g->drawn * 4);
  g->edges = 0;
  for (uint32_t s = 0; s < nodes; s++) {
    g->first[s] = g->edges;
    for (uint32_t e = 0; e < degree(s); e++)
      if ((mix(s ^ e * 0xA5A59651) & 15) >= 2)
        g->targets[g->edges++] = target(s, e, nodes);
  }
  g->first[nodes] = g->edges;
}

static uint32_t popcount(const uint32_t *set, uint32_t words) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < words; i++)
    n += (uint32_t)__builtin_popcount(set[i]);
  return n;
}

// The model: a work list instead of sweeps.
static void model(const graph *g, const uint32_t *seeds, uint32_t *set) {
  uint32_t words = (g->nodes + 31) / 32, n = 0;
  uint32_t *list = example_alloc(g->nodes * 4);
  memcpy(set, seeds, words * 4);
  for (uint32_t s = 0; s < g->nodes; s++)
    if (seeds[s / 32] >> s % 32 & 1)
      list[n++] = s;
  while (n) {
    uint32_t s = list[--n];
    for (uint32_t e = g->first[s]; e < g->first[s + 1]; e++) {
      uint32_t t = g->targets[e];
      if (!(set[t / 32] >> t % 32 & 1)) {
        set[t / 32] |= 1u << t % 32;
        list[n++] = t;
      }
    }
  }
  free(list);
}

// What the steps of the closure name.
enum { FIRST, TARGETS, CURRENT, NEXT, CHANGED, BINDINGS };

typedef struct closure {
  vy_sequence *sequence;
  int32_t sweeps; // the repeat
} closure;

// Each sweep starts from a copy of the set, and ends with the larger one in
// its place.
static closure record(example *e, vy_pipeline *p, uint32_t nodes) {
  closure c = {NULL, 0};
  // [sequence]
  vy_arg args[BINDINGS];
  for (uint32_t i = 0; i < BINDINGS; i++)
    args[i] = vy_arg_binding(i);
  vy_status status = vy_sequence_create(e->opened, &c.sequence, &e->diags);
  c.sweeps = vy_sequence_repeat_begin(c.sequence, args[CHANGED], nodes);
  vy_sequence_copy(c.sequence, args[CURRENT], args[NEXT]);
  vy_sequence_dispatch(c.sequence, p, args, BINDINGS, NULL, VY_SEQUENCE_NONE);
  vy_sequence_copy(c.sequence, args[NEXT], args[CURRENT]);
  vy_sequence_repeat_end(c.sequence);
  if (status == VY_OK)
    status = vy_sequence_finish(c.sequence, &e->diags);
  // [/sequence]
  example_check(e, status, "recording the sweeps");
  return c;
}

static uint64_t replay(example *e, const closure *c, const vy_buffer *buffers) {
  uint64_t sweeps = 0;
  // [replay]
  vy_arg args[BINDINGS];
  for (uint32_t i = 0; i < BINDINGS; i++)
    args[i] = vy_arg_buffer(buffers[i]);
  vy_bindings bindings = VY_BINDINGS_INIT;
  bindings.args = args;
  bindings.arg_count = BINDINGS;
  vy_status status =
      vy_sequence_replay(c->sequence, &bindings, NULL, &e->diags);
  if (status == VY_OK) // how often the steps of the repeat ran
    status = vy_sequence_passes(c->sequence, c->sweeps, &sweeps, NULL);
  // [/replay]
  example_check(e, status, "the sweeps");
  return sweeps;
}

typedef struct answer {
  uint64_t sweeps;
  uint32_t targets, fresh;
  uint32_t *set;
} answer;

static void close_over(example *e, const graph *g, const uint32_t *seeds,
                       answer *a) {
  vy_pipeline *p = example_pipeline(e, "reach/reach.vy", "sweep");
  vy_pipeline *step = example_pipeline(e, "reach/reach.vy", "targets_of");
  uint32_t words = (g->nodes + 31) / 32, bytes = words * 4;
  vy_buffer buffers[BINDINGS];
  buffers[FIRST] = example_upload(e, g->first, (g->nodes + 1) * 4);
  buffers[TARGETS] = example_upload(e, g->targets, g->edges * 4);
  buffers[CURRENT] = example_upload(e, seeds, bytes);
  buffers[NEXT] = example_buffer(e, bytes);
  buffers[CHANGED] = example_buffer(e, 4);

  vy_arg args[BINDINGS];
  for (uint32_t i = 0; i < BINDINGS; i++)
    args[i] = vy_arg_buffer(buffers[i]);
  example_run(e, step, args, CHANGED); // all but `changed`
  example_download(e, buffers[NEXT], a->set, bytes);
  a->targets = popcount(a->set, words);
  for (uint32_t i = 0; i < words; i++)
    a->set[i] &= ~seeds[i];
  a->fresh = popcount(a->set, words);

  closure c = record(e, p, g->nodes);
  a->sweeps = replay(e, &c, buffers);
  example_download(e, buffers[CURRENT], a->set, bytes);

  vy_sequence_release(c.sequence);
  for (uint32_t i = 0; i < BINDINGS; i++)
    example_free(e, buffers[i]);
  vy_pipeline_release(step);
  vy_pipeline_release(p);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "reach", argc, argv);
  uint32_t nodes = (uint32_t)example_size(&e, 65536, 1 << 20);
  uint32_t words = (nodes + 31) / 32, seeded = 0;
  graph g;
  make_graph(&g, nodes);
  uint32_t *seeds = example_alloc(words * 4), *want = example_alloc(words * 4);
  answer a = {0, 0, 0, example_alloc(words * 4)};
  for (uint32_t s = 0; s < nodes; s++)
    if (s % 97 == 0 || s % 4096 == 0 || (mix(s ^ 0xD1B54A32) & 1023) == 0) {
      seeds[s / 32] |= 1u << s % 32;
      seeded++;
    }
  close_over(&e, &g, seeds, &a);
  model(&g, seeds, want);
  example_same(&e, "closure", a.set, want, words * 4, 4);
  uint32_t reached = popcount(a.set, words);
  if (nodes == 1 << 20) {
    example_equal(&e, "edges", g.drawn, 2190980);
    example_equal(&e, "seeds", seeded, 12057);
    example_equal(&e, "targets of one step", a.targets, 386634);
    example_equal(&e, "new ones of them", a.fresh, 382366);
    example_equal(&e, "closure", reached, 972183);
    example_equal(&e, "sweeps", a.sweeps, 16);
    example_equal(&e, "FNV-1a of the bitset", fnv1a64(a.set, words * 4),
                  0x865760adf2f25f96);
  }
  printf("%u nodes, %u edges (%u allowed), %u seeds: %u reached in %llu "
         "sweeps\n",
         nodes, g.drawn, g.edges, seeded, reached,
         (unsigned long long)a.sweeps);
  free(a.set);
  free(want);
  free(seeds);
  free(g.targets);
  free(g.first);
  return example_close(&e);
}
