// C struct layouts found for flat fields: see layout.c. The printer walks a
// layout from its last member to its first.
#ifndef VY__LAYOUT_H
#define VY__LAYOUT_H

#include "ir/ir.h"

typedef struct vy__layout {
  const vy__field *fields;
  uint32_t count;
  // [i][l]: alignments (bit n: 2^n bytes) that the last of the members that
  // fields i..l-1 form can have; 0: they do not form any.
  uint8_t ends[VY__MAX_FIELDS][VY__MAX_FIELDS + 1];
} vy__layout;

// False when no struct has these fields and this size.
bool vy__layout_make(vy__layout *t, const vy__field *fields, uint32_t count,
                     uint32_t size);

// First field of the last member of the run i..l-1: l-1, a scalar, or less, a
// struct of k..l-1. The member has alignment 2^*log; *log 4 on entry: any.
uint32_t vy__layout_last(const vy__layout *t, uint32_t i, uint32_t l,
                         uint32_t *log);
// Alignment wanted of the member before field k, where a member of alignment
// 2^log begins.
uint32_t vy__layout_before(const vy__layout *t, uint32_t i, uint32_t k,
                           uint32_t log);

#endif
