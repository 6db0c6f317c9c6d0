// The floors of the latency suite: what a dispatch costs that is written by
// hand against the runtime, and what copies cost.
#include "support.cuh"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 64, ITEMS = 1000, CHAIN = 3, STEPS = 100 };
enum { SMALL = 4096, WORDS = SMALL / 4, MOST = CUDA_MOST_FLOORS };

typedef struct table_row {
  const uint32_t *x;
  uint32_t *y;
  uint32_t n;
} table_row;

struct cuda_floors {
  cudaStream_t stream;
  uint32_t *x, *y;                    // ITEMS * LANES words on the card
  uint32_t *a, *b, *c;                // 4 KiB on the card, side by side
  uint32_t *user_a, *user_b, *user_c; // of the caller
  uint32_t *pinned;                   // room for all three
  uint32_t *mapped, *mapped_there;    // the same, as the card names it
  table_row *table, *table_there;
  cudaGraphExec_t one, mapped_one, thousand, three, hundred;
  uint64_t bytes; // of a large transfer
  char *large, *large_to, *pinned_large, *pageable_large;
};

static __global__ void small(const uint32_t *__restrict__ x,
                             uint32_t *__restrict__ y, uint32_t n) {
  uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = x[i] * 3 + i;
}

static __global__ void both(const uint32_t *__restrict__ a,
                            const uint32_t *__restrict__ b,
                            uint32_t *__restrict__ c, uint32_t n) {
  uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    c[i] = a[i] + b[i] * 3;
}

static __global__ void over_table(const table_row *__restrict__ table) {
  table_row r = table[blockIdx.x];
  if (threadIdx.x < r.n)
    r.y[threadIdx.x] = r.x[threadIdx.x] * 3 + threadIdx.x;
}

static void check(cudaError_t status, const char *what) {
  cuda_check(status, what);
}

static void wait(cuda_floors *f) {
  check(cudaStreamSynchronize(f->stream), "floor");
}

// ---- 64 lanes on the card

static void launch_small(cuda_floors *f, uint32_t item) {
  small<<<1, LANES, 0, f->stream>>>(f->x + item * LANES, f->y + item * LANES,
                                    LANES);
}

static void launch_wait(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  launch_small(f, 0);
  wait(f);
}

static void replay(cuda_floors *f, cudaGraphExec_t graph) {
  check(cudaGraphLaunch(graph, f->stream), "graph");
  wait(f);
}

static void graph_one(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  replay(f, f->one);
}

// ---- 4 KiB twice in, once out

static void launch_both(cuda_floors *f, const uint32_t *a, uint32_t *c) {
  both<<<WORDS / 128, 128, 0, f->stream>>>(a, a + WORDS, c, WORDS);
}

static void take_in(cuda_floors *f, uint32_t *to) {
  memcpy(to, f->user_a, SMALL);
  memcpy(to + WORDS, f->user_b, SMALL);
}

static void borrowed_pinned(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  take_in(f, f->pinned);
  check(cudaMemcpyAsync(f->a, f->pinned, 2 * SMALL, cudaMemcpyHostToDevice,
                        f->stream),
        "copy");
  launch_both(f, f->a, f->c);
  check(cudaMemcpyAsync(f->pinned + 2 * WORDS, f->c, SMALL,
                        cudaMemcpyDeviceToHost, f->stream),
        "copy");
  wait(f);
  memcpy(f->user_c, f->pinned + 2 * WORDS, SMALL);
}

static void borrowed_mapped(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  take_in(f, f->mapped);
  launch_both(f, f->mapped_there, f->mapped_there + 2 * WORDS);
  wait(f);
  memcpy(f->user_c, f->mapped + 2 * WORDS, SMALL);
}

static void borrowed_graph(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  take_in(f, f->mapped);
  replay(f, f->mapped_one);
  memcpy(f->user_c, f->mapped + 2 * WORDS, SMALL);
}

static void borrowed_nothing(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  replay(f, f->mapped_one);
}

// ---- a thousand

static void launches(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  for (uint32_t i = 0; i < ITEMS; i++)
    launch_small(f, i);
  wait(f);
}

static void graph_thousand(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  replay(f, f->thousand);
}

static void one_launch(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  for (uint32_t i = 0; i < ITEMS; i++)
    f->table[i] = {f->x + i * LANES, f->y + i * LANES, LANES};
  over_table<<<ITEMS, LANES, 0, f->stream>>>(f->table_there);
  wait(f);
}

// ---- one after the other, each on what the last one left

static void steps(cuda_floors *f, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    small<<<1, LANES, 0, f->stream>>>(i % 2 ? f->y : f->x, i % 2 ? f->x : f->y,
                                      LANES);
}

static void chain(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  steps(f, CHAIN);
  wait(f);
}

static void graph_three(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  replay(f, f->three);
}

static void graph_hundred(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  replay(f, f->hundred);
}

// ---- large copies

static void copy(cuda_floors *f, void *to, const void *from,
                 cudaMemcpyKind kind) {
  check(cudaMemcpyAsync(to, from, f->bytes, kind, f->stream), "copy");
  wait(f);
}

static void pinned_in(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  copy(f, f->large, f->pinned_large, cudaMemcpyHostToDevice);
}

static void pinned_out(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  copy(f, f->pinned_large, f->large, cudaMemcpyDeviceToHost);
}

static void pageable_in(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  copy(f, f->large, f->pageable_large, cudaMemcpyHostToDevice);
}

static void pageable_out(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  copy(f, f->pageable_large, f->large, cudaMemcpyDeviceToHost);
}

static void on_card(void *state) {
  cuda_floors *f = (cuda_floors *)state;
  copy(f, f->large_to, f->large, cudaMemcpyDeviceToDevice);
}

// ---- set-up

static void *at_least(void *p) {
  if (!p)
    check(cudaErrorMemoryAllocation, "floors");
  return p;
}

static cudaGraphExec_t recorded(cuda_floors *f,
                                void (*record)(cuda_floors *f)) {
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  check(cudaStreamBeginCapture(f->stream, cudaStreamCaptureModeThreadLocal),
        "capture");
  record(f);
  check(cudaStreamEndCapture(f->stream, &graph), "capture");
  check(cudaGraphInstantiate(&exec, graph, 0), "graph");
  check(cudaGraphDestroy(graph), "graph");
  check(cudaGraphUpload(exec, f->stream), "graph");
  wait(f);
  return exec;
}

static void record_one(cuda_floors *f) { launch_small(f, 0); }
static void record_mapped(cuda_floors *f) {
  launch_both(f, f->mapped_there, f->mapped_there + 2 * WORDS);
}
static void record_thousand(cuda_floors *f) {
  for (uint32_t i = 0; i < ITEMS; i++)
    launch_small(f, i);
}
static void record_three(cuda_floors *f) { steps(f, CHAIN); }
static void record_hundred(cuda_floors *f) { steps(f, STEPS); }

static void open_small(cuda_floors *f) {
  check(cudaMalloc((void **)&f->x, ITEMS * LANES * 4), "memory");
  check(cudaMalloc((void **)&f->y, ITEMS * LANES * 4), "memory");
  check(cudaMalloc((void **)&f->a, 3 * SMALL), "memory");
  f->b = f->a + WORDS;
  f->c = f->b + WORDS;
  check(cudaMallocHost((void **)&f->pinned, 3 * SMALL), "pinned memory");
  check(cudaHostAlloc((void **)&f->mapped, 3 * SMALL, cudaHostAllocMapped),
        "mapped memory");
  check(cudaHostGetDevicePointer((void **)&f->mapped_there, f->mapped, 0),
        "mapped memory");
  check(cudaHostAlloc((void **)&f->table, ITEMS * sizeof *f->table,
                      cudaHostAllocMapped),
        "mapped memory");
  check(cudaHostGetDevicePointer((void **)&f->table_there, f->table, 0),
        "mapped memory");
  f->user_a = (uint32_t *)at_least(malloc(3 * SMALL));
  f->user_b = f->user_a + WORDS;
  f->user_c = f->user_b + WORDS;
}

static void open_large(cuda_floors *f) {
  check(cudaMalloc((void **)&f->large, f->bytes), "memory");
  check(cudaMalloc((void **)&f->large_to, f->bytes), "memory");
  check(cudaMallocHost((void **)&f->pinned_large, f->bytes), "pinned memory");
  f->pageable_large = (char *)at_least(malloc(f->bytes));
  memset(f->pinned_large, 1, f->bytes);
  memset(f->pageable_large, 2, f->bytes);
  check(cudaMemset(f->large, 3, f->bytes), "memory");
}

cuda_floors *cuda_floors_open(uint64_t transfer) {
  cuda_floors *f = (cuda_floors *)at_least(calloc(1, sizeof *f));
  f->bytes = transfer;
  check(cudaStreamCreateWithFlags(&f->stream, cudaStreamNonBlocking), "stream");
  open_small(f);
  open_large(f);
  // Kernels are loaded when first launched, not while a graph is recorded.
  launch_small(f, 0);
  launch_both(f, f->a, f->c);
  wait(f);
  f->one = recorded(f, record_one);
  f->mapped_one = recorded(f, record_mapped);
  f->thousand = recorded(f, record_thousand);
  f->three = recorded(f, record_three);
  f->hundred = recorded(f, record_hundred);
  return f;
}

void *cuda_floors_pinned(cuda_floors *f) { return f->pinned_large; }

void cuda_floors_close(cuda_floors *f) {
  wait(f);
  cudaGraphExec_t graphs[] = {f->one, f->mapped_one, f->thousand, f->three,
                              f->hundred};
  for (uint32_t i = 0; i < sizeof graphs / sizeof graphs[0]; i++)
    check(cudaGraphExecDestroy(graphs[i]), "graph");
  void *there[] = {f->x, f->y, f->a, f->large, f->large_to};
  for (uint32_t i = 0; i < sizeof there / sizeof there[0]; i++)
    check(cudaFree(there[i]), "free");
  void *here[] = {f->pinned, f->mapped, f->table, f->pinned_large};
  for (uint32_t i = 0; i < sizeof here / sizeof here[0]; i++)
    check(cudaFreeHost(here[i]), "free");
  free(f->user_a);
  free(f->pageable_large);
  check(cudaStreamDestroy(f->stream), "stream");
  free(f);
}

// ---- whether they do what they should

static void wrong(const char *name, uint32_t at) {
  fprintf(stderr, "bench: CUDA: %s: word %u is wrong\n", name, at);
  exit(1);
}

static void fill(cuda_floors *f) {
  static uint32_t words[ITEMS * LANES];
  for (uint32_t i = 0; i < ITEMS * LANES; i++)
    words[i] = i * 7 + 1;
  check(cudaMemcpy(f->x, words, sizeof words, cudaMemcpyHostToDevice), "copy");
  check(cudaMemset(f->y, 0, sizeof words), "set");
  check(cudaDeviceSynchronize(), "fill"); // our stream waits for no other
  for (uint32_t i = 0; i < WORDS; i++) {
    f->user_a[i] = i * 5;
    f->user_b[i] = i ^ 9;
  }
  take_in(f, f->mapped);
  memset(f->user_c, 0, SMALL);
}

static void verify_items(cuda_floors *f, const char *name, uint32_t items) {
  static uint32_t words[ITEMS * LANES];
  check(cudaMemcpy(words, f->y, sizeof words, cudaMemcpyDeviceToHost), "copy");
  for (uint32_t i = 0; i < items * LANES; i++)
    if (words[i] != (i * 7 + 1) * 3 + i % LANES)
      wrong(name, i);
}

static void verify_steps(cuda_floors *f, const char *name, uint32_t count) {
  uint32_t words[LANES];
  check(cudaMemcpy(words, count % 2 ? f->y : f->x, sizeof words,
                   cudaMemcpyDeviceToHost),
        "copy");
  for (uint32_t i = 0; i < LANES; i++) {
    uint32_t v = i * 7 + 1;
    for (uint32_t k = 0; k < count; k++)
      v = v * 3 + i;
    if (words[i] != v)
      wrong(name, i);
  }
}

static void verify_both(const cuda_floors *f, const char *name,
                        const uint32_t *c) {
  for (uint32_t i = 0; i < WORDS; i++)
    if (c[i] != f->user_a[i] + f->user_b[i] * 3)
      wrong(name, i);
}

static void verify(cuda_floors *f, uint32_t kind, const cuda_floor *floor) {
  if (kind == CUDA_TRANSFER)
    return;
  fill(f);
  floor->call(f);
  if (kind == CUDA_BORROWED)
    verify_both(f, floor->name,
                floor->call == borrowed_nothing ? f->mapped + 2 * WORDS
                                                : f->user_c);
  else if (kind == CUDA_CHAIN || kind == CUDA_SEQUENCE)
    verify_steps(f, floor->name, kind == CUDA_CHAIN ? CHAIN : STEPS);
  else
    verify_items(f, floor->name, kind == CUDA_BATCH ? ITEMS : 1);
}

uint32_t cuda_floors_of(cuda_floors *f, uint32_t kind, cuda_floor out[MOST]) {
  const cuda_floor all[CUDA_KINDS][MOST] = {
      {{"CUDA, launch and wait", 1, launch_wait, f},
       {"CUDA, one-node graph", 1, graph_one, f}},
      {{"CUDA, pinned copies", 1, borrowed_pinned, f},
       {"CUDA, mapped, launch", 1, borrowed_mapped, f},
       {"CUDA, mapped, one-node graph", 1, borrowed_graph, f},
       {"CUDA, data already mapped", 1, borrowed_nothing, f}},
      {{"CUDA, 1000 launches", ITEMS, launches, f},
       {"CUDA, 1000-node graph", ITEMS, graph_thousand, f},
       {"CUDA, one launch", ITEMS, one_launch, f}},
      {{"CUDA, three launches", 1, chain, f},
       {"CUDA, three-node graph", 1, graph_three, f}},
      {{"CUDA, 100-node graph", STEPS, graph_hundred, f}},
      {{"CUDA, pinned, in", 1, pinned_in, f},
       {"CUDA, pinned, out", 1, pinned_out, f},
       {"CUDA, pageable, in", 1, pageable_in, f},
       {"CUDA, pageable, out", 1, pageable_out, f},
       {"CUDA, on the card", 1, on_card, f}},
  };
  uint32_t count = 0;
  for (; count < MOST && all[kind][count].name; count++) {
    out[count] = all[kind][count];
    verify(f, kind, &out[count]);
  }
  return count;
}
