// How the body of a program is emitted: W lanes at once, as vectors, with an
// execution mask where control differs between them. A value that is the same
// in all lanes, or grows evenly from lane to lane, is kept as a scalar.
//
// Masks are vectors of `mask_bits`-wide integers, all ones for a lane that
// runs (i1 where the target has mask registers); NULL: all lanes run.
#ifndef VY__FLOW_H
#define VY__FLOW_H

#include "backend/cpu/emit/emitter.h"
#include "lower/schedule.h"

// A value in the vector at hand.
typedef struct vy__lane_value {
  LLVMValueRef scalar; // lane j has scalar + j * stride, wrapping; or NULL
  LLVMValueRef vector; // made when asked for, if there is a scalar
  int64_t stride;      // 0: the same in all lanes
  bool no_wrap;        // scalar + j * stride never wraps, as unsigned
  bool aligned;        // the scalar is a multiple of W
  // Of a load of consecutive elements that nothing writes: where lane j's
  // `stored` word can be read again, behind j others; or NULL.
  LLVMValueRef words;
  vy_type stored;
} vy__lane_value;

typedef enum vy__frame_kind {
  VY__FRAME_LOOP,
  VY__FRAME_BLOCK,
  VY__FRAME_BODY,
} vy__frame_kind;

// What a jump may go to. Slots are allocas of masks, NULL where not needed.
typedef struct vy__frame {
  struct vy__frame *up;
  uint32_t kind;
  uint32_t stmt;
  bool uniform;            // all lanes go round together
  LLVMBasicBlockRef exit;  // where uniform breaks, leaves, returns go
  LLVMBasicBlockRef latch; // where uniform continues go
  LLVMValueRef left;       // lanes that came out by break or leave
  LLVMValueRef continued;  // lanes that wait for the next trip
  uint32_t memory; // where lanes meet: scratch offset of left or continued
  bool keeps;      // and they are kept there between ranges
} vy__frame;

typedef struct vy__var_slot {
  LLVMValueRef slot; // alloca of one vector or scalar
  uint32_t memory;   // scratch offset of its vectors, where lanes meet
  uint32_t range;    // the only one that uses it, or VY__NONE
  bool uniform, used;
  bool kept;     // lives in memory between ranges
  bool by_parts; // and goes to a register for a part of a loop only
  bool zeroed;   // there, when a group starts: some lane may read it unset
} vy__var_slot;

typedef struct vy__stmt_facts {
  uint32_t parent;     // opener around it, or VY__NONE
  uint8_t jumps_out;   // holds a divergent jump that leaves it
  uint8_t left;        // loop, block: target of divergent break or leave
  uint8_t continued;   // loop: target of a divergent continue
  uint8_t group_level; // lanes meet inside it, or it jumps for the whole group
  uint32_t memory; // of a group's loop or block: where lanes that are off are
} vy__stmt_facts;

// Lanes' code between two places where they meet.
typedef struct vy__range {
  uint32_t from, to;
  uint32_t first, count; // into flow->needs: operands of what follows
  uint32_t block;        // of the schedule, that it lies in
} vy__range;

// A function with a piece of a long program; split.h.
typedef struct vy__part {
  LLVMValueRef function;
  LLVMBasicBlockRef from; // the kernel's block that calls it, at its end
} vy__part;

typedef struct vy__split {
  bool on;
  bool open;        // what is emitted goes to the last part
  uint32_t whole;   // depth of what stays in one piece
  uint64_t weight;  // of the open part
  uint32_t current; // the open part
  uint64_t launch;  // weight of the last block of what depends on the launch
  LLVMValueRef kernel;
  vy__part *parts;
  size_t capacity;
  uint32_t count;
  uint64_t *before; // by statement: weight of all before it
} vy__split;

// What is known of the stretch of a row at hand; stretch.c.
typedef struct vy__stretch {
  bool on;              // the vectors at hand are of one
  uint32_t count;       // facts on which they rest; 0: there are no stretches
  LLVMValueRef at;      // the lane, linear, that the vector at hand starts with
  size_t size;          // of what follows, all by value
  uint8_t *along;       // what it is along a row
  int32_t *by;          // how much it grows from lane to lane
  uint8_t *wanted;      // facts are made of it
  uint32_t *at_stmt;    // ordered ones: the statement
  LLVMValueRef *known;  // what stays
  LLVMValueRef *origin; // of accesses inside: what lane 0 would access
} vy__stretch;

// What is known of all lanes of a group, in the range at hand; box.c.
typedef struct vy__box {
  bool on;           // what is emitted rests on it
  uint32_t count;    // of the facts
  LLVMValueRef good; // i1: all hold
  uint32_t stamp;    // of the range
  size_t size;
  uint32_t *holds; // by value, a condition or an access: the range's stamp
} vy__box;

// A scan that goes along.
typedef struct vy__scan {
  LLVMValueRef passed;       // slot: what it has of the vectors passed
  LLVMValueRef bits, before; // of one that counts lanes, for this vector
  uint32_t stamp;            // of the vector for which they hold
} vy__scan;

typedef struct vy__flow {
  vy__emit *e;
  const vy__ir *ir;
  vy__schedule schedule;
  vy__stmt_facts *facts;
  LLVMBuilderRef entry; // builders at the ends of: the kernel's first block,
  LLVMBuilderRef top;   // the block that starts a vector of lanes,
  LLVMBuilderRef aside; // and wherever it is put
  uint32_t mask_bits;
  bool meets;  // some barrier or collective
  bool strict; // VY_COMPILE_STRICT, VY_COMPILE_BUDGETED
  bool budgeted;
  bool fast;               // launch facts hold
  bool used_facts;         // and something relied on it
  LLVMValueRef all;        // i1 in the entry block: the launch facts
  LLVMValueRef all_slot;   // where it is known from
  LLVMBasicBlockRef begin; // behind the entry block

  // By parameter, in the entry block, on demand.
  LLVMValueRef data[VY__MAX_PARAMS], length[VY__MAX_PARAMS];
  LLVMValueRef window[VY__MAX_PARAMS], last32[VY__MAX_PARAMS];
  LLVMValueRef last31[VY__MAX_PARAMS], some[VY__MAX_PARAMS];
  bool small[VY__MAX_PARAMS]; // byte size below 2^31 is among the facts
  LLVMValueRef tables[VY__MAX_TABLES];
  LLVMValueRef scratch, fault, budget, alone;

  // The vector at hand.
  LLVMValueRef mask;
  LLVMValueRef index; // of the vector in its group, i64, or NULL
  LLVMValueRef group[3];
  vy__lane_value lane[3], local[3];
  LLVMValueRef linear; // <W x i64> lane numbers in the domain, for reports
  LLVMValueRef linear_slot;
  vy__frame *frame;
  LLVMValueRef ticks, group_ticks; // slots, with budgets
  uint32_t ticks_memory;
  LLVMValueRef alive;    // slot: lanes that have not ended, or NULL
  uint32_t ended_memory; // scratch offset of the others, where lanes meet

  // By value.
  vy__lane_value *values;
  uint32_t *stamps;     // values[] holds for this vector
  uint32_t stamp;       // of the vector at hand
  LLVMValueRef *launch; // made in the entry block
  uint8_t *is_launch;   // depends on the launch only
  LLVMValueRef *shared; // uniform results of ordered operations
  vy__scan *scans;
  uint32_t *spill;    // scratch offset of its vectors, or VY__NONE
  uint32_t *range_of; // ordered values: the range they are made in
  uint32_t *made_in;  // pure values that are kept: likewise; keep.c
  uint8_t *dear;      // pure values: worth keeping
  uint32_t *uses;     // number of uses
  uint64_t *most;     // the most a u32 can be, + 1; 0: not known
  uint32_t *loop_end; // of a loop's index: the value, + 1
  uint8_t *stays;     // loads that must stand where they are used
  vy__var_slot *vars;
  uint32_t sets_from, sets_to; // assignments that are made, by value; parts.c
  uint32_t *group_offset;      // of group arrays in scratch
  uint32_t *copies;            // of group arrays, in scratch; 0: none yet
  uint32_t *copied;            // the loop that uses the copies, + 1; 0: none
  uint32_t *private_offset;    // of private arrays, in bytes a lane
  LLVMValueRef *private_slot;
  uint32_t private_memory; // scratch offset, where they are not on the stack

  vy__range *ranges;
  uint32_t *needs;
  uint32_t range_count, need_count, next_range;
  uint32_t range_now; // being planned or emitted, or VY__NONE
  uint32_t vectors;   // of a group
  uint32_t scratch_size;
  uint32_t keep_memory, keep_size; // what starts a group as zeros
  uint32_t operand_memory, index_memory, bits_memory; // of collectives
  vy__split split;
  vy__stretch stretch;
  vy__box box;
  LLVMValueRef so_far; // slot: what a collective has of the vectors passed
} vy__flow;

// ---- value.c

vy__lane_value *vy__flow_get(vy__flow *f, uint32_t value);
LLVMValueRef vy__flow_vector(vy__flow *f, uint32_t value);
// The one value of all lanes; only of such as have a stride of 0.
LLVMValueRef vy__flow_scalar(vy__flow *f, uint32_t value);
static inline bool vy__is_even(const vy__lane_value *v) {
  return v->scalar && v->stride == 0;
}
// The vector of any lane value of program type `type`.
LLVMValueRef vy__flow_spread(vy__flow *f, vy_type type, vy__lane_value *v);
// Emit pure values placed at statement `stmt`, in order.
void vy__flow_make_at(vy__flow *f, uint32_t stmt);
// Emit one, whose operands are there.
void vy__flow_make(vy__flow *f, uint32_t value);
void vy__flow_set(vy__flow *f, uint32_t value, vy__lane_value v);
// Put it where other ranges find it.
void vy__flow_spill(vy__flow *f, uint32_t value);
void vy__flow_set_vector(vy__flow *f, uint32_t value, LLVMValueRef vector);
void vy__flow_set_scalar(vy__flow *f, uint32_t value, LLVMValueRef scalar);

// ---- lane.c

// One lane's value by scalar instructions, perhaps from memory that is read
// again, where another thread may have changed it: an index made of it needs
// vy__is_below. NULL: not to be had like that.
LLVMValueRef vy__flow_lane(vy__flow *f, uint32_t value, uint32_t lane);
// Is the integer below `n` by its own last operation, whatever was read?
bool vy__is_below(const vy__flow *f, uint32_t value, uint64_t n);

// ---- describe.c

// The parts of *info that depend on what was emitted.
void vy__flow_describe(const vy__flow *f, vy__kernel_info *info);

// ---- most.c

// Fill in f->most.
void vy__flow_find_most(vy__flow *f);
// Say so of `x`, the scalar or first lane of `value`, if its last operation
// cannot wrap.
void vy__flow_never_wraps(const vy__flow *f, uint32_t value, LLVMValueRef x);

// ---- value.c again

// Address and length of a buffer, loaded once in the entry block.
LLVMValueRef vy__flow_data(vy__flow *f, uint32_t param);
LLVMValueRef vy__flow_length(vy__flow *f, uint32_t param);

// Lanes of the domain in dimension `d`, i64, in the entry block.
LLVMValueRef vy__flow_lanes(vy__flow *f, uint32_t d);
LLVMValueRef vy__flow_groups(vy__flow *f, uint32_t d);
// i1: no other call of the launch runs.
LLVMValueRef vy__flow_alone(vy__flow *f);

// ---- mask.c

LLVMTypeRef vy__mask_type(vy__flow *f);
LLVMValueRef vy__mask_of_bool(vy__flow *f, LLVMValueRef vector);
LLVMValueRef vy__mask_of_value(vy__flow *f, uint32_t value);
LLVMValueRef vy__mask_bool(vy__flow *f, LLVMValueRef mask); // <W x i1>
LLVMValueRef vy__mask_full(vy__flow *f, LLVMValueRef mask); // never NULL
LLVMValueRef vy__mask_none(vy__flow *f);
LLVMValueRef vy__mask_and(vy__flow *f, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef vy__mask_or(vy__flow *f, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef vy__mask_without(vy__flow *f, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef vy__mask_any(vy__flow *f, LLVMValueRef mask);  // i1
LLVMValueRef vy__mask_bits(vy__flow *f, LLVMValueRef mask); // i32
// Bits of <W x i1>, as i32.
LLVMValueRef vy__bool_bits(vy__flow *f, LLVMValueRef vector);

// An integer as i64, by its type's sign: as an index, outside is >= any length.
LLVMValueRef vy__index64(vy__flow *f, vy_type type, LLVMValueRef index);

// ---- memory.c and its neighbours

// Ordered and pure accesses; results through vy__flow_set.
void vy__flow_load(vy__flow *f, uint32_t value);
void vy__flow_store(vy__flow *f, uint32_t value);
// Stores of all words of every lane, lane by lane n of them; strided.c.
typedef struct vy__stores {
  uint32_t base, n;
  uint32_t ids[16]; // by word
} vy__stores;
// Those from statement `i` on, before `to`, with what is done to variables
// between them: the last one's statement, or VY__NONE.
uint32_t vy__stores_of_lanes(vy__flow *f, uint32_t i, uint32_t to,
                             vy__stores *out);
void vy__store_lanes(vy__flow *f, const vy__stores *s);
void vy__flow_bytes_load(vy__flow *f, uint32_t value);
void vy__flow_bytes_store(vy__flow *f, uint32_t value);
void vy__flow_atomic(vy__flow *f, uint32_t value);
void vy__flow_zero_private(vy__flow *f, uint32_t array);

// ---- report.c: faults of strict bounds and budgets

void vy__report_bounds(vy__flow *f, uint32_t value, LLVMValueRef bad_bits,
                       LLVMValueRef index64, LLVMValueRef length,
                       bool is_signed);
void vy__report_budget(vy__flow *f, uint32_t stmt, LLVMValueRef bits);

// ---- stmt.c

// Emit statements [from, to) and what is placed at them. False when control
// does not come out at the end.
bool vy__flow_stmts(vy__flow *f, uint32_t from, uint32_t to);
// Do all lanes of a group go round the loop at `stmt` together?
bool vy__flow_uniform_loop(const vy__flow *f, uint32_t stmt);
// Do all lanes of a vector come to `stmt` together, whatever the data?
bool vy__flow_together(const vy__flow *f, uint32_t stmt);
// First statement after the one at `stmt` with all it contains.
uint32_t vy__flow_after(const vy__flow *f, uint32_t stmt);

// ---- group.c

// Which statements are the group's own, the ranges between them, what must
// live in scratch memory. False when out of memory.
bool vy__flow_group_plan(vy__flow *f);
// Are operands of the meeting at `stmt` to be put where it finds them?
bool vy__meeting_has_operands(const vy__flow *f, uint32_t stmt);
// One group's run; `group` is linear, i64.
void vy__flow_group(vy__flow *f, LLVMValueRef group);

// ---- keep.c: pure values that several ranges use

// Which are dear. False when out of memory.
bool vy__keep_plan(vy__flow *f);
// Range `r` is scheduled: what it makes for all its lanes is there for others.
void vy__keep_made(vy__flow *f, uint32_t r);
// Is the pure value in memory, from a range before the one at hand?
bool vy__is_kept(const vy__flow *f, uint32_t value);

// ---- rows.c

// Lanes [begin, end) of a `lanes` program, linear, and the kernel's end.
void vy__flow_rows(vy__flow *f, LLVMValueRef begin, LLVMValueRef end);

// ---- range.c

// Lanes' code [from, to) for all vectors of the group, one after another.
void vy__flow_range(vy__flow *f, uint32_t from, uint32_t to,
                    const vy__range *range);
LLVMValueRef vy__scratch(vy__flow *f, LLVMBuilderRef b, uint64_t offset);
// Zero `size` bytes of scratch, a multiple of 64.
void vy__scratch_zero(vy__flow *f, uint32_t offset, uint32_t size);
// Start a vector: zeroes the variables that live on the stack alone.
void vy__flow_open_vector(vy__flow *f);

// A FOR's state; stmt.c.
typedef struct vy__for {
  vy_type type;
  LLVMTypeRef element;
  LLVMValueRef step;         // scalar or vector, as the index
  LLVMValueRef index, trips; // slots
  LLVMValueRef stop;         // step 1: where the index ends, else NULL
  bool even_index, even_trips;
} vy__for;
// Set up; the lanes with a first trip as a mask, or NULL and in *go_on the i1
// that holds for all.
LLVMValueRef vy__for_enter(vy__flow *f, vy__for *s, const vy__stmt *t,
                           LLVMValueRef *go_on);
LLVMValueRef vy__for_index(vy__flow *f, const vy__for *s);
// Step; i1 or <W x i1>: is there another trip?
LLVMValueRef vy__for_next(vy__flow *f, const vy__for *s);

// ---- stretch.c

// Decide whether rows go in stretches. False when out of memory.
bool vy__stretch_plan(vy__flow *f);
void vy__stretch_free(vy__flow *f);
// Where a stretch may start, f->lane being its first lanes and `at` the first
// one's linear number: the lanes that it has, i64, at most.
LLVMValueRef vy__stretch_open(vy__flow *f, LLVMValueRef at);
// Within one: is the access inside for all lanes?
bool vy__stretch_inside(const vy__flow *f, uint32_t value);

// ---- box.c

bool vy__box_plan(vy__flow *f); // false when out of memory
void vy__box_free(vy__flow *f);
// Before a range: i1, whether all that can be said of all lanes together
// holds; NULL: there is nothing to be said.
LLVMValueRef vy__box_open(vy__flow *f, uint32_t from, uint32_t to,
                          const vy__range *range);
// Does the condition hold, or is the access inside, for all lanes?
bool vy__box_holds(const vy__flow *f, uint32_t value);

// ---- collective.c

// Before the range that ends at collective `value`, at the end of each of its
// vectors, and where the lanes stand at it.
void vy__collective_open(vy__flow *f, uint32_t value);
void vy__collective_take(vy__flow *f, uint32_t value);
void vy__flow_collective(vy__flow *f, uint32_t value);

// ---- parts.c

// Find the variables of this range whose by_parts holds.
void vy__parts_find(vy__flow *f, uint32_t from, uint32_t to);

// ---- range.c, loop.c: what it is made of

// A variable that is kept in memory: to its slot, and back.
void vy__kept_take(vy__flow *f, uint32_t var);
void vy__kept_put(vy__flow *f, uint32_t var);
// The loop, with assignments of f->sets_from ... only.
void vy__flow_run_for(vy__flow *f, uint32_t stmt);

// ---- fold.c

// Is ordered value `value` a scan that each vector of lanes does on its way,
// with what the vectors before it left? Then lanes do not stop there: the
// statement belongs to the range around it.
bool vy__goes_along(const vy__flow *f, uint32_t value);
// Before the range; in it.
void vy__scan_open(vy__flow *f, uint32_t value);
void vy__scan_along(vy__flow *f, uint32_t value);
// Of a scan that counts lanes, exclusive, in the vector at hand: the lanes
// that count, i32, and how many counted in the vectors before. NULL: it is
// none.
LLVMValueRef vy__scan_bits(const vy__flow *f, uint32_t value);
LLVMValueRef vy__scan_before(const vy__flow *f, uint32_t value);

// ---- copies.c

// Before and behind a loop of the group's own: arrays that the loop only
// combines into have copies meanwhile.
void vy__copies_open(vy__flow *f, uint32_t stmt);
void vy__copies_close(vy__flow *f, uint32_t stmt);
// Where the array of `v` starts for a lane; NULL: it has no copies.
LLVMValueRef vy__copy_for(vy__flow *f, const vy__value *v, uint32_t lane);

// ---- small things

LLVMBasicBlockRef vy__flow_block(vy__flow *f, const char *name);
// The conditional branch mostly goes to its first block. What that needs stays
// in registers then.
void vy__flow_mostly(vy__flow *f, LLVMValueRef branch);
LLVMValueRef vy__flow_alloca(vy__flow *f, LLVMTypeRef type, const char *name);
LLVMTypeRef vy__vector_of(vy__flow *f, LLVMTypeRef element);
LLVMValueRef vy__splat(LLVMBuilderRef b, LLVMValueRef scalar, uint32_t lanes);
LLVMValueRef vy__iota(vy__flow *f, LLVMTypeRef element, uint64_t step);
static inline LLVMValueRef vy__i64(vy__flow *f, uint64_t v) {
  return LLVMConstInt(LLVMInt64TypeInContext(f->e->context), v, 0);
}
static inline LLVMValueRef vy__i32(vy__flow *f, uint64_t v) {
  return LLVMConstInt(LLVMInt32TypeInContext(f->e->context), v, 0);
}
static inline LLVMTypeRef vy__t64(vy__flow *f) {
  return LLVMInt64TypeInContext(f->e->context);
}
static inline LLVMTypeRef vy__t32(vy__flow *f) {
  return LLVMInt32TypeInContext(f->e->context);
}
static inline LLVMTypeRef vy__t8(vy__flow *f) {
  return LLVMInt8TypeInContext(f->e->context);
}
static inline LLVMTypeRef vy__t1(vy__flow *f) {
  return LLVMInt1TypeInContext(f->e->context);
}
static inline LLVMTypeRef vy__tptr(vy__flow *f) {
  return LLVMPointerTypeInContext(f->e->context, 0);
}
// ptr + bytes
LLVMValueRef vy__ptr_add(vy__flow *f, LLVMValueRef ptr, LLVMValueRef bytes);
LLVMValueRef vy__load_raw(vy__flow *f, LLVMTypeRef type, LLVMValueRef ptr,
                          uint32_t align);
void vy__store_raw(vy__flow *f, LLVMValueRef value, LLVMValueRef ptr,
                   uint32_t align);

#endif
