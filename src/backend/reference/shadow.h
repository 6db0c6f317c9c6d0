// Shadow memory of the checking run: who touched each scalar of writable
// memory last, so that races are found exactly, elements never written too.
// Only the checker makes one; other runs have r->shadow NULL.
#ifndef VY__REFERENCE_SHADOW_H
#define VY__REFERENCE_SHADOW_H

#include "backend/reference/code.h"

typedef enum vy__touch {
  VY__TOUCH_READ,
  VY__TOUCH_WRITE,
  VY__TOUCH_ATOMIC,      // races as a write
  VY__TOUCH_ATOMIC_READ, // likewise, but leaves nothing written
} vy__touch;

// A lane touches `bytes` bytes from `byte` on of what the site names.
void vy__shadow_touch(vy__shadow *s, const vy__runner *r, const vy__lane *lane,
                      const vy__site *site, uint64_t byte, uint32_t bytes,
                      vy__touch touch);
void vy__shadow_outside(vy__shadow *s, const vy__lane *lane,
                        const vy__site *site, uint64_t index, uint64_t length);

// What is reported to `diags` (may be NULL) and counted in `report`. NULL
// when out of memory. `lanes` is the item's domain.
vy__shadow *vy__shadow_create(const vy_allocator *alloc,
                              const vy_program *program,
                              const vy__launch_item *item,
                              vy_check_report *report, vy_diags *diags);
void vy__shadow_free(vy__shadow *s);
// A new iteration: all before it is ordered before all in it.
void vy__shadow_next(vy__shadow *s);
// Report what was never written; `work` is the memory after the run.
void vy__shadow_finish(vy__shadow *s, uint8_t *const *work);
// Did an allocation fail? The findings are then incomplete.
bool vy__shadow_failed(const vy__shadow *s);

#endif
