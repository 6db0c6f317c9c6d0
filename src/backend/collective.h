// Collectives over plain arrays: what the lanes of a group make of their
// operands when all of them stand at one. A lane that has ended (out of
// budget) takes part with the identity: a combination with it is the other
// operand. The reference runs these; compiled code calls them where it has
// nothing better.
#ifndef VY__COLLECTIVE_H
#define VY__COLLECTIVE_H

#include "semantics/semantics.h"

typedef struct vy__party {
  uint32_t size;         // lanes of the group
  uint32_t bits;         // GROUP_RANK: bits of the key
  vy__eval_fn combine;   // of what the operation applies, or NULL
  const uint64_t *alive; // bit i: lane i takes part; NULL: all do
  const int64_t *index;  // shuffles: by lane
  uint64_t *v;           // operands, then results; 0 for lanes not alive
  uint64_t *temp;        // as many; shuffles
} vy__party;

// Do collective `op`, which is not a barrier.
void vy__collective_run(vy__op op, const vy__party *party);

static inline bool vy__party_has(const vy__party *p, uint32_t i) {
  return !p->alive || (p->alive[i / 64] >> (i % 64) & 1);
}

#endif
