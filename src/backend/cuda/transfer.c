// Large copies: chunk by chunk through pinned memory, so that the host's
// copying and the device's overlap.
#include "backend/cuda/cuda.h"

// One side of the ring, idle.
static vy_status ring_ready(vy__cuda *d, vy__cuda_ring *ring, uint32_t side) {
  const vy__cu *cu = d->cu;
  int r = VY__CU_OK;
  VY_TRY(vy__cuda_pinned_fit(cu, &ring->pinned[side], d->tuning.chunk));
  if (!ring->done[side])
    r = cu->event_create(&ring->done[side], VY__CU_EVENT_NO_TIME);
  else
    r = cu->event_wait(ring->done[side]);
  return vy__cu_status(r);
}

// Memory that the driver has pinned already needs no ring.
static bool is_pinned(const vy__cuda *d, const void *data, uint64_t size) {
  vy__cu_address at = (vy__cu_address)(uintptr_t)data, start = 0;
  size_t range = 0;
  int type = 0;
  return d->cu->pointer_attribute(&type, VY__CU_POINTER_MEMORY_TYPE, at) ==
             VY__CU_OK &&
         type == VY__CU_MEMORY_HOST &&
         d->cu->pointer_attribute(&start, VY__CU_POINTER_RANGE_START, at) ==
             VY__CU_OK &&
         d->cu->pointer_attribute(&range, VY__CU_POINTER_RANGE_SIZE, at) ==
             VY__CU_OK &&
         at >= start && at - start <= range && size <= range - (at - start);
}

static vy_status to_device(vy__cuda *d, vy__cuda_lane *lane,
                           vy__cu_stream stream, vy__cu_address to,
                           const void *from, uint64_t size) {
  const vy__cu *cu = d->cu;
  const uint8_t *data = from;
  uint64_t chunk = d->tuning.chunk;
  if (is_pinned(d, from, size))
    return vy__cu_status(cu->copy_to_device(to, from, size, stream));
  uint32_t side = 0;
  for (uint64_t at = 0; at < size;
       at += chunk, side = (side + 1) % VY__CUDA_RING) {
    uint64_t bytes = size - at < chunk ? size - at : chunk;
    VY_TRY(ring_ready(d, &lane->ring, side));
    uint8_t *pinned = lane->ring.pinned[side].data;
    memcpy(pinned, data + at, bytes);
    int r = cu->copy_to_device(to + at, pinned, bytes, stream);
    if (r == VY__CU_OK)
      r = cu->event_record(lane->ring.done[side], stream);
    VY_TRY(vy__cu_status(r));
  }
  return VY_OK;
}

// Fetch a chunk into a side of the ring.
static vy_status fetch(vy__cuda *d, vy__cuda_lane *lane, vy__cu_stream stream,
                       uint32_t side, vy__cu_address from, uint64_t bytes) {
  VY_TRY(ring_ready(d, &lane->ring, side));
  int r =
      d->cu->copy_to_host(lane->ring.pinned[side].data, from, bytes, stream);
  if (r == VY__CU_OK)
    r = d->cu->event_record(lane->ring.done[side], stream);
  return vy__cu_status(r);
}

static vy_status to_host(vy__cuda *d, vy__cuda_lane *lane, vy__cu_stream stream,
                         void *to, vy__cu_address from, uint64_t size) {
  const vy__cu *cu = d->cu;
  uint8_t *data = to;
  uint64_t chunk = d->tuning.chunk;
  if (is_pinned(d, to, size)) {
    int r = cu->copy_to_host(to, from, size, stream);
    return vy__cu_status(r == VY__CU_OK ? cu->stream_wait(stream) : r);
  }
  uint64_t count = (size + chunk - 1) / chunk;
  for (uint64_t i = 0; i < count + 1; i++) {
    if (i < count) {
      uint64_t at = i * chunk;
      VY_TRY(fetch(d, lane, stream, (uint32_t)(i % VY__CUDA_RING), from + at,
                   size - at < chunk ? size - at : chunk));
    }
    if (i == 0)
      continue;
    uint64_t at = (i - 1) * chunk;
    uint32_t side = (uint32_t)((i - 1) % VY__CUDA_RING);
    VY_TRY(vy__cu_status(cu->event_wait(lane->ring.done[side])));
    memcpy(data + at, lane->ring.pinned[side].data,
           size - at < chunk ? size - at : chunk);
  }
  return VY_OK;
}

vy_status vy__cuda_to_device(vy__cuda *d, vy__cuda_lane *lane,
                             vy__cu_stream stream, vy__cu_address to,
                             const void *from, uint64_t size) {
  vy_status s = to_device(d, lane, stream, to, from, size);
  if (s != VY_OK)
    vy__cuda_settle(d, stream);
  return s;
}

vy_status vy__cuda_to_host(vy__cuda *d, vy__cuda_lane *lane,
                           vy__cu_stream stream, void *to, vy__cu_address from,
                           uint64_t size) {
  vy_status s = to_host(d, lane, stream, to, from, size);
  if (s != VY_OK)
    vy__cuda_settle(d, stream);
  return s;
}
