// W4, reachability closure: sweeps over a graph's edges until nothing is new.
// Two resident bitsets change places; the next one starts as a copy made on
// the device. Checked against a work-list search, and at full size against
// the oracle.
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

// One sweep; true when something new was found.
static bool sweep(example *e, vy_pipeline *p, vy_buffer first,
                  vy_buffer targets, vy_buffer current, vy_buffer next,
                  vy_buffer changed) {
  vy_arg args[] = {vy_arg_buffer(first), vy_arg_buffer(targets),
                   vy_arg_buffer(current), vy_arg_buffer(next),
                   vy_arg_buffer(changed)};
  example_run(e, p, args, 5);
  uint32_t flag;
  example_download(e, changed, &flag, 4);
  return flag != 0;
}

typedef struct answer {
  uint32_t sweeps, targets, fresh;
  uint32_t *set;
} answer;

static void close_over(example *e, const graph *g, const uint32_t *seeds,
                       answer *a) {
  vy_pipeline *p = example_pipeline(e, "reach/reach.vy", "sweep");
  uint32_t words = (g->nodes + 31) / 32, bytes = words * 4;
  vy_buffer first = example_upload(e, g->first, (g->nodes + 1) * 4);
  vy_buffer targets = example_upload(e, g->targets, g->edges * 4);
  vy_buffer current = example_upload(e, seeds, bytes);
  vy_buffer next = example_buffer(e, bytes); // zeros: just the targets
  vy_buffer changed = example_buffer(e, 4);

  sweep(e, p, first, targets, current, next, changed);
  example_download(e, next, a->set, bytes);
  a->targets = popcount(a->set, words);
  for (uint32_t i = 0; i < words; i++)
    a->set[i] &= ~seeds[i];
  a->fresh = popcount(a->set, words);

  bool more = true;
  for (a->sweeps = 0; more; a->sweeps++) {
    // [copy]
    vy_status status =
        vy_buffer_copy(e->opened, current, 0, next, 0, bytes, &e->diags);
    // [/copy]
    example_check(e, status, "copying on the device");
    more = sweep(e, p, first, targets, current, next, changed);
    vy_buffer swap = current;
    current = next;
    next = swap;
  }
  example_download(e, current, a->set, bytes);

  example_free(e, changed);
  example_free(e, next);
  example_free(e, current);
  example_free(e, targets);
  example_free(e, first);
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
  printf("%u nodes, %u edges (%u allowed), %u seeds: %u reached in %u "
         "sweeps\n",
         nodes, g.drawn, g.edges, seeded, reached, a.sweeps);
  free(a.set);
  free(want);
  free(seeds);
  free(g.targets);
  free(g.first);
  return example_close(&e);
}
