// Large copies: chunk by chunk through slots of pinned memory, so that the
// host's copying and the device's overlap. Several threads copy pieces of the
// chunk that is due; whoever ends a chunk gives it to the device (in), or its
// slot to the chunk that comes there next (out).
//
// The slots are used in turn. Turn t is that of chunk t - slots, so that the
// turns below `slots` are those of the copies before, which may still run. The
// device's copy of a turn is `sent` once it is enqueued, and `landed` once it
// is known to be done; one thread at a time asks the driver for that.
#define _GNU_SOURCE
#include <time.h>

#include "backend/cuda/cuda.h"

// ---- memory of slots

static vy_status slot_make(const vy__cuda *d, vy__cuda_slot *s, uint64_t size) {
  int r = VY__CU_OK;
  if (s->pinned.size >= size)
    return VY_OK;
  if (s->done)
    r = d->cu->event_wait(s->done);
  else
    r = d->cu->event_create(&s->done, VY__CU_EVENT_NO_TIME);
  VY_TRY(vy__cu_status(r));
  return vy__cuda_pinned_fit(d->cu, &s->pinned, size);
}

void vy__cuda_ring_free(const vy__cuda *d, vy__cuda_ring *ring) {
  for (uint32_t i = 0; i < VY__CUDA_SLOTS; i++) {
    vy__cuda_slot *s = &ring->slots[i];
    vy__cuda_pinned_free(d->cu, &s->pinned);
    if (s->done)
      (void)d->cu->event_destroy(s->done);
  }
  if (ring->before)
    (void)d->cu->event_destroy(ring->before);
}

// ---- turns

static void fail(vy__cuda_move *m, int result) {
  uint32_t none = VY_OK;
  atomic_compare_exchange_strong(&m->status, &none,
                                 (uint32_t)vy__cu_status(result));
}

static bool has_failed(const vy__cuda_move *m) {
  return atomic_load_explicit(&m->status, memory_order_relaxed) != VY_OK;
}

static vy__cuda_turns *turns_of(vy__cuda_move *m, uint64_t turn) {
  return &m->turns[turn % m->slots];
}

static vy__cuda_slot *slot_of(vy__cuda_move *m, uint64_t turn) {
  return &m->ring->slots[turn % m->slots];
}

// Enqueue the device's copy of a turn.
static void send(vy__cuda *d, vy__cuda_move *m, uint64_t turn) {
  const vy__cu *cu = d->cu;
  vy__cuda_slot *s = slot_of(m, turn);
  vy__cuda_span c = vy__cuda_chunk(&m->chunks, turn - m->slots);
  int r = m->from ? cu->copy_to_device(m->device + c.at, s->pinned.data, c.size,
                                       m->stream)
                  : cu->copy_to_host(s->pinned.data, m->device + c.at, c.size,
                                     m->stream);
  if (r == VY__CU_OK)
    r = cu->event_record(s->done, m->stream);
  if (r != VY__CU_OK)
    fail(m, r);
  else
    atomic_store_explicit(&turns_of(m, turn)->sent, turn + 1,
                          memory_order_release);
}

enum { RELAXED = 256, YIELDING = 2000, NAP_NS = 50000 };

// Mostly it is a matter of microseconds; but the stream may have a long kernel
// to run first.
static void pause_for(uint32_t tries) {
  if (tries > YIELDING)
    nanosleep(&(struct timespec){0, NAP_NS}, NULL);
  else if (tries > RELAXED)
    vy__thread_yield();
  else
    vy__relax();
}

// Wait until the device has done its copy of a turn. False: something failed.
static bool await(vy__cuda *d, vy__cuda_move *m, uint64_t turn) {
  vy__cuda_turns *t = turns_of(m, turn);
  for (uint32_t tries = 0;; tries++) {
    if (atomic_load_explicit(&t->landed, memory_order_acquire) > turn)
      return true;
    if (has_failed(m))
      return false;
    if (atomic_load_explicit(&t->sent, memory_order_acquire) > turn &&
        !atomic_exchange_explicit(&t->watched, true, memory_order_acquire)) {
      int r = d->cu->event_wait(slot_of(m, turn)->done);
      if (r != VY__CU_OK)
        fail(m, r);
      else
        atomic_store_explicit(&t->landed, turn + 1, memory_order_release);
      atomic_store_explicit(&t->watched, false, memory_order_release);
      continue;
    }
    pause_for(tries);
  }
}

// ---- pieces

typedef struct piece {
  uint64_t chunk;
  uint64_t at, size; // in the chunk
  uint64_t of;       // the whole, where the piece begins
  uint32_t count;    // pieces of the chunk
} piece;

bool vy__cuda_move_is_open(const vy__cuda_move *m) {
  return atomic_load_explicit(&m->next, memory_order_relaxed) >> 32 <
             m->chunks.count &&
         !has_failed(m);
}

// So large that all threads have one, within limits.
static uint64_t piece_size(const vy__cuda *d, const vy__cuda_move *m,
                           uint64_t chunk) {
  enum { LINE = 64, PARTS = 8 };
  uint64_t most = d->tuning.piece, least = most / PARTS;
  uint64_t size = chunk / (m->wanted + 1) + LINE;
  size = size < least ? least : size > most ? most : size;
  return size < LINE ? size : size & ~(uint64_t)(LINE - 1);
}

// The next piece; false: there is none, or something failed.
static bool take(const vy__cuda *d, vy__cuda_move *m, piece *p) {
  uint64_t old = atomic_load_explicit(&m->next, memory_order_relaxed), next;
  do {
    p->chunk = old >> 32;
    if (p->chunk == m->chunks.count || has_failed(m))
      return false;
    vy__cuda_span c = vy__cuda_chunk(&m->chunks, p->chunk);
    uint64_t size = piece_size(d, m, c.size), index = (uint32_t)old;
    p->count = (uint32_t)((c.size + size - 1) / size);
    p->at = index * size;
    p->of = c.at + p->at;
    p->size = c.size - p->at < size ? c.size - p->at : size;
    next = index + 1 == p->count ? (p->chunk + 1) << 32 : old + 1;
  } while (!atomic_compare_exchange_weak_explicit(
      &m->next, &old, next, memory_order_relaxed, memory_order_relaxed));
  return true;
}

// A piece of the turn has been copied. True: it was the last.
static bool is_last(vy__cuda_move *m, uint64_t turn, uint32_t count) {
  vy__cuda_turns *t = turns_of(m, turn);
  if (atomic_fetch_add_explicit(&t->copied, 1, memory_order_acq_rel) + 1 <
      count)
    return false;
  atomic_store_explicit(&t->copied, 0, memory_order_relaxed);
  return true;
}

static void send_pieces(vy__cuda *d, vy__cuda_move *m) {
  piece p;
  while (take(d, m, &p)) {
    uint64_t turn = p.chunk + m->slots;
    if (!await(d, m, turn - m->slots))
      return;
    memcpy(slot_of(m, turn)->pinned.data + p.at,
           (const uint8_t *)m->from + p.of, p.size);
    if (is_last(m, turn, p.count))
      send(d, m, turn);
  }
}

static void receive_pieces(vy__cuda *d, vy__cuda_move *m) {
  piece p;
  while (take(d, m, &p)) {
    uint64_t turn = p.chunk + m->slots;
    if (!await(d, m, turn))
      return;
    vy__cuda_store((uint8_t *)m->to + p.of,
                   slot_of(m, turn)->pinned.data + p.at, p.size,
                   m->past_caches);
    if (is_last(m, turn, p.count) && p.chunk + m->slots < m->chunks.count)
      send(d, m, turn + m->slots);
  }
}

void vy__cuda_move_run(vy__cuda *d, vy__cuda_move *m) {
  if (m->from)
    send_pieces(d, m);
  else
    receive_pieces(d, m);
}

// ---- the whole

// So large that they fill the slots, within limits: a chunk costs the device a
// pause, and the first one the host.
static uint64_t chunk_for(const vy__cuda_tuning *t, uint64_t size) {
  enum { EDGE = 4 };
  uint64_t chunk = t->chunk;
  while (chunk > EDGE * t->chunk_least && chunk > size / t->slots)
    chunk /= 2;
  return chunk;
}

// As many slots as are wanted, or as there is memory for.
static vy_status make_slots(vy__cuda *d, vy__cuda_move *m) {
  const vy__cuda_tuning *t = &d->tuning;
  uint64_t chunk = m->chunks.chunk, want = t->slots;
  uint64_t size = m->size < chunk ? m->size : chunk;
  want = want < VY__CUDA_SLOTS ? want : VY__CUDA_SLOTS;
  want = want < m->chunks.count ? want : m->chunks.count;
  for (; m->slots < want; m->slots++) {
    vy_status s = slot_make(d, &m->ring->slots[m->slots], size);
    if (s == VY_ERROR_OUT_OF_HOST_MEMORY && m->slots)
      break;
    VY_TRY(s);
    atomic_init(&m->turns[m->slots].sent, m->slots + 1);
  }
  return VY_OK;
}

static uint32_t helpers_for(const vy__cuda *d, uint64_t size) {
  uint64_t most = size / d->tuning.helper_bytes;
  return most < d->movers.most ? (uint32_t)most : d->movers.most;
}

// The end of what is on the stream so far: no thread is called before it.
static int mark(vy__cuda *d, vy__cuda_move *m) {
  vy__cu_event *before = &m->ring->before;
  int r = VY__CU_OK;
  if (!*before)
    r = d->cu->event_create(before, VY__CU_EVENT_NO_TIME);
  return r == VY__CU_OK ? d->cu->event_record(*before, m->stream) : r;
}

// All that there are slots for is asked for at once.
static vy_status ask(vy__cuda *d, vy__cuda_move *m) {
  if (m->wanted)
    VY_TRY(vy__cu_status(mark(d, m)));
  for (uint32_t i = 0; i < m->slots && await(d, m, i); i++)
    send(d, m, i + m->slots);
  return VY_OK;
}

static vy_status begin(vy__cuda *d, vy__cuda_move *m) {
  const vy__cuda_tuning *t = &d->tuning;
  vy__cuda_chunks_plan(&m->chunks, m->size, chunk_for(t, m->size),
                       t->chunk_least, !m->from);
  m->wanted = helpers_for(d, m->size);
  m->past_caches = m->size >= t->past_caches_least;
  VY_TRY(make_slots(d, m));
  return m->from ? VY_OK : ask(d, m);
}

// What comes from the device may take long to come. Once it begins to, threads
// have as long to get there as the first chunk.
static bool may_help(vy__cuda *d, vy__cuda_move *m) {
  int r = m->from ? VY__CU_OK : d->cu->event_wait(m->ring->before);
  if (r != VY__CU_OK)
    fail(m, r);
  return !has_failed(m);
}

static void run_helped(vy__cuda *d, vy__cuda_move *m) {
  bool helped = m->wanted && may_help(d, m);
  if (helped)
    vy__cuda_movers_call(d, m);
  vy__cuda_move_run(d, m);
  if (helped)
    vy__cuda_movers_dismiss(d, m);
}

static vy_status run_move(vy__cuda *d, vy__cuda_lane *lane, vy__cuda_move *m) {
  m->ring = &lane->ring;
  vy__mutex_lock(&m->ring->mutex);
  vy_status s = begin(d, m);
  if (s == VY_OK) {
    run_helped(d, m);
    s = (vy_status)atomic_load(&m->status);
  }
  if (s != VY_OK)
    vy__cuda_settle(d, m->stream);
  vy__mutex_unlock(&m->ring->mutex);
  return s;
}

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
