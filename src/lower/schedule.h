// Where pure values are computed. IR values have no place of their own; who
// executes or emits a program asks here, for the whole program or for a range
// of sibling statements (the lanes' code between two barriers), in which case
// only uses inside the range count.
#ifndef VY__SCHEDULE_H
#define VY__SCHEDULE_H

#include "validate/validate.h"

typedef struct vy__schedule {
  const vy_allocator *alloc;
  const vy_program *program;
  uint32_t *block; // one allocation for all that follows
  size_t block_count;
  // By statement and one past the last: its block; the first value to compute
  // before it. By value: the next one there, in ascending order.
  uint32_t *in, *first, *next;
  uint32_t *place; // by value: the statement before or at which it is made
  uint32_t *scope; // by value: block of that statement
  uint32_t *stamp; // by value: range for which place and scope were made
  uint32_t *parent, *opener, *depth; // by block; block 0 is the program
  uint32_t *order;                   // values placed, descending
  uint32_t *heap;
  uint32_t order_count, heap_count, now;
  // Optional: values that are there already, and so are not placed.
  bool (*is_there)(const void *user, uint32_t value);
  const void *user;
} vy__schedule;

// Set up for `program`; false when out of memory.
bool vy__schedule_init(vy__schedule *s, const vy_program *program,
                       const vy_allocator *alloc);
void vy__schedule_free(vy__schedule *s);

// Place what statements [from, to), siblings with all they contain, and the
// values `last` (needed at `to`) use. Pure values go out of every loop of the
// range that their operands do not need, but for those with a 1 in `stays`
// (by value; NULL: none), such as a load that strict bounds may report, or
// whose check was removed because of the control around it.
void vy__schedule_range(vy__schedule *s, uint32_t from, uint32_t to,
                        const uint32_t *last, uint32_t last_count,
                        const uint8_t *stays);
// Was `value` placed by the latest range?
static inline bool vy__scheduled(const vy__schedule *s, uint32_t value) {
  return s->stamp[value] == s->now;
}
// The statement of `block` that is or contains statement `stmt` of `from`.
uint32_t vy__schedule_lift(const vy__schedule *s, uint32_t from, uint32_t stmt,
                           uint32_t block);

#endif
