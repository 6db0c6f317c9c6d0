// Facts of types and operations, generated from types.def and ops.def. The
// rows are the only source; what is here is the expansion and the look-ups.
// Bad numbers give the zero row, never a fault.
#include "ir/ir.h"

typedef struct type_row {
  const char *name;
  uint8_t bits, bytes, kind, value_type;
} type_row;

static const type_row type_rows[] = {
    [VY_TYPE_NONE] = {"none", 0, 0, 0, VY_TYPE_NONE},
#define T(id, number, name, bits, bytes, kind, value)                          \
  [number] = {name, bits, bytes, VY__KIND_##kind, VY_TYPE_##value},
#include "ir/types.def"
#undef T
};

// types.def and vy_type agree.
#define T(id, number, name, bits, bytes, kind, value)                          \
  _Static_assert(VY_TYPE_##id == (number), "types.def: number of " name);
#include "ir/types.def"
#undef T

static const type_row *row_of_type(vy_type t) {
  uint32_t i = (uint32_t)t;
  return &type_rows[i < VY__COUNT(type_rows) ? i : 0];
}

uint32_t vy__type_bits(vy_type t) { return row_of_type(t)->bits; }
uint32_t vy__type_bytes(vy_type t) { return row_of_type(t)->bytes; }
enum vy__kind vy__type_kind(vy_type t) {
  return (enum vy__kind)row_of_type(t)->kind;
}
const char *vy__type_name(vy_type t) { return row_of_type(t)->name; }
vy_type vy__value_type(vy_type t) {
  return (vy_type)row_of_type(t)->value_type;
}

static bool is_name(vy_str s, const char *name) {
  return name && vy__str_eq(s, (vy_str){name, strlen(name)});
}

vy_type vy__type_from_name(vy_str name) {
  for (uint32_t i = 1; i < VY__COUNT(type_rows); i++)
    if (is_name(name, type_rows[i].name))
      return (vy_type)i;
  return VY_TYPE_NONE;
}

const char *vy_type_name(vy_type type) { return vy__type_name(type); }
uint32_t vy_type_size(vy_type type) { return vy__type_bytes(type); }

// Operand values that each signature uses.
enum {
  OPERANDS_CONST = 0,
  OPERANDS_REF = 0,
  OPERANDS_LEN32 = 0,
  OPERANDS_LEN64 = 0,
  OPERANDS_ID = 0,
  OPERANDS_INDEX = 0,
  OPERANDS_UN = 1,
  OPERANDS_BIN = 2,
  OPERANDS_TER = 3,
  OPERANDS_SHIFT = 2,
  OPERANDS_ABSDIFF = 2,
  OPERANDS_TEST = 1,
  OPERANDS_CMP = 2,
  OPERANDS_SELECT = 3,
  OPERANDS_CONVERT = 1,
  OPERANDS_BITCAST = 1,
  OPERANDS_VAR = 0,
  OPERANDS_VARSET = 1,
  OPERANDS_LOAD = 1,
  OPERANDS_STORE = 2,
  OPERANDS_BYTES_LOAD32 = 1,
  OPERANDS_BYTES_LOAD64 = 1,
  OPERANDS_BYTES_STORE32 = 2,
  OPERANDS_BYTES_STORE64 = 2,
  OPERANDS_ATOMIC0 = 1,
  OPERANDS_ATOMIC_STORE = 2,
  OPERANDS_ATOMIC1 = 2,
  OPERANDS_ATOMIC2 = 3,
  OPERANDS_NULLARY = 0,
  OPERANDS_SHUFFLE = 2,
  OPERANDS_VOTE = 1,
  OPERANDS_BALLOT = 1,
  OPERANDS_RANK = 1,
};

static const vy__op_info op_rows[VY__OP_LIMIT] = {
#define OP(id, number, text, sig_, types_, effect_, laws_, cost_, applies_,    \
           elements_, doc_)                                                    \
  [number] = {.name = text,                                                    \
              .doc = doc_,                                                     \
              .sig = VY__SIG_##sig_,                                           \
              .effect = VY__EFFECT_##effect_,                                  \
              .laws = VY__LAW_##laws_,                                         \
              .cost = VY__COST_##cost_,                                        \
              .applies = VY__OP_##applies_,                                    \
              .elements = elements_,                                           \
              .operands = OPERANDS_##sig_,                                     \
              .types = VY__TYPES_##types_},
#include "ir/ops.def"
#undef OP
};

const vy__op_info *vy__op_row(uint32_t op) {
  return &op_rows[op < VY__OP_LIMIT ? op : VY__OP_INVALID];
}

vy__op vy__op_from_name(vy_str name) {
  for (uint32_t i = 1; i < VY__OP_LIMIT; i++)
    if (is_name(name, op_rows[i].name))
      return (vy__op)i;
  return VY__OP_INVALID;
}

vy__op vy__op_gathers(uint32_t op) {
  vy__op applies = vy__op_applies(op);
  return applies == VY__OP_SUB ? VY__OP_ADD : applies;
}

uint32_t vy__op_time(uint32_t op) {
  static const uint8_t times[] = {[VY__COST_FREE] = 0,
                                  [VY__COST_SIMPLE] = 1,
                                  [VY__COST_CHEAP] = 1,
                                  [VY__COST_DEAR] = 8};
  return times[vy__op_row(op)->cost];
}
