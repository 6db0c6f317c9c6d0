// The numbers that measurements decide, in one place.
#include "backend/cuda/cuda.h"

const vy__cuda_tuning vy__cuda_tuned = {
    .mapped_most = 64 << 10,
    .staged_most = 1 << 20,
    .chunk = 8 << 20,
    .chunk_least = 256 << 10,
    .piece = 128 << 10,
    .slots = 8,
    .copy_threads = 12,
    .helper_bytes = 512 << 10,
    .past_caches_least = 8 << 20,
    .device_table = 0,
    .graph = 1,
    .wait = VY__CUDA_WAIT_FLAG,
    .sequence_graphs = 1,
    .device_repeats = 1,
    .nodes_most = 10000,
    .spin_ns = 100000,
    .look_ns = 5000000,
    .part_bytes = UINT64_C(64) << 20,
    .pool_most = UINT64_C(2) << 30,
};
