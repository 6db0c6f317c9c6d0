// Working memory that callers never share. See cpu.h.
#include "backend/cpu/cpu.h"

void vy__scratches_init(vy__scratches *s, const vy_allocator *alloc) {
  s->alloc = alloc;
  for (uint32_t i = 0; i < VY__THREAD_SLOTS; i++)
    atomic_init(&s->slots[i].idle, NULL);
}

static void destroy(const vy_allocator *alloc, vy__scratch *scratch) {
  vy__host_scratch_free(&scratch->host);
  vy__host_scratch_free(&scratch->kernel);
  vy__host_scratch_free(&scratch->tables);
  vy__free(alloc, scratch, sizeof *scratch);
}

void vy__scratches_free(vy__scratches *s) {
  for (uint32_t i = 0; i < VY__THREAD_SLOTS; i++) {
    vy__scratch *scratch = atomic_load(&s->slots[i].idle);
    if (scratch)
      destroy(s->alloc, scratch);
  }
}

vy__scratch *vy__scratch_take(vy__scratches *s) {
  uint32_t first = vy__thread_slot();
  for (uint32_t i = 0; i < VY__THREAD_SLOTS; i++) {
    uint32_t at = (first + i) % VY__THREAD_SLOTS;
    if (!atomic_load_explicit(&s->slots[at].idle, memory_order_relaxed))
      continue;
    vy__scratch *scratch = atomic_exchange_explicit(&s->slots[at].idle, NULL,
                                                    memory_order_acquire);
    if (scratch)
      return scratch;
  }
  vy__scratch *scratch = vy__alloc(s->alloc, sizeof *scratch);
  if (!scratch)
    return NULL;
  vy__host_scratch_init(&scratch->host, s->alloc);
  vy__host_scratch_init(&scratch->kernel, s->alloc);
  vy__host_scratch_init(&scratch->tables, s->alloc);
  return scratch;
}

void vy__scratch_give(vy__scratches *s, vy__scratch *scratch) {
  uint32_t first = vy__thread_slot();
  for (uint32_t i = 0; scratch && i < VY__THREAD_SLOTS; i++)
    scratch =
        atomic_exchange_explicit(&s->slots[(first + i) % VY__THREAD_SLOTS].idle,
                                 scratch, memory_order_acq_rel);
  if (scratch)
    destroy(s->alloc, scratch);
}
