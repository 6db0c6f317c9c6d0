// The bytecode of the reference backend, and what runs it. A program becomes
// one flat list of instructions over 64-bit registers. Pure operations are a
// single kind of instruction that carries its evaluator, so that no list of
// operations exists here; the few other kinds are memory, control and the
// points where the lanes of a group meet.
//
// Registers of a lane, in this order: launch leaves (constants, parameters,
// lengths), lane leaves (lane, local, group_id), variables, temporaries.
// Views are the memories an access may name: parameters, then tables, group
// arrays and private arrays.
#ifndef VY__REFERENCE_CODE_H
#define VY__REFERENCE_CODE_H

#include "backend/backend.h"
#include "backend/host_memory.h"
#include "lower/schedule.h"
#include "semantics/semantics.h"

typedef enum vy__ins_kind {
  VY__INS_UNARY, // dst = fn(a)
  VY__INS_BINARY,
  VY__INS_TERNARY,
  VY__INS_SHIFT, // dst = fn(a, b & c), c an immediate mask
  VY__INS_MOVE,
  VY__INS_LOAD,        // dst = at[a]
  VY__INS_STORE,       // at[a] = b
  VY__INS_BYTES_LOAD,  // dst = c bytes from at[a] on
  VY__INS_BYTES_STORE, // c bytes from at[a] on = b
  VY__INS_ATOMIC_LOAD, // as LOAD and STORE, but racing with plain ones only
  VY__INS_ATOMIC_STORE,
  VY__INS_ATOMIC_APPLY, // dst = at[a]; at[a] = fn(dst, b)
  VY__INS_ATOMIC_SWAP,  // dst = at[a]; if dst == b, at[a] = c
  VY__INS_ZERO,         // private array: all elements 0
  VY__INS_JUMP,
  VY__INS_JUMP_UNLESS, // to target when a is false
  VY__INS_FOR,  // dst = a, c = trips of a..b by the step in `extra`; none: jump
  VY__INS_NEXT, // c trips left less one; if any, dst += a and jump
  VY__INS_TICK, // a back-edge; c: 1 in a uniform loop
  VY__INS_MEET, // barrier or collective: the group's scheduler goes on
  VY__INS_EXIT,
} vy__ins_kind;

typedef struct vy__ins {
  uint16_t kind;
  uint8_t type;       // FOR, NEXT: of the index; MEET: of operand a
  uint8_t index_type; // MEET: of the index b
  uint32_t dst, a, b, c;
  uint32_t target; // jumps: instruction; accesses: site; FOR: see above
  uint32_t extra;  // FOR: register of the step
  uint32_t id;     // value; TICK: statement
  vy__eval_fn fn;
} vy__ins;

// How an access finds its scalar in a view.
typedef struct vy__site {
  uint32_t view;
  uint32_t stride, offset; // of an element; of the field in it
  uint32_t value;          // the access, for reports
  uint8_t bytes;           // of the scalar
  uint8_t type;            // as stored
  uint8_t convert;         // 1: load and store go through the conversions
  uint8_t narrow;          // 1: the index is an i32, to be sign-extended
  uint8_t is_signed;       // 1: the index is an i32 or i64
  uint8_t space;
  uint8_t watched; // 1: the checker follows it (writable, shared memory)
  uint32_t ref;
} vy__site;

typedef struct vy__leaf {
  uint32_t reg;
  uint16_t op;
  uint32_t ref;
  uint64_t imm;
} vy__leaf;

struct vy__code {
  const vy_allocator *alloc;
  const vy_program *program;
  uint32_t flags; // VY_COMPILE_*
  uint32_t meets; // 1: lanes meet, so that each needs a state of its own
  vy__ins *ins;
  vy__site *sites;
  vy__leaf *leaves;       // launch leaves, then lane leaves
  uint64_t *table_values; // of all tables, as loaded
  uint32_t *view_offsets; // of group and private arrays in their memory
  size_t ins_count, ins_capacity, site_count, site_capacity;
  size_t leaf_count, leaf_capacity, table_value_count;
  uint32_t launch_leaves;
  uint32_t first_var, first_temp, registers;
  uint32_t views, first_table, first_group, first_private;
};

// Where pure values are computed and how long registers are needed; used while
// compiling.
typedef struct vy__placement {
  const vy_allocator *alloc;
  vy__schedule base;
  uint32_t *block; // one allocation for all that follows
  size_t block_count;
  uint32_t *last; // by value: statement after which it is not needed
  uint32_t *drop, *drop_next; // by statement, by value: last needed there
  uint32_t *set; // by VAR_GET: the next statement that sets the variable
} vy__placement;

bool vy__placement_make(vy__placement *s, const vy_program *program,
                        const vy_allocator *alloc);
void vy__placement_free(vy__placement *s);

vy_status vy__code_make(const vy_allocator *alloc, const vy_program *program,
                        uint32_t flags, struct vy__code **out, vy_diags *diags);
void vy__code_free(struct vy__code *code);

// ---- running

typedef struct vy__view {
  uint8_t *data;
  uint64_t length; // elements
} vy__view;

typedef enum vy__lane_state {
  VY__LANE_RUNS,
  VY__LANE_MEETS, // stands at a MEET
  VY__LANE_ENDED, // returned, or ran out of budget
} vy__lane_state;

typedef struct vy__lane {
  uint64_t *regs;
  uint8_t *privates;
  uint32_t pc;
  uint32_t state;
  uint32_t local;    // linear in the group
  uint32_t sequence; // group by group, for the checker; wraps beyond 2^32
  uint64_t linear;   // in the domain, x fastest
  uint64_t ticks[2]; // back-edges of divergent and of uniform loops
} vy__lane;

typedef struct vy__shadow vy__shadow;

// Everything that runs need, kept between launches and grown as needed.
typedef struct vy__runner {
  const vy_allocator *alloc;
  uint32_t order; // VY_ORDER_*
  uint64_t seed;
  vy__host_scratch scratch;
  // Grown to fit the code at hand.
  uint64_t *regs;
  vy__view *views;
  uint8_t *privates;
  uint8_t *group_memory;
  size_t regs_size, views_size, privates_size, group_memory_size;
  vy__lane *lanes;
  uint64_t *gather; // one per lane: operands, spare room, indices
  size_t lanes_size, gather_size;
  uint8_t *work[VY__MAX_PARAMS];
  // The run at hand.
  const struct vy__code *code;
  vy__launch_item *item;
  uint64_t budget;    // UINT64_MAX: none
  uint32_t slots;     // lane states in use
  uint32_t interval;  // barrier intervals so far, for the checker
  vy__shadow *shadow; // NULL: not checking
} vy__runner;

void vy__runner_init(vy__runner *r, const vy_allocator *alloc, uint32_t order,
                     uint64_t seed);
void vy__runner_free(vy__runner *r);

// Make room for `code`; false when out of memory.
bool vy__runner_fit(vy__runner *r, const struct vy__code *code);
// Run one item once, over memory that vy__host_enter put into r->work. The
// float state must be pinned.
void vy__runner_run(vy__runner *r, const struct vy__code *code,
                    vy__launch_item *item, uint64_t budget);

// Run a lane until it meets, ends or runs out.
void vy__lane_run(vy__runner *r, vy__lane *lane);
// Do the collective at which all lanes stand (`ins` is it).
void vy__collective(vy__runner *r, const vy__ins *ins);

// Note an access outside: the fault of strict mode, or the checker's finding.
void vy__out_of_bounds(vy__runner *r, const vy__lane *lane,
                       const vy__site *site, uint64_t index, uint64_t length);
void vy__out_of_budget(vy__runner *r, const vy__lane *lane, uint32_t stmt);

#endif
