// Lanes and flights: made when first needed, kept until the device closes.
#include "backend/cuda/cuda.h"

uint32_t vy__cuda_lane_index(void) {
  return vy__thread_slot() % VY__CUDA_LANES;
}

// ---- flights

static void flight_free(vy__cuda *d, vy__cuda_flight *f) {
  const vy_allocator *a = &d->context->alloc;
  vy__cuda_pinned_free(d->cu, &f->pinned);
  vy__free(a, f->backs, f->back_capacity * sizeof *f->backs);
  vy__free(a, f->ranges, f->range_capacity * sizeof *f->ranges);
  vy__free(a, f->order, f->order_capacity * sizeof *f->order);
  if (f->done)
    (void)d->cu->event_destroy(f->done);
  for (uint32_t i = 0; i < VY__CUDA_TIMES; i++)
    if (f->times[i])
      (void)d->cu->event_destroy(f->times[i]);
  vy__free(a, f, sizeof *f);
}

vy__cuda_flight *vy__cuda_flight_take(vy__cuda *d, vy__cuda_lane *lane) {
  vy__mutex_lock(&lane->flights);
  vy__cuda_flight *f = lane->idle;
  if (f)
    lane->idle = f->next;
  vy__mutex_unlock(&lane->flights);
  if (!f) {
    f = vy__calloc(&d->context->alloc, 1, sizeof *f);
    if (f)
      f->lane = lane;
  }
  return f;
}

void vy__cuda_flight_give(vy__cuda *d, vy__cuda_flight *f) {
  vy__cuda_pool_give(&d->pool, f->block);
  f->block = NULL;
  vy__mutex_lock(&f->lane->flights);
  f->next = f->lane->idle;
  f->lane->idle = f;
  vy__mutex_unlock(&f->lane->flights);
}

// ---- lanes

static void lane_free(vy__cuda *d, vy__cuda_lane *l) {
  if (l->stream)
    vy__cuda_settle(d, l->stream);
  if (l->back)
    vy__cuda_settle(d, l->back);
  while (l->idle) {
    vy__cuda_flight *f = l->idle;
    l->idle = f->next;
    flight_free(d, f);
  }
  vy__cuda_ring_free(d, &l->ring);
  if (l->stream)
    (void)d->cu->stream_destroy(l->stream);
  if (l->back)
    (void)d->cu->stream_destroy(l->back);
  vy__mutex_destroy(&l->ring.mutex);
  vy__mutex_destroy(&l->flights);
  vy__mutex_destroy(&l->mutex);
  vy__free_aligned(&d->context->alloc, l, sizeof *l);
}

static bool make_mutexes(vy__cuda_lane *l) {
  vy__mutex *all[] = {&l->mutex, &l->flights, &l->ring.mutex};
  uint32_t made = 0;
  while (made < VY__COUNT(all) && vy__mutex_init(all[made]))
    made++;
  if (made == VY__COUNT(all))
    return true;
  while (made > 0)
    vy__mutex_destroy(all[--made]);
  return false;
}

static vy__cuda_lane *lane_make(vy__cuda *d, vy_status *status) {
  const vy_allocator *a = &d->context->alloc;
  vy__cuda_lane *l = vy__alloc_aligned(a, sizeof *l);
  *status = VY_ERROR_OUT_OF_HOST_MEMORY;
  if (!l)
    return NULL;
  if (!make_mutexes(l)) {
    vy__free_aligned(a, l, sizeof *l);
    return NULL;
  }
  int r = d->cu->stream_create(&l->stream, VY__CU_STREAM_NON_BLOCKING);
  if (r == VY__CU_OK)
    r = d->cu->stream_create(&l->back, VY__CU_STREAM_NON_BLOCKING);
  *status = vy__cu_status(r);
  if (r == VY__CU_OK)
    return l;
  lane_free(d, l);
  return NULL;
}

vy__cuda_lane *vy__cuda_lane_of(vy__cuda *d, vy_status *status) {
  _Atomic(vy__cuda_lane *) *at = &d->lanes[vy__cuda_lane_index()];
  vy__cuda_lane *l = atomic_load_explicit(at, memory_order_acquire);
  if (VY__LIKELY(l != NULL))
    return l;
  vy__mutex_lock(&d->mutex);
  l = atomic_load_explicit(at, memory_order_relaxed);
  if (!l) {
    l = lane_make(d, status);
    if (l)
      l->index = vy__cuda_lane_index();
    atomic_store_explicit(at, l, memory_order_release);
  }
  vy__mutex_unlock(&d->mutex);
  return l;
}

void vy__cuda_lanes_free(vy__cuda *d) {
  for (uint32_t i = 0; i < VY__CUDA_LANES; i++) {
    vy__cuda_lane *l = atomic_load(&d->lanes[i]);
    if (l)
      lane_free(d, l);
  }
}
