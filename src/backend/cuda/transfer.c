// Large copies: chunk by chunk through pinned memory, so that the host's
// copying and the device's overlap. One thread copies slower than the bus, so
// several take chunks, each with a ring of its own.
#define _GNU_SOURCE
#include <sched.h>

#include "backend/cuda/cuda.h"

// ---- rings

// Make what is not there yet, for good.
static vy_status ring_make(const vy__cuda *d, vy__cuda_ring *ring) {
  for (uint32_t i = 0; i < VY__CUDA_RING; i++) {
    VY_TRY(vy__cuda_pinned_fit(d->cu, &ring->pinned[i], d->tuning.chunk));
    if (!ring->done[i])
      VY_TRY(vy__cu_status(
          d->cu->event_create(&ring->done[i], VY__CU_EVENT_NO_TIME)));
  }
  return VY_OK;
}

// Wait until a side is idle.
static vy_status ring_ready(const vy__cuda *d, const vy__cuda_ring *ring,
                            uint32_t side) {
  return vy__cu_status(d->cu->event_wait(ring->done[side]));
}

void vy__cuda_ring_free(const vy__cuda *d, vy__cuda_ring *ring) {
  for (uint32_t i = 0; i < VY__CUDA_RING; i++) {
    vy__cuda_pinned_free(d->cu, &ring->pinned[i]);
    if (ring->done[i])
      (void)d->cu->event_destroy(ring->done[i]);
  }
}

// ---- one thread's part of a move

typedef struct part {
  vy__cuda *d;
  vy__cuda_move *m;
  vy__cuda_ring *ring;
} part;

static bool take(part *p, uint64_t *at, uint64_t *bytes) {
  vy__cuda_move *m = p->m;
  uint64_t i = atomic_fetch_add_explicit(&m->next, 1, memory_order_relaxed);
  if (i >= m->count || atomic_load_explicit(&m->status, memory_order_relaxed))
    return false;
  *at = i * m->chunk;
  *bytes = m->size - *at < m->chunk ? m->size - *at : m->chunk;
  return true;
}

static vy_status send(part *p) {
  const vy__cu *cu = p->d->cu;
  vy__cuda_move *m = p->m;
  uint64_t at, bytes;
  for (uint32_t side = 0; take(p, &at, &bytes);
       side = (side + 1) % VY__CUDA_RING) {
    VY_TRY(ring_ready(p->d, p->ring, side));
    uint8_t *pinned = p->ring->pinned[side].data;
    memcpy(pinned, (const uint8_t *)m->from + at, bytes);
    int r = cu->copy_to_device(m->device + at, pinned, bytes, m->stream);
    if (r == VY__CU_OK)
      r = cu->event_record(p->ring->done[side], m->stream);
    VY_TRY(vy__cu_status(r));
  }
  return VY_OK;
}

static vy_status fetch(part *p, uint32_t side, uint64_t at, uint64_t bytes) {
  const vy__cu *cu = p->d->cu;
  VY_TRY(ring_ready(p->d, p->ring, side));
  int r = cu->copy_to_host(p->ring->pinned[side].data, p->m->device + at, bytes,
                           p->m->stream);
  if (r == VY__CU_OK)
    r = cu->event_record(p->ring->done[side], p->m->stream);
  return vy__cu_status(r);
}

// While one side is copied out, the other fills.
static vy_status receive(part *p) {
  uint64_t at, bytes, old_at = 0, old_bytes = 0;
  uint32_t side = 0, old = 0;
  bool more = true;
  while (more || old_bytes) {
    more = more && take(p, &at, &bytes);
    if (more)
      VY_TRY(fetch(p, side, at, bytes));
    if (old_bytes) {
      VY_TRY(vy__cu_status(p->d->cu->event_wait(p->ring->done[old])));
      memcpy((uint8_t *)p->m->to + old_at, p->ring->pinned[old].data,
             old_bytes);
    }
    old_at = at;
    old_bytes = more ? bytes : 0;
    old = side;
    side = (side + 1) % VY__CUDA_RING;
  }
  return VY_OK;
}

static void run_part(part *p) {
  vy_status s = p->m->from ? send(p) : receive(p);
  uint32_t none = VY_OK;
  if (s != VY_OK)
    atomic_compare_exchange_strong(&p->m->status, &none, (uint32_t)s);
}

// ---- threads

static vy__cuda_move *open_move(const vy__cuda_movers *v) {
  for (vy__cuda_move *m = v->moves; m; m = m->after)
    if (atomic_load_explicit(&m->next, memory_order_relaxed) < m->count)
      return m;
  return NULL;
}

static void help(vy__cuda *d, vy__cuda_move *m, uint32_t index) {
  part p = {d, m, &d->movers.rings[index]};
  bool entered;
  if (vy__cuda_enter(d, &entered) == VY__CU_OK)
    run_part(&p);
  vy__cuda_leave(d, entered);
}

static void mover(void *user) {
  vy__cuda *d = user;
  vy__cuda_movers *v = &d->movers;
  uint32_t index = atomic_fetch_add(&v->starting, 1);
  vy__mutex_lock(&v->mutex);
  while (!v->closing) {
    vy__cuda_move *m = open_move(v);
    if (!m) {
      vy__cond_wait(&v->arrived, &v->mutex);
      continue;
    }
    m->helpers++;
    vy__mutex_unlock(&v->mutex);
    help(d, m, index);
    vy__mutex_lock(&v->mutex);
    if (--m->helpers == 0)
      vy__cond_broadcast(&v->left);
  }
  vy__mutex_unlock(&v->mutex);
}

static uint32_t cpus(void) {
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
  return n < 1 ? 1 : (uint32_t)n;
}

bool vy__cuda_movers_init(vy__cuda *d) {
  vy__cuda_movers *v = &d->movers;
  uint32_t threads = d->tuning.copy_threads, here = cpus();
  threads = threads < here ? threads : here;
  v->most = threads ? threads - 1 : 0;
  if (v->most > VY__CUDA_MOVERS)
    v->most = VY__CUDA_MOVERS;
  if (!vy__mutex_init(&v->mutex))
    return false;
  if (vy__cond_init(&v->arrived)) {
    if (vy__cond_init(&v->left))
      return true;
    vy__cond_destroy(&v->arrived);
  }
  vy__mutex_destroy(&v->mutex);
  return false;
}

void vy__cuda_movers_stop(vy__cuda *d) {
  vy__cuda_movers *v = &d->movers;
  vy__mutex_lock(&v->mutex);
  v->closing = true;
  vy__cond_broadcast(&v->arrived);
  vy__mutex_unlock(&v->mutex);
  for (uint32_t i = 0; i < v->count; i++)
    vy__thread_join(&v->threads[i]);
  for (uint32_t i = 0; i < VY__CUDA_MOVERS; i++)
    vy__cuda_ring_free(d, &v->rings[i]);
  vy__cond_destroy(&v->left);
  vy__cond_destroy(&v->arrived);
  vy__mutex_destroy(&v->mutex);
}

// Show the move to the threads; those that cannot be started are done without.
static void publish(vy__cuda *d, vy__cuda_move *m) {
  vy__cuda_movers *v = &d->movers;
  vy__mutex_lock(&v->mutex);
  while (v->count < v->most && ring_make(d, &v->rings[v->count]) == VY_OK &&
         vy__thread_start(&v->threads[v->count], mover, d))
    v->count++;
  v->most = v->count;
  m->after = v->moves;
  v->moves = m;
  vy__cond_broadcast(&v->arrived);
  vy__mutex_unlock(&v->mutex);
}

static void withdraw(vy__cuda *d, vy__cuda_move *m) {
  vy__cuda_movers *v = &d->movers;
  vy__mutex_lock(&v->mutex);
  vy__cuda_move **at = &v->moves;
  while (*at != m)
    at = &(*at)->after;
  *at = m->after;
  while (m->helpers)
    vy__cond_wait(&v->left, &v->mutex);
  vy__mutex_unlock(&v->mutex);
}

static vy_status run_move(vy__cuda *d, vy__cuda_lane *lane, vy__cuda_move *m) {
  part p = {d, m, &lane->ring};
  VY_TRY(ring_make(d, &lane->ring));
  m->chunk = d->tuning.chunk;
  m->count = (m->size + m->chunk - 1) / m->chunk;
  bool shared = d->movers.most && m->count > 1;
  if (shared)
    publish(d, m);
  run_part(&p);
  if (shared)
    withdraw(d, m);
  vy_status s = (vy_status)atomic_load(&m->status);
  if (s != VY_OK)
    vy__cuda_settle(d, m->stream);
  return s;
}

// ---- copies

// Memory that the driver has pinned already is copied as it is.
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

vy_status vy__cuda_to_device(vy__cuda *d, vy__cuda_lane *lane,
                             vy__cu_stream stream, vy__cu_address to,
                             const void *from, uint64_t size) {
  vy__cuda_move m = {
      .stream = stream, .device = to, .from = from, .size = size};
  if (is_pinned(d, from, size))
    return vy__cu_status(d->cu->copy_to_device(to, from, size, stream));
  return run_move(d, lane, &m);
}

vy_status vy__cuda_to_host(vy__cuda *d, vy__cuda_lane *lane,
                           vy__cu_stream stream, void *to, vy__cu_address from,
                           uint64_t size) {
  vy__cuda_move m = {.stream = stream, .device = from, .to = to, .size = size};
  if (!is_pinned(d, to, size))
    return run_move(d, lane, &m);
  int r = d->cu->copy_to_host(to, from, size, stream);
  if (r == VY__CU_OK)
    r = d->cu->stream_wait(stream);
  if (r != VY__CU_OK)
    vy__cuda_settle(d, stream);
  return vy__cu_status(r);
}
