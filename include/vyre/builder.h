// Vyre: the builder, for programs that generate programs. The calls append
// to one program under construction; nothing is checked by the caller in
// between: what is wrong is collected and reported by vy_builder_finish. A
// call that went wrong gives the handle 0, which later calls accept in
// silence, so that one mistake is one error. The same program from text and
// from the builder has the same fingerprint. Part of <vyre/vyre.h>.
//
// A builder is used by one thread at a time. NULL as builder gives handle 0
// and does nothing. Handles belong to their builder.
#ifndef VYRE_BUILDER_H
#define VYRE_BUILDER_H

#include <vyre/core.h>
#include <vyre/program.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vy_builder vy_builder;

typedef struct vy_val { // a value
  uint32_t id;
} vy_val;
typedef struct vy_scalar { // a scalar parameter
  uint32_t id;
} vy_scalar;
typedef struct vy_buf { // a buffer parameter
  uint32_t id;
} vy_buf;
typedef struct vy_spec { // a specialization constant
  uint32_t id;
} vy_spec;
typedef struct vy_var { // a variable
  uint32_t id;
} vy_var;
typedef struct vy_arr { // a table, group array or private array
  uint32_t id;
} vy_arr;
typedef struct vy_size { // a size expression
  uint32_t id;
} vy_size;

// The operations, numbered as in the wire format; docs/operations.md says
// what each computes.
typedef enum vy_op {
  VY_OP_CONST = 1,
  VY_OP_SPEC = 2,
  VY_OP_PARAM = 3,
  VY_OP_LEN = 4,
  VY_OP_LEN64 = 5,
  VY_OP_LANE = 6,
  VY_OP_LOCAL = 7,
  VY_OP_GROUP_ID = 8,
  VY_OP_NUM_GROUPS = 9,
  VY_OP_GROUP_SIZE = 10,
  VY_OP_NUM_LANES = 11,
  VY_OP_LOOP_INDEX = 12,
  VY_OP_ADD = 20,
  VY_OP_SUB = 21,
  VY_OP_MUL = 22,
  VY_OP_DIV = 23,
  VY_OP_REM = 24,
  VY_OP_NEG = 25,
  VY_OP_ABS = 26,
  VY_OP_MIN = 27,
  VY_OP_MAX = 28,
  VY_OP_ABS_DIFF = 29,
  VY_OP_MUL_HIGH = 30,
  VY_OP_ADD_SAT = 31,
  VY_OP_SUB_SAT = 32,
  VY_OP_FMA = 33,
  VY_OP_SQRT = 34,
  VY_OP_AND = 40,
  VY_OP_OR = 41,
  VY_OP_XOR = 42,
  VY_OP_NOT = 43,
  VY_OP_SHL = 44,
  VY_OP_SHR = 45,
  VY_OP_ROTATE_LEFT = 46,
  VY_OP_ROTATE_RIGHT = 47,
  VY_OP_CLZ = 48,
  VY_OP_CTZ = 49,
  VY_OP_POPCOUNT = 50,
  VY_OP_REVERSE_BITS = 51,
  VY_OP_BYTE_SWAP = 52,
  VY_OP_FLOOR = 60,
  VY_OP_CEIL = 61,
  VY_OP_TRUNC = 62,
  VY_OP_ROUND_EVEN = 63,
  VY_OP_COPYSIGN = 64,
  VY_OP_ISNAN = 65,
  VY_OP_ISINF = 66,
  VY_OP_ISFINITE = 67,
  VY_OP_SIGNBIT = 68,
  VY_OP_EQ = 80,
  VY_OP_NE = 81,
  VY_OP_LT = 82,
  VY_OP_LE = 83,
  VY_OP_GT = 84,
  VY_OP_GE = 85,
  VY_OP_SELECT = 86,
  VY_OP_CONVERT = 87,
  VY_OP_BITCAST = 88,
  VY_OP_VAR_GET = 100,
  VY_OP_VAR_SET = 101,
  VY_OP_LOAD = 102,
  VY_OP_STORE = 103,
  VY_OP_LOAD_U16 = 104,
  VY_OP_LOAD_U32 = 105,
  VY_OP_LOAD_U64 = 106,
  VY_OP_STORE_U16 = 107,
  VY_OP_STORE_U32 = 108,
  VY_OP_STORE_U64 = 109,
  VY_OP_ATOMIC_LOAD = 120,
  VY_OP_ATOMIC_STORE = 121,
  VY_OP_ATOMIC_ADD = 122,
  VY_OP_ATOMIC_SUB = 123,
  VY_OP_ATOMIC_MIN = 124,
  VY_OP_ATOMIC_MAX = 125,
  VY_OP_ATOMIC_AND = 126,
  VY_OP_ATOMIC_OR = 127,
  VY_OP_ATOMIC_XOR = 128,
  VY_OP_ATOMIC_EXCHANGE = 129,
  VY_OP_ATOMIC_COMPARE_EXCHANGE = 130,
  VY_OP_BARRIER = 140,
  VY_OP_GROUP_REDUCE_ADD = 141,
  VY_OP_GROUP_REDUCE_MIN = 142,
  VY_OP_GROUP_REDUCE_MAX = 143,
  VY_OP_GROUP_REDUCE_AND = 144,
  VY_OP_GROUP_REDUCE_OR = 145,
  VY_OP_GROUP_REDUCE_XOR = 146,
  VY_OP_GROUP_SCAN_INCL_ADD = 147,
  VY_OP_GROUP_SCAN_EXCL_ADD = 148,
  VY_OP_GROUP_BROADCAST = 149,
  VY_OP_GROUP_SHUFFLE = 150,
  VY_OP_GROUP_ANY = 151,
  VY_OP_GROUP_ALL = 152,
  VY_OP_GROUP_BALLOT = 153,
  VY_OP_GROUP_RANK = 154,
} vy_op;

// `name` is the program's; it is copied, like all names and arrays that the
// calls below take. The builder keeps the context alive. Errors:
// OUT_OF_HOST_MEMORY, INVALID_ARGUMENT.
VY_API VY_NODISCARD vy_status vy_builder_create(vy_context *context,
                                                vy_str name, vy_builder **out,
                                                vy_diags *diags);
VY_API void vy_builder_release(vy_builder *builder);

// Validate and give the program. All errors of the calls before, each with the
// number of its call (vy_builder_create is 1), or else all errors of the
// validator, are reported. Once; after it only release remains. Errors:
// INVALID_PROGRAM, INVALID_ARGUMENT, OUT_OF_HOST_MEMORY.
VY_API VY_NODISCARD vy_status vy_builder_finish(vy_builder *builder,
                                                vy_program **out,
                                                vy_diags *diags);

// ---- sizes: expressions over literals, constants, scalars and lengths. A
// handle may be used any number of times.

VY_API vy_size vy_size_literal(vy_builder *builder, int64_t value);
VY_API vy_size vy_size_spec(vy_builder *builder, vy_spec constant);
VY_API vy_size vy_size_scalar(vy_builder *builder, vy_scalar scalar);
VY_API vy_size vy_size_len(vy_builder *builder, vy_buf buffer);
// An integer field of element `index` of an output; in readback bounds only.
VY_API vy_size vy_size_element(vy_builder *builder, vy_buf buffer,
                               vy_size index, uint32_t field);
// VY_OP_ADD, SUB, MUL, DIV, REM, MIN or MAX, in 128-bit integers.
VY_API vy_size vy_size_op(vy_builder *builder, vy_op op, vy_size a, vy_size b);

// ---- declarations, in order: parameters are numbered as they are declared

VY_API vy_spec vy_builder_const(vy_builder *builder, vy_str name, vy_type type,
                                uint64_t default_bits);
VY_API vy_scalar vy_builder_scalar(vy_builder *builder, vy_str name,
                                   vy_type type);
VY_API vy_buf vy_builder_buffer(vy_builder *builder, vy_str name,
                                vy_access access, vy_type type);

// A scalar of a struct element: its place in bytes and its storage type.
typedef struct vy_build_field {
  uint32_t offset;
  uint32_t type; // vy_type
} vy_build_field;
// A buffer of structs of `size` bytes; the layout must be that of a C struct.
VY_API vy_buf vy_builder_struct_buffer(vy_builder *builder, vy_str name,
                                       vy_access access, uint32_t size,
                                       const vy_build_field *fields,
                                       uint32_t field_count);
VY_API void vy_builder_set_length(vy_builder *builder, vy_buf buffer,
                                  vy_size length);
VY_API void vy_builder_set_readback(vy_builder *builder, vy_buf buffer,
                                    vy_size lo, vy_size hi);
// Exactly one of lanes and groups; group gives the lanes of a group. As many
// sizes, 1 to 3, in each.
VY_API void vy_builder_lanes(vy_builder *builder, uint32_t dimensions,
                             const vy_size *sizes);
VY_API void vy_builder_groups(vy_builder *builder, uint32_t dimensions,
                              const vy_size *sizes);
VY_API void vy_builder_group(vy_builder *builder, uint32_t dimensions,
                             const vy_size *sizes);
// `bits` as stored elements of `type`, one each.
VY_API vy_arr vy_builder_table(vy_builder *builder, vy_type type,
                               const uint64_t *bits, uint32_t count);
VY_API vy_arr vy_builder_group_array(vy_builder *builder, vy_type type,
                                     vy_size length);
// Zeroed here, each time that control comes by.
VY_API vy_arr vy_builder_private_array(vy_builder *builder, vy_type type,
                                       vy_size length);
// Zero in each lane until vy_build_set.
VY_API vy_var vy_builder_var(vy_builder *builder, vy_type type);

// ---- values. One may be used after the call that made it, in the same block
// and in those inside; a variable carries it out of an if or a loop.

VY_API vy_val vy_build_literal(vy_builder *builder, vy_type type,
                               uint64_t bits);
VY_API vy_val vy_build_scalar(vy_builder *builder, vy_scalar scalar);
VY_API vy_val vy_build_spec(vy_builder *builder, vy_spec constant);
VY_API vy_val vy_build_len(vy_builder *builder, vy_buf buffer);   // u32
VY_API vy_val vy_build_len64(vy_builder *builder, vy_buf buffer); // u64
// VY_OP_LANE, LOCAL, GROUP_ID, NUM_GROUPS, GROUP_SIZE or NUM_LANES of
// dimension 0 to 2.
VY_API vy_val vy_build_id(vy_builder *builder, vy_op op, uint32_t dimension);
// A pure operation of as many operands as it takes; {0} for the others.
VY_API vy_val vy_build_op(vy_builder *builder, vy_op op, vy_val a, vy_val b,
                          vy_val c);
VY_API vy_val vy_build_convert(vy_builder *builder, vy_type type, vy_val a);
VY_API vy_val vy_build_bitcast(vy_builder *builder, vy_type type, vy_val a);

// ---- memory: these happen where they are called. `field` is a scalar of the
// element, as vy_program_field numbers them: 0 where there is one only.

VY_API vy_val vy_build_get(vy_builder *builder, vy_var var);
VY_API void vy_build_set(vy_builder *builder, vy_var var, vy_val value);
VY_API vy_val vy_build_load(vy_builder *builder, vy_buf buffer, uint32_t field,
                            vy_val index);
VY_API void vy_build_store(vy_builder *builder, vy_buf buffer, uint32_t field,
                           vy_val index, vy_val value);
VY_API vy_val vy_build_read(vy_builder *builder, vy_arr array, vy_val index);
VY_API void vy_build_write(vy_builder *builder, vy_arr array, vy_val index,
                           vy_val value);
// VY_OP_LOAD_U16 ... VY_OP_STORE_U64 on a u8 buffer at any byte offset.
VY_API vy_val vy_build_load_bytes(vy_builder *builder, vy_op op, vy_buf buffer,
                                  vy_val offset);
VY_API void vy_build_store_bytes(vy_builder *builder, vy_op op, vy_buf buffer,
                                 vy_val offset, vy_val value);
// VY_OP_ATOMIC_*: as many of a and b as it takes, else {0}. Gives the old
// value ({0} for ATOMIC_STORE).
VY_API vy_val vy_build_atomic(vy_builder *builder, vy_op op, vy_buf buffer,
                              vy_val index, vy_val a, vy_val b);
VY_API vy_val vy_build_array_atomic(vy_builder *builder, vy_op op, vy_arr array,
                                    vy_val index, vy_val a, vy_val b);

// ---- the group

VY_API void vy_build_barrier(vy_builder *builder);
// VY_OP_GROUP_*; `index` only for broadcast and shuffle, else {0}.
VY_API vy_val vy_build_collective(vy_builder *builder, vy_op op, vy_val a,
                                  vy_val index);
VY_API vy_val vy_build_rank(vy_builder *builder, vy_val key, uint32_t bits);

// ---- control. Each if, while, for and block ends with vy_build_end.

VY_API void vy_build_if(vy_builder *builder, vy_val condition);
VY_API void vy_build_else(vy_builder *builder);
// What is between while and while_condition runs before each test.
VY_API void vy_build_while(vy_builder *builder);
VY_API void vy_build_while_condition(vy_builder *builder, vy_val condition);
// Gives the loop's variable, from lo up to but without hi. All three are of one
// integer type; `step` must be given.
VY_API vy_val vy_build_for(vy_builder *builder, vy_val lo, vy_val hi,
                           vy_val step);
VY_API void vy_build_block(vy_builder *builder);
VY_API void vy_build_end(vy_builder *builder);
VY_API void vy_build_break(vy_builder *builder);
VY_API void vy_build_continue(vy_builder *builder);
VY_API void vy_build_leave(vy_builder *builder); // the innermost block
VY_API void vy_build_return(vy_builder *builder);

// ---- conveniences

static inline vy_val vy_none(void) {
  vy_val v = {0};
  return v;
}
static inline vy_val vy_u32(vy_builder *b, uint32_t x) {
  return vy_build_literal(b, VY_TYPE_U32, x);
}
static inline vy_val vy_i32(vy_builder *b, int32_t x) {
  return vy_build_literal(b, VY_TYPE_I32, (uint32_t)x);
}
static inline vy_val vy_u64(vy_builder *b, uint64_t x) {
  return vy_build_literal(b, VY_TYPE_U64, x);
}
static inline vy_val vy_i64(vy_builder *b, int64_t x) {
  return vy_build_literal(b, VY_TYPE_I64, (uint64_t)x);
}
static inline vy_val vy_bool(vy_builder *b, int x) {
  return vy_build_literal(b, VY_TYPE_BOOL, x != 0);
}
static inline vy_val vy_f32(vy_builder *b, float x) {
  union {
    float f;
    uint32_t u;
  } bits;
  bits.f = x;
  return vy_build_literal(b, VY_TYPE_F32, bits.u);
}
static inline vy_val vy_f64(vy_builder *b, double x) {
  union {
    double f;
    uint64_t u;
  } bits;
  bits.f = x;
  return vy_build_literal(b, VY_TYPE_F64, bits.u);
}
static inline vy_val vy_lane(vy_builder *b) {
  return vy_build_id(b, VY_OP_LANE, 0);
}
static inline vy_val vy_add(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_ADD, x, y, vy_none());
}
static inline vy_val vy_sub(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_SUB, x, y, vy_none());
}
static inline vy_val vy_mul(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_MUL, x, y, vy_none());
}
static inline vy_val vy_div(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_DIV, x, y, vy_none());
}
static inline vy_val vy_rem(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_REM, x, y, vy_none());
}
static inline vy_val vy_min(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_MIN, x, y, vy_none());
}
static inline vy_val vy_max(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_MAX, x, y, vy_none());
}
static inline vy_val vy_and(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_AND, x, y, vy_none());
}
static inline vy_val vy_or(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_OR, x, y, vy_none());
}
static inline vy_val vy_xor(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_XOR, x, y, vy_none());
}
static inline vy_val vy_shl(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_SHL, x, y, vy_none());
}
static inline vy_val vy_shr(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_SHR, x, y, vy_none());
}
static inline vy_val vy_eq(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_EQ, x, y, vy_none());
}
static inline vy_val vy_ne(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_NE, x, y, vy_none());
}
static inline vy_val vy_lt(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_LT, x, y, vy_none());
}
static inline vy_val vy_le(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_LE, x, y, vy_none());
}
static inline vy_val vy_gt(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_GT, x, y, vy_none());
}
static inline vy_val vy_ge(vy_builder *b, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_GE, x, y, vy_none());
}
static inline vy_val vy_neg(vy_builder *b, vy_val x) {
  return vy_build_op(b, VY_OP_NEG, x, vy_none(), vy_none());
}
static inline vy_val vy_not(vy_builder *b, vy_val x) {
  return vy_build_op(b, VY_OP_NOT, x, vy_none(), vy_none());
}
static inline vy_val vy_abs(vy_builder *b, vy_val x) {
  return vy_build_op(b, VY_OP_ABS, x, vy_none(), vy_none());
}
static inline vy_val vy_sqrt(vy_builder *b, vy_val x) {
  return vy_build_op(b, VY_OP_SQRT, x, vy_none(), vy_none());
}
static inline vy_val vy_fma(vy_builder *b, vy_val x, vy_val y, vy_val z) {
  return vy_build_op(b, VY_OP_FMA, x, y, z);
}
static inline vy_val vy_select(vy_builder *b, vy_val c, vy_val x, vy_val y) {
  return vy_build_op(b, VY_OP_SELECT, c, x, y);
}

#ifdef __cplusplus
}
#endif
#endif
