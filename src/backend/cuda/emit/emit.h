// Inside the emitter. The program's structured control becomes labels and
// branches, a lane a thread (or four: several.c); a value is a register that is
// written once, a variable one that is written often. Operations are text
// (ops.def).
//
// Registers are untyped: b32, b64 or pred. By name, N being an id:
//   rN lN pN      value N           vrN vlN vpN   variable N
//   (of a thread's lane k: numbers from k * their count on)
//   rtN ltN ptN   temporaries       lbN lnN       address, length of buffer N
//   lwN           low word of that length, which is all of it in vy_one
//   bx by bz      the block's (a group's) coordinates
// and, of programs whose lanes meet: ltid, lid, wid (thread in the group, its
// lane in the warp, its warp), wmask (lanes of the warp that exist), flip (b32,
// 0 when the entry starts: offset of the half of `scratch` that is in use).
#ifndef VY__PTX_EMIT_H
#define VY__PTX_EMIT_H

#include "backend/cuda/ptx.h"
#include "lower/schedule.h"

enum { VY__PTX_NAME = 28 };
// The text of an operand: a register or an immediate.
typedef struct vy__reg {
  char s[VY__PTX_NAME];
} vy__reg;

typedef enum vy__ptx_class {
  VY__PTX_R, // b32
  VY__PTX_L, // b64
  VY__PTX_P, // pred
} vy__ptx_class;

// Functions that the module has when something calls them.
enum {
  VY__PTX_REM32 = 1, // rem_f32(b32, b32) -> b32
  VY__PTX_REM64 = 2, // rem_f64(b64, b64) -> b64
};

typedef struct vy__ptx_frame {
  struct vy__ptx_frame *up;
  uint32_t stmt, kind;  // vy__stmt_kind of the opener
  uint32_t exit, latch; // labels: past it; where the next trip is decided
} vy__ptx_frame;

// Shared memory of the collectives, laid out once for all of the program's.
typedef struct vy__ptx_room {
  bool known;
  uint32_t half;     // bytes of each of two halves, used in turns
  bool single;       // there is room for one only
  uint32_t rank_row; // bytes of a warp's counters, of the largest rank
  uint32_t rank_at;  // offset of the counters of warp 0
  bool rank_over;    // they lie over the halves
} vy__ptx_room;

// Four neighbours that copies of a loop's body load as one.
typedef struct vy__ptx_row {
  uint32_t space, ref, index; // of the access
  uint32_t copy;              // the first of the four
  uint32_t first;             // number of the temporary with the first word
} vy__ptx_row;
enum { VY__PTX_ROWS = 16, VY__PTX_EARLY = 24 };

// An address that moves along with a loop of copies.
typedef struct vy__ptx_run {
  uint32_t space, ref, index; // of group memory or a private array
  uint32_t by;                // bytes that a trip adds
  vy__reg at;                 // where the first copy's is
} vy__ptx_run;
enum { VY__PTX_RUNS = 4 };

// What lanes of a thread have loaded: element base + at, in a register.
typedef struct vy__ptx_near {
  uint32_t ref, field, type, base;
  int32_t at;
  vy__reg reg;
} vy__ptx_near;
enum { VY__PTX_LANES = 4, VY__PTX_NEAR = 48, VY__PTX_EVEN = 8 };

// A value found to be a multiple of 2^twos, of the first of a thread's lanes.
typedef struct vy__ptx_even {
  uint32_t value, twos;
} vy__ptx_even;

// A list of registers in braces.
typedef struct vy__ptx_vector {
  char s[4 * (VY__PTX_NAME + 2) + 2];
} vy__ptx_vector;

typedef struct vy__ptx {
  const vy__ptx_job *job;
  const vy__lowered *lowered;
  const vy_program *program; // lowered->program
  const vy__ir *ir;
  vy__cuda_info *info;
  vy__schedule schedule;
  vy__buf *out; // where lines go
  bool many;    // this body is vy_many's
  bool fast;    // launch facts hold
  bool used_facts;
  bool strict, budgeted, faults;
  bool meets;     // lanes meet: some barrier or collective
  bool survives;  // budgeted and meets: a lane out of budget goes on to meet
  bool packed;    // several groups, of a warp each, are a block
  bool unsettled; // group memory was zeroed, and no barrier has come since:
                  // it comes before the first access, so that what is loaded
                  // until then is on its way meanwhile
  uint8_t *group_level; // by statement, when `survives`: its control is the
                        // group's, since lanes meet in it
  uint32_t temps[3];    // made so far, by class
  uint32_t labels;
  uint32_t functions;   // VY__PTX_REM32...
  uint32_t scratch;     // bytes of shared memory that collectives need
  vy__ptx_room room;    // how they share it
  uint32_t lane_end;    // label: this lane's code ends
  uint32_t own_end;     // `survives`: label past the statements that are the
                        // lane's own; VY__NONE among the group's
  vy__ptx_frame *frame; // innermost
  vy__reg arm; // predicate that accesses are under, "p1" or "!p1", or ""
  // A loop of whose body several copies are made, one after another.
  uint32_t unrolled;  // its statement, or VY__NONE
  uint32_t step;      // of its index
  uint32_t copies;    // how many there are
  uint32_t copy;      // which one is made; the index is `copy` trips on
  bool follows;       // each copy runs through to its end
  bool jams;          // they are interleaved, if they can be
  bool quiet;         // and writes no memory that others see, nor meets them
  bool index_aligned; // the first copy's index is a multiple of the copies
  uint32_t inside;    // branches and blocks around what is made, in the copy
  // Pure values of the body that only the index and what is outside decide:
  // made for all copies before the rest of it, so that loads overlap.
  uint32_t *early; // by value: its place in early_first, or VY__NONE
  uint32_t early_first[VY__PTX_EARLY]; // temporary of the first copy
  uint32_t early_value[VY__PTX_EARLY];
  uint32_t early_arm[VY__PTX_EARLY]; // its condition, if it is there by then:
                                     // loads are zero where it does not hold
  bool early_is_of_arm[VY__PTX_EARLY];
  uint32_t early_count;
  bool cautious;    // accesses are checked, whatever control proves
  uint32_t *spread; // by value: the temporary of the first of interleaved
                    // copies, or VY__NONE
  uint32_t *uses;   // by value: how many there are
  uint8_t *demand;  // by value: demand.c's
  vy__ptx_row rows[VY__PTX_ROWS];
  uint32_t row_count;
  vy__ptx_run runs[VY__PTX_RUNS];
  uint32_t run_count;
  uint32_t body; // number of the text at hand, which makes a value once
  uint32_t jam_body, part_body; // what it was when the interleaved copies at
                                // hand, and the part at hand, were begun
  uint32_t *has; // by load: the text in which it came with its neighbours
  uint32_t *follow_address; // by access: number of the temporary that the
                            // first copy has its address in, or VY__NONE
  uint32_t group_size;      // threads of a block
  uint32_t block[3];
  // Several lanes of a thread: several.c, beside.c.
  uint32_t several;   // how many, in the first dimension; 1: one
  bool abreast;       // each statement is made for all of them, `copy` telling
                      // which one is at hand
  uint8_t *varies;    // by value: VY__PTX_VARIES...
  uint32_t arm_stmt;  // the `if` whose arm is under predicates
  uint32_t arm_value; // abreast: the condition whose predicate, of the lane at
  bool arm_not;       // hand, `arm` is; VY__NONE: there is none
  uint32_t apart;     // label: where they go one after another
  bool vectors;       // neighbours go as one, even if `uneven` is told so
  bool of_first;      // asked is what the first of them has
  bool has_stored;    // what has been done cannot be done again
  uint32_t uneven;    // label: where nothing is taken to be aligned
  vy__ptx_even even[VY__PTX_EVEN];
  uint32_t even_count;
  vy__ptx_near near[VY__PTX_NEAR];
  uint32_t near_count;
} vy__ptx;

// ---- emit.c

// Go to `to` where the launch's facts do not hold.
void vy__ptx_unless_facts(vy__ptx *p, uint32_t to);

// ---- text.c: lines of PTX

// One line, indented, ended with ";" and a newline.
void vy__ptx_line(vy__ptx *p, const char *format, ...) VY__PRINTF(2, 3);
// Several instructions from a template: `$d $a $b $c` are the operands (NULL:
// not used there), instructions are separated by ';', blocks by braces. Names
// declared inside braces are local to them.
void vy__ptx_template(vy__ptx *p, const char *text, const char *d,
                      const char *a, const char *b, const char *c);
uint32_t vy__ptx_label(vy__ptx *p); // a fresh one; L<n> in text
void vy__ptx_place(vy__ptx *p, uint32_t label);
// The head of a loop that is not worth the time to compile it several times
// over, as ptxas does with what it unrolls.
void vy__ptx_place_rare(vy__ptx *p, uint32_t label);
vy__reg vy__ptx_temp(vy__ptx *p, vy__ptx_class class);
vy__ptx_class vy__ptx_class_of(vy_type type);
vy__reg vy__ptx_name(const char *format, ...) VY__PRINTF(1, 2);
vy__reg vy__ptx_imm(vy_type type, uint64_t bits); // integers

// ---- value.c

// The operand for value `v`: its register, or an immediate when it is an
// integer constant.
vy__reg vy__ptx_use(vy__ptx *p, uint32_t v);
// Values without operands, at the start of a lane.
void vy__ptx_leaves(vy__ptx *p);
// Emit pure value `v`.
void vy__ptx_make(vy__ptx *p, uint32_t v);
// Emit the pure values placed at statement `stmt`, in order.
void vy__ptx_make_at(vy__ptx *p, uint32_t stmt);
// The record of the item: load `type` ("b32", "u64") at `offset` into `d`.
void vy__ptx_record(vy__ptx *p, const char *type, const char *d,
                    uint32_t offset);
// Is value `v` an integer constant? Its bits.
bool vy__ptx_constant(const vy__ptx *p, uint32_t v, uint64_t *bits);
// x / d, of u32 and d >= 1: with q the high half of x * multiplier (x itself
// where the multiplier is 0), (more ? q + (x - q) / 2 : q) >> shift.
typedef struct vy__ptx_reciprocal {
  uint32_t multiplier, shift;
  bool more;
} vy__ptx_reciprocal;
vy__ptx_reciprocal vy__ptx_reciprocal_of(uint32_t d);
// d = the value, a quotient or remainder by a constant; false when it is not.
bool vy__ptx_divide(vy__ptx *p, uint32_t id, const char *d);
// rest, x = rest / n, rest % n, of b64 and 0 < n < 2^32, alike for the block.
void vy__ptx_divide_number(vy__ptx *p, vy__reg rest, vy__reg n, vy__reg x);

// Does the table of operations have a row? Every pure one with operands does.
bool vy__ptx_has(vy__op op, vy_type from, vy_type to);
// d = op(a...), by the table, on operands of `from` with a result of `to`.
void vy__ptx_apply(vy__ptx *p, vy__op op, vy_type from, vy_type to,
                   const char *d, const char *const a[3]);
// The same for operations on two of a type.
void vy__ptx_op(vy__ptx *p, vy__op op, vy_type type, const char *d,
                const char *a, const char *b);
// A stored element of `type` (16-bit patterns zero-extended in a b32) as a
// value, and back: f16 and bf16 convert, float stores canonicalise NaN; others
// give `a` itself.
bool vy__ptx_is_half(vy_type type); // f16 or bf16
vy__reg vy__ptx_loaded(vy__ptx *p, vy_type type, vy__reg a);
vy__reg vy__ptx_stored(vy__ptx *p, vy_type type, vy__reg a, uint32_t value);

// ---- demand.c

// How often values are used, by value.
void vy__ptx_count_uses(const vy__ptx *p, uint32_t *uses);
// Look for conditions among what is made at `stmt`. Afterwards, in its turn:
// is `v` none that is made as usual? A whole condition is made with it.
void vy__ptx_find_demand(vy__ptx *p, uint32_t stmt);
bool vy__ptx_demand(vy__ptx *p, uint32_t v, uint32_t stmt);

// ---- rem.c: the functions that p->functions names

void vy__ptx_functions(vy__ptx *p);

// ---- memory.c

// Where an access goes.
typedef struct vy__ptx_access {
  const char *space; // "global", "shared", "local"
  vy__reg address;   // register or symbol
  int64_t offset;    // bytes to add
  vy_type stored;    // type of the element in memory
  vy__reg guard;     // predicate that must hold; "" when the access is proved
} vy__ptx_access;
// The address and check of access `value` (LOAD, STORE, atomics), whose index
// is its operand a[0]. Strict programs report here.
vy__ptx_access vy__ptx_at(vy__ptx *p, uint32_t value);
// Its index as a b64 that is at least any length when negative.
vy__reg vy__ptx_index64(vy__ptx *p, uint32_t index);
// May access `value` be done without a check?
bool vy__ptx_proved(vy__ptx *p, uint32_t value);
// How an element of `type` travels between memory and its register.
const char *vy__ptx_suffix(vy_type type);
// "@p " or "".
vy__reg vy__ptx_guard(const vy__ptx_access *a);
void vy__ptx_load(vy__ptx *p, uint32_t value);
// Do four copies of the loop at hand load neighbours here, all at once?
bool vy__ptx_is_row(vy__ptx *p, uint32_t value);
// In front of a loop, of whose body at `stmt` copies are made: addresses that
// move along. At its end: move them.
void vy__ptx_open_runs(vy__ptx *p, uint32_t stmt);
void vy__ptx_move_runs(vy__ptx *p, uint32_t trips);
void vy__ptx_store(vy__ptx *p, uint32_t value);
void vy__ptx_zero_private(vy__ptx *p, uint32_t array);
void vy__ptx_zero_group(vy__ptx *p); // all lanes of the block do it together
// Of an array's symbol: multiples of 16.
uint32_t vy__ptx_private_bytes(const vy__ptx *p, uint32_t array);
uint32_t vy__ptx_group_bytes(const vy__ptx *p, uint32_t array);

// ---- facts.c

// Has vy_one a body more, for launches whose facts hold? (Several lanes of a
// thread look at them where they go side by side.)
bool vy__ptx_wants_facts(const vy__ptx *p);

// ---- several.c

// p->varies: each lane of a thread has its own; it hangs on what memory holds;
// it is one more from lane to lane.
enum { VY__PTX_VARIES = 1, VY__PTX_BY_MEMORY = 2, VY__PTX_GROWS = 4 };

// Sets p->several and p->varies; false when out of memory.
bool vy__ptx_find_several(vy__ptx *p);
// How often value `v`, or what a statement does (VY__NONE), is made.
uint32_t vy__ptx_times(const vy__ptx *p, uint32_t v);
// It is made for that lane of the thread.
void vy__ptx_turn(vy__ptx *p, uint32_t copy);
// Abreast, is the `if` at `stmt` one that all lanes of the thread must take the
// same way, and no predicates? A store under the lanes' own ones would be none
// of neighbours.
bool vy__ptx_is_joint(const vy__ptx *p, uint32_t stmt);
// Such an `if`: the usual way. They go apart where one does not.
void vy__ptx_if_abreast(vy__ptx *p, uint32_t stmt);
// All of a block's lanes, several to a thread.
void vy__ptx_several(vy__ptx *p);

// ---- beside.c

// Nothing is known to be there.
void vy__ptx_beside_open(vy__ptx *p);
// Test what loading `value` takes to be aligned.
void vy__ptx_ask_beside(vy__ptx *p, uint32_t value);
// Load or store for all lanes of the thread; false: not done.
bool vy__ptx_load_beside(vy__ptx *p, uint32_t value);
bool vy__ptx_store_beside(vy__ptx *p, uint32_t value);

// ---- four.c

// vy__twos of what is made here: of a copy of a loop's body, of the first of
// several lanes.
uint32_t vy__ptx_twos(const vy__ptx *p, uint32_t v);
// Load `value` together with its three neighbours; true also when it has been.
bool vy__ptx_load_four(vy__ptx *p, uint32_t value);
// Load from group memory at `stmt` what later statements load beside it.
void vy__ptx_load_ahead(vy__ptx *p, uint32_t stmt);
// Do the statements from `stmt` on, before `to`, that store four neighbours;
// the first statement behind them, or `stmt` where there are none.
// What store `value` stores, in a register: vectors have no immediates.
vy__reg vy__ptx_stored_register(vy__ptx *p, uint32_t value);
uint32_t vy__ptx_store_four(vy__ptx *p, uint32_t stmt, uint32_t to);

// ---- bytes.c, atomic.c, collective.c: the operations they are named after

void vy__ptx_bytes_load(vy__ptx *p, uint32_t value);
void vy__ptx_bytes_store(vy__ptx *p, uint32_t value);
void vy__ptx_atomic(vy__ptx *p, uint32_t value);
// Sets p->scratch to at least what it needs; `scratch` is the shared symbol.
// It meets (bar.sync 0) as often as needed to leave scratch free for the next.
void vy__ptx_collective(vy__ptx *p, uint32_t value);

// ---- early.c, jam.c: copies of the body of the loop at `stmt`

// Values that come before the rest of it: find them in its own block and in
// arms under predicates; make them, one after another for all copies; done with
// them. `index` is that of the first copy, `type` "u32" or the like.
void vy__ptx_find_early(vy__ptx *p, uint32_t stmt);
void vy__ptx_make_early(vy__ptx *p, vy__reg index, const char *type);
void vy__ptx_forget_early(vy__ptx *p);
// Does ptxas make this with branches inside? What else there is to do stands
// better between those of several copies than before or behind all.
bool vy__ptx_has_branches(const vy__value *x);

// Can they be interleaved? Make them so.
bool vy__ptx_can_jam(const vy__ptx *p, uint32_t stmt);
void vy__ptx_jam(vy__ptx *p, uint32_t stmt, vy__reg index, const char *type);

// ---- flow.c, loop.c

// Does EXEC `stmt` read or set a variable?
static inline bool vy__ptx_is_variable(const vy__ptx *p, uint32_t stmt) {
  return vy__op_is_variable(p->ir->values[p->ir->stmts[stmt].a].op);
}
// Statements [from, to) and what is placed at them.
void vy__ptx_stmts(vy__ptx *p, uint32_t from, uint32_t to);
void vy__ptx_while(vy__ptx *p, uint32_t stmt);
void vy__ptx_for(vy__ptx *p, uint32_t stmt);
// Ordered operation `value`.
void vy__ptx_execute(vy__ptx *p, uint32_t value);
// Variables start as zeros.
void vy__ptx_variables(vy__ptx *p);
// Does the `if` at `stmt` become predicates?
bool vy__ptx_is_predicated(const vy__ptx *p, uint32_t stmt);
// First statement after the one at `stmt` with all it contains.
uint32_t vy__ptx_after(const vy__ptx *p, uint32_t stmt);
// "bra.uni" or "bra": for a branch at `stmt` on `cond` (VY__NONE: none).
const char *vy__ptx_bra(const vy__ptx *p, uint32_t stmt, uint32_t cond);
// What of a group's own statement decides on: `cond` of a lane that is alive.
vy__reg vy__ptx_decide(vy__ptx *p, uint32_t stmt, vy__reg cond);
bool vy__ptx_find_group_level(vy__ptx *p); // false: out of memory

// All lanes of the group meet.
void vy__ptx_barrier(vy__ptx *p);
// Group memory may be touched from here on.
void vy__ptx_settle(vy__ptx *p);

// ---- report.c; nothing where items cannot fault

// At the start of a lane, and where it ends.
void vy__ptx_faults_open(vy__ptx *p);
void vy__ptx_faults_close(vy__ptx *p);
// Under predicate `bad`, which is used up, access `value` is out of bounds:
// index (b64) and length (b64).
void vy__ptx_report_bounds(vy__ptx *p, uint32_t value, vy__reg bad,
                           vy__reg index, vy__reg length);
// The loop at `stmt` ran out of budget.
void vy__ptx_report_budget(vy__ptx *p, uint32_t stmt);

#endif
