// The ways that hand-written CUDA computes a job: kernels of baselines/cuda,
// buffers on the card. By the wall as one would write it, by events round the
// kernels, and back to back without waits.
#include "harness.h"

#ifdef HAVE_CUDA

const char *cuda_absent(void) {
  static const char *reason;
  static bool asked;
  if (!asked)
    reason = cuda_missing();
  asked = true;
  return reason;
}

typedef struct cuda_way {
  cuda_run *run;
  void (*chain)(cuda_run *r);
  const cuda_baselines *c;
  bool shared; // the run belongs to another way
} cuda_way;

static void start(cuda_way *w, cuda_mode mode) {
  w->run->c = w->c;
  w->run->result_count = 0;
  cuda_begin(w->run->side, mode);
  w->chain(w->run);
}

static void plain(void *state) {
  cuda_way *w = state;
  start(w, CUDA_PLAIN);
  cuda_end(w->run->side);
}

static double device_time(void *state) {
  cuda_way *w = state;
  start(w, CUDA_TIMED);
  return cuda_end(w->run->side);
}

static double chains(cuda_way *w, uint32_t times) {
  double begin = now_ns();
  for (uint32_t i = 0; i < times; i++)
    start(w, CUDA_STREAM);
  cuda_end(w->run->side);
  return now_ns() - begin;
}

static double stream_time(void *state) {
  cuda_way *w = state;
  uint32_t times = stream_times(chains(w, 1), 12);
  return chains(w, times) / times;
}

static size_t fetch(void *state) {
  cuda_run *r = ((cuda_way *)state)->run;
  size_t at = 0;
  for (uint32_t i = 0; i < r->result_count; i++) {
    result part = r->results[i];
    if (part.size && at + part.size <= r->job->out_capacity)
      cuda_download(r->side, part.buffer, r->job->out + at, part.size);
    at += part.size;
  }
  return at;
}

void cuda_result(cuda_run *r, uint32_t buffer, uint64_t size) {
  if (r->result_count == MAX_RESULTS)
    fail("%s: too many results", r->job->id);
  r->results[r->result_count++] = (result){buffer, size};
}

static void close_way(void *state) {
  cuda_way *w = state;
  if (!w->shared) {
    cuda_close(w->run->side);
    free(w->run);
  }
  free(w);
}

static way *add(job *j, const char *name, bool gated, cuda_run *r,
                void (*chain)(cuda_run *r), bool shared) {
  cuda_way *c = take(sizeof *c);
  *c = (cuda_way){r, chain, gated ? &cuda_exact : &cuda_loose, shared};
  way *w = job_way(j, name, 1, gated);
  w->state = c;
  w->run = plain;
  w->output = fetch;
  w->close = close_way;
  return w;
}

static void add_device(job *j, const char *name, bool gated, cuda_run *r,
                       void (*chain)(cuda_run *r)) {
  way *w = add(j, name, gated, r, chain, true);
  w->measure = device_time;
  w->clock = "device";
}

void job_cuda(job *j, void (*chain)(cuda_run *r)) {
  if (!j->bench->gpu || cuda_absent())
    return;
  cuda_run *r = take(sizeof *r);
  r->job = j;
  r->side = cuda_open();
  for (uint32_t i = 0; i < MAX_BUFFERS; i++)
    if (j->memory[i].size)
      cuda_create(r->side, i, j->memory[i].data, j->memory[i].size);
  // In the order in which they are closed: what is shared goes last.
  if (!j->bench->verify)
    add_device(j, "cuda device", true, r, chain);
  if (!j->bench->verify && j->floats)
    add_device(j, "cuda contracted device", false, r, chain);
  if (!j->bench->verify && !j->copies) {
    way *w = add(j, "cuda stream", true, r, chain, true);
    w->measure = stream_time;
    w->clock = "stream";
  }
  add(j, "cuda", true, r, chain, false);
}

#else // without nvcc

const char *cuda_absent(void) { return "the bench was built without nvcc"; }
void job_cuda(job *j, void (*chain)(cuda_run *r)) {
  (void)j;
  (void)chain;
}
void cuda_result(cuda_run *r, uint32_t buffer, uint64_t size) {
  (void)r, (void)buffer, (void)size;
}
void *cuda_at(const cuda_side *s, uint32_t index) {
  (void)s, (void)index;
  return NULL;
}
void cuda_copy(cuda_side *s, void *to, const void *from, uint64_t size) {
  (void)s, (void)to, (void)from, (void)size;
}
void cuda_upload(cuda_side *s, uint32_t index, const void *from,
                 uint64_t size) {
  (void)s, (void)index, (void)from, (void)size;
}

#endif
