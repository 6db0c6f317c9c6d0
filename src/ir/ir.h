// The program in memory: flat, typed, integer ids, structured control flow.
//
// `values` holds every operation; an operand's id is always smaller than its
// user's. Pure values have no place of their own: they are computed anywhere
// between their operands and their uses. Ordered operations (an effect in
// ops.def, LOAD only from writable memory) happen where an EXEC statement
// names them. `stmts` is one list; bodies are delimited by END markers.
//
// Canonical form (vy__ir_canonicalize) numbers values by post-order of
// operands in statement order and drops what no statement reaches; validator,
// wire, printer and backends see only that.
#ifndef VY__IR_H
#define VY__IR_H

#include <vyre/program.h>

#include "base/base.h"
#include "base/diag.h"
#include "ir/limits.h"

// ---- types

enum vy__kind { VY__KIND_B, VY__KIND_I, VY__KIND_U, VY__KIND_F };

// Facts of a type; zero (and "none") for VY_TYPE_NONE and bad numbers.
uint32_t vy__type_bits(vy_type t);
uint32_t vy__type_bytes(vy_type t);
enum vy__kind vy__type_kind(vy_type t);
const char *vy__type_name(vy_type t);
// The type that a stored element of `t` has as a value (u8 -> u32).
vy_type vy__value_type(vy_type t);
static inline bool vy__is_value_type(vy_type t) {
  return t >= VY_TYPE_BOOL && t <= VY_TYPE_F64;
}
static inline bool vy__is_storage_type(vy_type t) { // may stand in memory
  return t >= VY_TYPE_I32 && t <= VY_TYPE_BF16;
}
static inline bool vy__is_int(vy_type t) {
  return t >= VY_TYPE_I32 && t <= VY_TYPE_U64;
}
static inline bool vy__is_signed(vy_type t) {
  return t == VY_TYPE_I32 || t == VY_TYPE_I64;
}
static inline bool vy__is_float(vy_type t) {
  return t == VY_TYPE_F32 || t == VY_TYPE_F64;
}
// By name; VY_TYPE_NONE when unknown.
vy_type vy__type_from_name(vy_str name);

// ---- operations

typedef enum vy__op {
  VY__OP_INVALID = 0,
  VY__OP_NONE = 0, // in the table: no operation
#define OP(id, number, name, sig, types, effect, laws, cost, applies,          \
           elements, doc)                                                      \
  VY__OP_##id = number,
#include "ir/ops.def"
#undef OP
  VY__OP_LIMIT = 160,
} vy__op;

// How operands (a, b, c) and result relate; T is the row's type set.
typedef enum vy__sig {
  VY__SIG_CONST,         // imm -> T
  VY__SIG_REF,           // ref (constant or parameter) -> its type
  VY__SIG_LEN32,         // ref (buffer) -> u32
  VY__SIG_LEN64,         // ref (buffer) -> u64
  VY__SIG_ID,            // ref (dimension) -> u32
  VY__SIG_INDEX,         // -> T, defined by a FOR statement
  VY__SIG_UN,            // T -> T
  VY__SIG_BIN,           // T, T -> T
  VY__SIG_TER,           // T, T, T -> T
  VY__SIG_SHIFT,         // T, any integer -> T
  VY__SIG_ABSDIFF,       // T, T -> unsigned T
  VY__SIG_TEST,          // T -> bool
  VY__SIG_CMP,           // T, T -> bool
  VY__SIG_SELECT,        // bool, T, T -> T
  VY__SIG_CONVERT,       // any value type -> value.type
  VY__SIG_BITCAST,       // T -> value.type of the same width
  VY__SIG_VAR,           // ref (variable) -> its type
  VY__SIG_VARSET,        // ref; its type -> none
  VY__SIG_LOAD,          // space, ref, field; integer index -> value type
  VY__SIG_STORE,         // space, ref, field; index, value -> none
  VY__SIG_BYTES_LOAD32,  // ref (u8 buffer); integer offset -> u32
  VY__SIG_BYTES_LOAD64,  // likewise -> u64
  VY__SIG_BYTES_STORE32, // ref; offset, u32 -> none
  VY__SIG_BYTES_STORE64, // ref; offset, u64 -> none
  VY__SIG_ATOMIC0,       // space, ref; index -> T
  VY__SIG_ATOMIC_STORE,  // space, ref; index, T -> none
  VY__SIG_ATOMIC1,       // space, ref; index, T -> T
  VY__SIG_ATOMIC2,       // space, ref; index, T, T -> T
  VY__SIG_NULLARY,       // -> none
  VY__SIG_SHUFFLE,       // T, integer -> T
  VY__SIG_VOTE,          // bool -> bool
  VY__SIG_BALLOT,        // bool -> u32
  VY__SIG_RANK,          // u32, imm = bits -> u32
} vy__sig;

enum vy__type_set { // bit per vy_type
  VY__TYPES_NOTYPE = 0,
  VY__TYPES_INT =
      1 << VY_TYPE_I32 | 1 << VY_TYPE_U32 | 1 << VY_TYPE_I64 | 1 << VY_TYPE_U64,
  VY__TYPES_FLOAT = 1 << VY_TYPE_F32 | 1 << VY_TYPE_F64,
  VY__TYPES_NUM = VY__TYPES_INT | VY__TYPES_FLOAT,
  VY__TYPES_INTB = VY__TYPES_INT | 1 << VY_TYPE_BOOL,
  VY__TYPES_ALL = VY__TYPES_NUM | 1 << VY_TYPE_BOOL,
};

typedef enum vy__effect {
  VY__EFFECT_LEAF,
  VY__EFFECT_PURE,
  VY__EFFECT_READ,
  VY__EFFECT_WRITE,
  VY__EFFECT_ATOMIC,
  VY__EFFECT_COLLECTIVE,
  VY__EFFECT_SYNC,
} vy__effect;

enum {
  VY__LAW_NONE = 0,
  VY__LAW_COMM = 1,
  VY__LAW_IDEM = 2,
  VY__LAW_LINEAR = 4,
  VY__LAW_UNIFORM = 8, // a collective with one result for the whole group
  VY__LAW_LANE = 16,   // a leaf that differs between the lanes of a group
  VY__LAW_GROUPS = 32, // a leaf that only programs of groups have
  VY__LAW_LANE_GROUPS = VY__LAW_LANE | VY__LAW_GROUPS,
  VY__LAW_COMM_LINEAR = VY__LAW_COMM | VY__LAW_LINEAR,
};

typedef enum vy__cost {
  VY__COST_FREE,
  VY__COST_SIMPLE,
  VY__COST_CHEAP,
  VY__COST_DEAR,
} vy__cost;

typedef struct vy__op_info {
  const char *name; // NULL: no such operation
  const char *doc;
  uint8_t sig, effect, laws, operands; // operands: number of a[] used
  uint8_t cost;                        // vy__cost
  uint8_t applies;                     // vy__op
  uint8_t elements; // that it accesses; bytes of LOAD_U16 and the like
  uint16_t types;
} vy__op_info;
// Never NULL; a bad number gives a row whose name is NULL.
const vy__op_info *vy__op_row(uint32_t op);
// By text name; VY__OP_INVALID when unknown.
vy__op vy__op_from_name(vy_str name);
static inline vy__op vy__op_applies(uint32_t op) {
  return (vy__op)vy__op_row(op)->applies;
}
// By what operands of `op`, of several lanes, combine into one that does the
// same to memory: what it applies, but subtrahends are added. INVALID: by
// nothing.
vy__op vy__op_gathers(uint32_t op);
// Its rough time, in cheap ones.
uint32_t vy__op_time(uint32_t op);
// Does it read or assign a variable?
static inline bool vy__op_is_variable(uint32_t op) {
  return op == VY__OP_VAR_GET || op == VY__OP_VAR_SET;
}
// How many elements of a buffer, array or table it accesses.
static inline uint32_t vy__op_elements(uint32_t op) {
  return vy__op_row(op)->elements;
}

// ---- values

typedef enum vy__space {
  VY__SPACE_NONE = 0,
  VY__SPACE_BUFFER = 1,  // ref: parameter
  VY__SPACE_GROUP = 2,   // ref: group array
  VY__SPACE_PRIVATE = 3, // ref: private array
  VY__SPACE_TABLE = 4,   // ref: table
} vy__space;

typedef struct vy__value {
  uint16_t op;    // vy__op
  uint8_t type;   // vy_type of the result; NONE for writes
  uint8_t space;  // vy__space of LOAD, STORE, atomics; else NONE
  uint32_t a[3];  // operand values; VY__NONE where unused
  uint32_t ref;   // parameter, constant, array, variable, dimension; else 0
  uint32_t field; // field of a buffer element; else 0
  uint64_t imm;   // CONST: bits; GROUP_RANK: number of bits; else 0
} vy__value;

// ---- statements

typedef enum vy__stmt_kind {
  VY__STMT_EXEC = 1, // a: value, an ordered operation
  VY__STMT_IF = 2,   // a: bool value; ... [ELSE ...] END
  VY__STMT_ELSE = 3,
  VY__STMT_WHILE = 4,     // condition statements, COND, body, END
  VY__STMT_COND = 5,      // a: bool value; leaves the WHILE when false
  VY__STMT_FOR = 6,       // a: LOOP_INDEX value; lo, hi, step: b, c, d; ... END
  VY__STMT_BLOCK = 7,     // ... END; LEAVE goes past the END
  VY__STMT_END = 8,       // of IF, WHILE, FOR, BLOCK
  VY__STMT_BREAK = 9,     // innermost loop, not across a BLOCK
  VY__STMT_CONTINUE = 10, // likewise
  VY__STMT_LEAVE = 11,    // innermost BLOCK, across loops
  VY__STMT_RETURN = 12,   // ends the lane
  VY__STMT_ARRAY = 13,    // a: private array; zeroes it
} vy__stmt_kind;

typedef struct vy__stmt {
  uint32_t kind;
  uint32_t a, b, c, d; // VY__NONE where unused
} vy__stmt;

typedef struct vy__pos {
  uint32_t file; // index + 1 into files; 0: no position
  uint32_t line, column;
} vy__pos;

// ---- sizes: expressions over scalars, constants, lengths, literals

typedef enum vy__size_op {
  VY__SIZE_LITERAL = 1, // imm, as a signed 64-bit number
  VY__SIZE_SPEC = 2,    // ref: specialization constant (integer)
  VY__SIZE_PARAM = 3,   // ref: scalar parameter (integer)
  VY__SIZE_LEN = 4,     // ref: buffer parameter
  VY__SIZE_ADD = 5,     // a, b: nodes with smaller ids; likewise below
  VY__SIZE_SUB = 6,
  VY__SIZE_MUL = 7,
  VY__SIZE_DIV = 8, // truncates toward zero
  VY__SIZE_REM = 9,
  VY__SIZE_MIN = 10,
  VY__SIZE_MAX = 11,
  VY__SIZE_ELEMENT = 12, // ref: buffer (an output), a: index node, imm: field;
                         // readback bounds only
} vy__size_op;

typedef struct vy__size {
  uint32_t op;
  uint32_t a, b; // VY__NONE where unused
  uint32_t ref;
  uint64_t imm;
} vy__size;

// ---- declarations. Names are offsets into strings; 0 is "".

typedef struct vy__field {
  uint32_t offset; // bytes
  uint32_t type;   // vy_type
} vy__field;

typedef struct vy__param {
  uint32_t name;
  uint32_t access;                   // vy_access; NONE: scalar
  uint32_t type;                     // scalar: its type; buffer: NONE
  uint32_t element_size;             // bytes; 0 for a scalar
  uint32_t first_field, field_count; // into fields
  uint32_t length;                   // size node or VY__NONE
  uint32_t readback_lo, readback_hi; // size nodes or VY__NONE, both or none
} vy__param;

typedef struct vy__const {
  uint32_t name;
  uint32_t type;
  uint64_t bits; // default
} vy__const;

typedef struct vy__table {
  uint32_t type;         // storage type
  uint32_t first, count; // into table_bits, one u64 an element
} vy__table;

typedef struct vy__array { // private and group arrays
  uint32_t type;           // storage type
  uint32_t length;         // size node over constants and literals only
} vy__array;

// Growing arrays of one program. Owns its memory through `alloc`.
typedef struct vy__ir {
  const vy_allocator *alloc;
  // Semantic part.
  uint32_t name;
  uint32_t uses_groups; // 1: `groups`, 0: `lanes`
  uint32_t dimensions;  // 1..3
  uint32_t domain[3];   // size nodes; [i] for i >= dimensions: VY__NONE
  uint32_t group[3];    // size nodes or VY__NONE (all three) without `group`
  vy__param *params;
  vy__field *fields;
  vy__const *consts;
  vy__table *tables;
  uint64_t *table_bits;
  uint32_t *vars; // vy_type of each variable
  vy__array *privates;
  vy__array *groups; // group arrays
  vy__size *sizes;
  vy__value *values;
  vy__stmt *stmts;
  uint32_t param_count, field_count, const_count, table_count, table_bit_count,
      var_count, private_count, group_count, size_count, value_count,
      stmt_count;
  // Debug part: may be absent (NULL) as a whole; else parallel to the above.
  vy__pos *value_pos;
  vy__pos *stmt_pos;
  vy__pos *param_pos;
  vy__pos *size_pos;
  uint32_t *value_names; // let names
  uint32_t *var_names, *private_names, *group_names, *table_names;
  uint32_t *field_names; // "a.b.x" paths
  uint32_t *files;       // names, offsets into strings
  uint32_t *file_texts;  // whole texts, offsets into strings; "" unknown
  uint32_t file_count;
  bool has_debug;
  // Zero-terminated strings; offset 0 is "".
  char *strings;
  uint32_t string_size;
  // Capacities, for vy__ir_add_*.
  size_t capacity[24];
} vy__ir;

void vy__ir_init(vy__ir *ir, const vy_allocator *alloc, bool debug);
void vy__ir_free(vy__ir *ir); // leaves it zeroed; fine on a zeroed one
// Deep copy into an uninitialised *out. False when out of memory.
bool vy__ir_copy(const vy__ir *ir, vy__ir *out);

// Append one row; the new id, or VY__NONE when out of memory (nothing
// changed). Limits are the caller's to check first. `pos` may be NULL.
uint32_t vy__ir_add_value(vy__ir *ir, const vy__value *v, const vy__pos *pos);
uint32_t vy__ir_add_stmt(vy__ir *ir, const vy__stmt *s, const vy__pos *pos);
uint32_t vy__ir_add_size(vy__ir *ir, const vy__size *s, const vy__pos *pos);
uint32_t vy__ir_add_param(vy__ir *ir, const vy__param *p, const vy__pos *pos);
uint32_t vy__ir_add_field(vy__ir *ir, const vy__field *f, uint32_t name);
uint32_t vy__ir_add_const(vy__ir *ir, const vy__const *c);
uint32_t vy__ir_add_table(vy__ir *ir, vy_type type, const uint64_t *bits,
                          uint32_t count, uint32_t name);
uint32_t vy__ir_add_var(vy__ir *ir, vy_type type, uint32_t name);
uint32_t vy__ir_add_private(vy__ir *ir, const vy__array *a, uint32_t name);
uint32_t vy__ir_add_group(vy__ir *ir, const vy__array *a, uint32_t name);
uint32_t vy__ir_add_file(vy__ir *ir, vy_str name, vy_str text);
// Offset of a string (NULs inside are cut); VY__NONE when out of memory.
uint32_t vy__ir_add_string(vy__ir *ir, vy_str s);

static inline const char *vy__ir_string(const vy__ir *ir, uint32_t offset) {
  return offset < ir->string_size ? ir->strings + offset : "";
}

// Is this value ordered (must be named by an EXEC, or is a LOOP_INDEX)? A
// LOAD from a `read` buffer or a table is pure.
bool vy__is_ordered(const vy__ir *ir, const vy__value *v);

// Position and source line of a statement, value, parameter or size node,
// for a diagnostic; zeroed where unknown.
vy__where vy__where_pos(const vy__ir *ir, vy__pos pos);
vy__where vy__where_stmt(const vy__ir *ir, uint32_t stmt);
vy__where vy__where_value(const vy__ir *ir, uint32_t value);

// Types: what `v` results in, given its operands' types, or why not. Looks at
// op, types of a[], space, ref, field, imm and, for CONVERT, BITCAST, CONST
// and LOOP_INDEX, v->type. The one type checker: front end, builder and
// validator call it. On failure *why (static text, "operands differ in type")
// says what is wrong.
bool vy__result_type(const vy__ir *ir, const vy__value *v, vy_type *out,
                     const char **why);

// Rewrite into canonical form in a fresh *out (uninitialised). Requires
// operand ids smaller than user ids and balanced statements. Unused constants,
// tables, arrays, variables and size nodes are dropped, the rest renumbered
// by first use (parameters keep their order). False when out of memory.
bool vy__ir_canonicalize(const vy__ir *ir, vy__ir *out);
// Same semantic part? Both canonical.
bool vy__ir_equal(const vy__ir *a, const vy__ir *b);

// For each IF, ELSE, WHILE, COND, FOR, BLOCK the index of its partner: IF ->
// ELSE or END, ELSE -> END, WHILE -> COND, COND -> END, FOR and BLOCK -> END,
// END -> its opener (of IF ... ELSE: the IF). `match` has stmt_count entries.
// False when unbalanced, deeper than VY__MAX_NESTING, or COND is not where it
// must be.
bool vy__ir_match(const vy__ir *ir, uint32_t *match);

// ---- evaluating sizes

typedef struct vy__size_env {
  const uint64_t *scalars; // bits, by parameter; NULL: no scalars known
  const uint64_t *lengths; // elements, by parameter; NULL: no lengths known
  const uint64_t *consts;  // bits, by constant; NULL: the defaults
  // Element of an output after the run, for SIZE_ELEMENT; NULL: an error.
  bool (*element)(void *user, uint32_t param, uint64_t index, uint32_t field,
                  uint64_t *bits);
  void *user;
} vy__size_env;

typedef enum vy__size_result {
  VY__SIZE_OK,
  VY__SIZE_OVERFLOW, // of signed 128-bit arithmetic
  VY__SIZE_NEGATIVE,
  VY__SIZE_TOO_LARGE, // 2^63 or more
  VY__SIZE_DIV_ZERO,
  VY__SIZE_UNKNOWN, // needs something that env does not give
} vy__size_result;
// Allocates nothing. What is not simple (below) is an OVERFLOW.
vy__size_result vy__size_eval(const vy__ir *ir, uint32_t node,
                              const vy__size_env *env, uint64_t *out);
// The buffer whose length `param` has because it is declared as len(buffer),
// be it through others that are; else `param`.
uint32_t vy__size_root(const vy__ir *ir, uint32_t param);
// Evaluates within VY__MAX_NESTING levels and VY__MAX_SIZE_NODES steps? (Nodes
// may be shared, so this is not the number of nodes.)
bool vy__size_is_simple(const vy__ir *ir, uint32_t node);
// The expression as text, for errors ("len(x) * 2"). Cut to fit.
void vy__size_text(const vy__ir *ir, uint32_t node, char *out, size_t size);

// Does a C struct (nested ones allowed) have exactly these fields and size?
// Needed so that every layout can be printed.
bool vy__layout_is_c(const vy__field *fields, uint32_t count, uint32_t size);

#endif
