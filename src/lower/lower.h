// Lowering: what all native backends share. A checked program goes through
// passes, each from IR to IR with the same results bit for bit, and comes out
// as another checked program with what an emitter wants to know beside it:
// which accesses need a check, and where each value came from.
//
// A pass may change how results are computed, never which: floats only by
// identities that hold for every bit pattern. Faults (strict bounds, budgets)
// are results too: with VY_COMPILE_STRICT every access keeps its place and
// number; with VY_COMPILE_BUDGETED loops keep their back-edges.
#ifndef VY__LOWER_H
#define VY__LOWER_H

#include "validate/validate.h"

// What an access (LOAD, STORE, bytes, atomics) needs before it may be done.
// NONE holds for the lanes that run it; FACT, once the facts hold, for every
// lane of the domain, whether control has brought it there or not.
typedef enum vy__check_kind {
  VY__CHECK_FULL = 0, // compare the index with the length
  VY__CHECK_FACT = 1, // nothing when the facts in `facts` hold, else compare
  VY__CHECK_NONE = 2, // nothing: proved from the program alone
} vy__check_kind;

// Holds for a launch when, over unbounded integers,
//   scale[0]*(n0-1) + scale[1]*(n1-1) + scale[2]*(n2-1) + offset < len(param)
// where n is the number of lanes in each dimension (n >= 1), and the sum
// stays below 2^32, so that no u32 index wraps.
typedef struct vy__fact {
  uint32_t param;
  uint64_t scale[3];
  uint64_t offset;
} vy__fact;

// A number that all lanes share and that is known before the dispatch.
typedef enum vy__term_kind {
  VY__TERM_NONE = 0,
  VY__TERM_LITERAL = 1, // `ref` itself
  VY__TERM_LEN = 2,     // elements of buffer `ref`
  VY__TERM_SCALAR = 3,  // u32 parameter `ref`
  VY__TERM_LANES = 4,   // lanes of the domain in dimension `ref`
} vy__term_kind;

typedef struct vy__term {
  uint32_t kind; // vy__term_kind
  uint32_t ref;
} vy__term;

// Elements of `write` buffer `param`, which nothing reads, that are stored for
// sure: by each lane with lane.x < most[0] and lane.y < most[1] (NONE: any)
// the one at lane.x, or with a `row` that at lane.y * row + lane.x; or with
// `each` of 2 and more, those of the elements from each * lane.x on that are
// below most[0], or the ones in those of the rows from each * lane.y on that
// are below most[1]; or by each group of `group` lanes (1 and more) the one at
// group_id.x, below most[0].
typedef struct vy__cover {
  uint32_t param;
  vy__term row; // NONE: lane.x, in a domain of one dimension
  vy__term most[2];
  uint32_t each;  // 0 or 1: one
  uint32_t group; // 0: by lanes
  vy__term times; // NONE: once
} vy__cover;

enum { VY__MAX_COVERS = 8 };

typedef struct vy__lowered {
  vy_program *program;    // lowered, validated; no constants
  uint32_t *origin_value; // by value: of the original; VY__NONE: made here
  uint32_t *origin_stmt;  // by statement: likewise
  uint8_t *check;         // by value: vy__check_kind
  uint8_t *stays;         // by value: 1 for a pure load whose VY__CHECK_NONE
                          // rests on the control around its uses: it must
                          // not be computed outside the innermost block that
                          // holds them all
  vy__fact *facts;        // all must hold for VY__CHECK_FACT
  uint32_t fact_count;
  vy__cover covers[VY__MAX_COVERS]; // by parameter; none when a lane may fault
  uint32_t cover_count;
  const vy_allocator *alloc;
} vy__lowered;

// The passes in their order, for `--after` and the tests: index 0, 1, ...
// until NULL.
const char *vy__lower_pass_name(uint32_t index);

// Beside VY_COMPILE_*: the device loads a lane's four neighbours as one, so
// that group arrays are arranged for that (arrange.c).
#define VY__LOWER_BY_FOUR (UINT32_C(1) << 31)

// Lower `program` (no constants left) up to and including pass `after`
// (NULL: all). INVALID_ARGUMENT for an unknown name. `flags`: VY_COMPILE_* and
// VY__LOWER_*. On failure *out is zeroed.
vy_status vy__lower(const vy_program *program, uint32_t flags,
                    const char *after, vy__lowered *out, vy_diags *diags);
void vy__lowered_free(vy__lowered *lowered);

// Value `v`, an integer, is a multiple of 2^result for sure; 32: of that, or
// zero. `more` (or NULL) tells what the caller knows of a value; 0: nothing.
typedef uint32_t vy__twos_of(const void *data, uint32_t v);
uint32_t vy__twos(const vy__ir *ir, uint32_t v, vy__twos_of *more,
                  const void *data);

// For devices that run a group's lanes in turn, or have lanes that are missing
// where others meet: which statements the group comes to as one. `level` is by
// statement, 1 where its lanes meet (barriers, collectives, what else the
// device wants); added are the openers around these, and the jumps of the whole
// group out of such openers.
void vy__group_level(const vy_program *program, uint8_t *level);

#endif
