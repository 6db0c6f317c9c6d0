// See tuned.h.
#include "fake_cuda/tuned.h"

#define vy__cuda_tuned tuned_default
#include "backend/cuda/tuning.c"
#undef vy__cuda_tuned

vy__cuda_tuning vy__cuda_tuned;

const char *tuned_set(int way) {
  vy__cuda_tuning *t = &vy__cuda_tuned;
  *t = tuned_default;
  switch (way) {
  case 1:
    t->graph = !t->graph;
    t->wait = VY__CUDA_WAIT_DRIVER;
    t->sequence_graphs = 0;
    return "launches the other way, sequences step by step";
  case 2: // nothing in mapped memory, little at once; in sequences that move
          // more, step by step
    t->mapped_most = 0;
    t->staged_most = 330;
    t->part_bytes = 64;
    t->device_repeats = 0;
    t->device_table = 1;
    t->wait = VY__CUDA_WAIT_QUERY;
    t->spin_ns = t->look_ns = 0;
    return "in device memory, in parts";
  case 3: // all in chunks
    t->mapped_most = t->staged_most = 0;
    t->chunk = 512;
    t->chunk_least = 128;
    t->piece = 96;
    t->slots = 3;
    t->helper_bytes = 64;
    t->past_caches_least = 1000;
    t->pool_most = 0;
    return "in chunks";
  default:
    return "as it is";
  }
}
