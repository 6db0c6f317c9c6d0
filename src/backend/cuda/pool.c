// Device memory that is used again. Sizes are rounded up to a shelf, eight to
// each power of two, so that at most an eighth is lost. Small blocks are parts
// of slabs, which live as long as the device; large ones are allocations of
// their own, of which a bounded number of bytes stays on the shelves. The
// driver's stream-ordered pools are not used: they give memory in the order of
// one stream, and ours goes to whichever stream comes next once the host has
// seen the work done.
#include "backend/cuda/cuda.h"

enum {
  SMALLEST = 256,
  STEPS = 8,           // shelves of a power of two
  PART_MOST = 1 << 18, // larger blocks are allocations of their own
  SLAB = 4 << 20,
  PINNED_LEAST = 16 << 10,
};

// ---- shelves

// Bytes of a block on a shelf: 256 .. 2048 in steps of 256, then eight steps
// to each power of two.
static uint64_t shelf_size(uint32_t shelf) {
  if (shelf < STEPS)
    return (uint64_t)(shelf + 1) * SMALLEST;
  uint32_t power = shelf / STEPS - 1, step = shelf % STEPS;
  return ((uint64_t)(STEPS + step + 1) * SMALLEST) << power;
}

// The first shelf whose blocks have room; VY__CUDA_SHELVES: none.
static uint32_t shelf_of(uint64_t size) {
  uint32_t lo = 0, hi = VY__CUDA_SHELVES;
  while (lo < hi) {
    uint32_t mid = (lo + hi) / 2;
    if (shelf_size(mid) < size)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

bool vy__cuda_pool_init(vy__cuda_pool *p, const vy__cu *cu,
                        const vy_allocator *alloc, uint64_t idle_most) {
  memset(p, 0, sizeof *p);
  p->alloc = alloc;
  p->cu = cu;
  p->idle_most = idle_most;
  return vy__mutex_init(&p->mutex);
}

static void destroy(vy__cuda_pool *p, struct vy__memory *m) {
  if (!m->part)
    (void)p->cu->memory_free(m->at);
  vy__free(p->alloc, m, sizeof *m);
}

// Under the mutex: free idle blocks that are allocations of their own.
static void trim(vy__cuda_pool *p) {
  for (uint32_t i = shelf_of(PART_MOST) + 1; i < VY__CUDA_SHELVES; i++)
    while (p->shelves[i]) {
      struct vy__memory *m = p->shelves[i];
      p->shelves[i] = m->next;
      destroy(p, m);
    }
  p->idle_bytes = 0;
}

void vy__cuda_pool_destroy(vy__cuda_pool *p) {
  for (uint32_t i = 0; i < VY__CUDA_SHELVES; i++)
    while (p->shelves[i]) {
      struct vy__memory *m = p->shelves[i];
      p->shelves[i] = m->next;
      destroy(p, m);
    }
  while (p->slabs) {
    vy__cuda_slab *s = p->slabs;
    p->slabs = s->next;
    (void)p->cu->memory_free(s->at);
    vy__free(p->alloc, s, sizeof *s);
  }
  vy__mutex_destroy(&p->mutex);
}

// ---- taking

// Under the mutex.
static int allocate(vy__cuda_pool *p, uint64_t size, vy__cu_address *out) {
  int r = p->cu->memory_alloc(out, size);
  if (r != VY__CU_OUT_OF_MEMORY || !p->idle_bytes)
    return r;
  trim(p);
  return p->cu->memory_alloc(out, size);
}

// Under the mutex: a part of the newest slab, or of a new one.
static int carve(vy__cuda_pool *p, uint64_t size, vy__cu_address *out) {
  if (!p->slabs || p->slab_used + size > SLAB) {
    vy__cuda_slab *s = vy__alloc(p->alloc, sizeof *s);
    if (!s)
      return -1;
    int r = allocate(p, SLAB, &s->at);
    if (r != VY__CU_OK) {
      vy__free(p->alloc, s, sizeof *s);
      return r;
    }
    s->next = p->slabs;
    p->slabs = s;
    p->slab_used = 0;
  }
  *out = p->slabs->at + p->slab_used;
  p->slab_used += size;
  return VY__CU_OK;
}

// Under the mutex: a new block. -1: out of host memory.
static int make(vy__cuda_pool *p, uint32_t shelf, struct vy__memory **out) {
  struct vy__memory *m = vy__calloc(p->alloc, 1, sizeof *m);
  if (!m)
    return -1;
  m->shelf = shelf;
  m->size = shelf_size(shelf);
  m->part = m->size <= PART_MOST;
  int r = m->part ? carve(p, m->size, &m->at) : allocate(p, m->size, &m->at);
  if (r != VY__CU_OK)
    vy__free(p->alloc, m, sizeof *m);
  else
    *out = m;
  return r;
}

vy_status vy__cuda_pool_take(vy__cuda_pool *p, uint64_t size,
                             struct vy__memory **out, vy_diags *diags) {
  uint32_t shelf = shelf_of(size);
  if (shelf == VY__CUDA_SHELVES)
    return vy__fail(diags, NULL, VY__E_DEVICE_MEMORY,
                    "%llu bytes of device memory are more than there can be",
                    (unsigned long long)size);
  int r = VY__CU_OK;
  vy__mutex_lock(&p->mutex);
  struct vy__memory *m = p->shelves[shelf];
  if (m) {
    p->shelves[shelf] = m->next;
    if (!m->part)
      p->idle_bytes -= m->size;
  } else {
    r = make(p, shelf, &m);
  }
  vy__mutex_unlock(&p->mutex);
  if (r == -1)
    return vy__fail_oom(diags, "device memory");
  if (r != VY__CU_OK)
    return vy__cu_fail(p->cu, r, "device memory", diags);
  *out = m;
  return VY_OK;
}

void vy__cuda_pool_give(vy__cuda_pool *p, struct vy__memory *m) {
  if (!m)
    return;
  vy__mutex_lock(&p->mutex);
  bool keep = m->part || p->idle_bytes + m->size <= p->idle_most;
  if (keep) {
    m->next = p->shelves[m->shelf];
    p->shelves[m->shelf] = m;
    if (!m->part)
      p->idle_bytes += m->size;
  }
  vy__mutex_unlock(&p->mutex);
  if (!keep)
    destroy(p, m);
}

// ---- pinned memory

vy_status vy__cuda_pinned_fit(const vy__cu *cu, vy__cuda_pinned *p,
                              uint64_t size) {
  if (size <= p->size)
    return VY_OK;
  uint64_t want = PINNED_LEAST;
  while (want < size)
    want *= 2;
  vy__cuda_pinned n = {.size = want};
  void *data = NULL;
  int r =
      cu->host_alloc(&data, want, VY__CU_HOST_PORTABLE | VY__CU_HOST_MAPPED);
  if (r == VY__CU_OUT_OF_MEMORY)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  if (r != VY__CU_OK)
    return vy__cu_status(r);
  n.data = data;
  r = cu->host_address(&n.at, data, 0);
  if (r != VY__CU_OK) {
    (void)cu->host_free(data);
    return vy__cu_status(r);
  }
  vy__cuda_pinned_free(cu, p);
  *p = n;
  return VY_OK;
}

void vy__cuda_pinned_free(const vy__cu *cu, vy__cuda_pinned *p) {
  if (p->data)
    (void)cu->host_free(p->data);
  *p = (vy__cuda_pinned){0};
}
