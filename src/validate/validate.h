// Validation: the only way to a vy_program, which is a checked, immutable IR
// with the facts that later stages need. Text, wire, builder and
// specialization all end here.
#ifndef VY__VALIDATE_H
#define VY__VALIDATE_H

#include "base/context.h"
#include "ir/ir.h"

// A statement that keeps a program from being deterministic.
typedef struct vy__order_note {
  uint32_t stmt;
  uint32_t class;   // VY_DETERMINISTIC_IF_RACE_FREE or VY_ORDER_DEPENDENT
  const char *text; // static: why
} vy__order_note;

struct vy_program {
  vy__refs refs;
  vy_context *context; // retained
  vy__ir ir;           // canonical
  vy_hash fingerprint;
  uint32_t determinism; // VY_DETERMINISTIC...
  uint32_t output_count;
  // Per statement: the partner, as vy__ir_match gives it.
  uint32_t *match;
  // Per value: 1 when uniform. Per statement: 1 when control is uniform there.
  uint8_t *value_uniform;
  uint8_t *stmt_uniform;
  // With the constants at their defaults; a program whose constants are not
  // fixed is validated for those, and again when specialised.
  uint32_t group_size[3];      // 1,1,1 without `group`
  uint32_t group_memory_bytes; // of group arrays, each aligned to 8
  uint32_t private_bytes;      // of private arrays, each aligned to 8
  uint32_t *group_lengths;     // elements of each group array
  uint32_t *private_lengths;   // elements of each private array
  vy__order_note *notes;
  uint32_t note_count;
};

// Do all lanes of a group go round the loop at `stmt` together? Control must be
// uniform before it, at each trip's start and in what ends it. Then its trips
// are counted, against a budget, for the group, else for each lane.
bool vy__loop_is_uniform(const vy_program *program, uint32_t stmt);

// Check canonical `ir` whole (all errors in one go) and make a program of it.
// Takes `ir` over: it is freed or owned by the program, in either case.
vy_status vy__validate(vy_context *context, vy__ir *ir, vy_program **out,
                       vy_diags *diags);

// A copy of `program` with constant k fixed to bits[k] for every k with
// given[k] != 0 (SPEC values and sizes become literals), validated anew.
vy_status vy__specialize(const vy_program *program, const uint64_t *bits,
                         const uint8_t *given, vy_program **out,
                         vy_diags *diags);

#endif
