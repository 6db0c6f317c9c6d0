// The layout of the bytes, shared by encoder and decoder; docs/wire.md says
// the same in words. Array rows are the in-memory structs of ir.h byte for
// byte: they have no padding and hosts are little-endian (base.h), so a whole
// array is one copy. The asserts below hold them to that.
#ifndef VY__WIRE_FORMAT_H
#define VY__WIRE_FORMAT_H

#include "ir/ir.h"

static const unsigned char vy__wire_magic[8] = {0x89, 'V',  'Y',  'B',
                                                '\r', '\n', 0x1a, '\n'};

enum {
  VY__WIRE_VERSIONED = 16, // magic and both versions: hashed with the section
  VY__WIRE_HEADER = 32,    // up to the section table
  VY__WIRE_ENTRY = 24,     // of the section table
};

typedef enum vy__wire_tag {
  VY__WIRE_SEMANTIC = 1,
  VY__WIRE_STRINGS = 2, // rest of the string pool
  VY__WIRE_NAMES = 3,
  VY__WIRE_POSITIONS = 4,
  VY__WIRE_FILES = 5,
  VY__WIRE_TAGS = 5,
} vy__wire_tag;

// Words of the head of the semantic section.
enum {
  VY__HEAD_NAME,
  VY__HEAD_USES_GROUPS,
  VY__HEAD_DIMENSIONS,
  VY__HEAD_DOMAIN,
  VY__HEAD_GROUP = VY__HEAD_DOMAIN + 3,
  VY__HEAD_COUNTS = VY__HEAD_GROUP + 3, // of the arrays, in order
  VY__HEAD_STRINGS = VY__HEAD_COUNTS + 11,
  VY__HEAD_ZERO,
  VY__HEAD_WORDS,
};

// The arrays of the semantic section, in order:
// A(array of vy__ir, its count, bytes of a row, limit of the count)
#define VY__WIRE_ARRAYS(A)                                                     \
  A(params, param_count, 36, VY__MAX_PARAMS)                                   \
  A(fields, field_count, 8, VY__MAX_PARAMS *VY__MAX_FIELDS)                    \
  A(consts, const_count, 16, VY__MAX_CONSTS)                                   \
  A(tables, table_count, 12, VY__MAX_TABLES)                                   \
  A(table_bits, table_bit_count, 8, VY__MAX_TABLES *VY__MAX_TABLE_ELEMENTS)    \
  A(vars, var_count, 4, VY__MAX_VARS)                                          \
  A(privates, private_count, 8, VY__MAX_ARRAYS)                                \
  A(groups, group_count, 8, VY__MAX_ARRAYS)                                    \
  A(sizes, size_count, 24, VY__MAX_SIZE_NODES)                                 \
  A(values, value_count, 32, VY__MAX_VALUES)                                   \
  A(stmts, stmt_count, 20, VY__MAX_STATEMENTS)

// The debug arrays: D(section, array, count, bytes of a row)
#define VY__WIRE_NAME_ARRAYS(D)                                                \
  D(value_names, value_count)                                                  \
  D(var_names, var_count)                                                      \
  D(private_names, private_count)                                              \
  D(group_names, group_count)                                                  \
  D(table_names, table_count)                                                  \
  D(field_names, field_count)
#define VY__WIRE_POS_ARRAYS(D)                                                 \
  D(value_pos, value_count)                                                    \
  D(stmt_pos, stmt_count)                                                      \
  D(param_pos, param_count)                                                    \
  D(size_pos, size_count)

#define A(array, count, bytes, limit)                                          \
  _Static_assert(sizeof(*((vy__ir *)0)->array) == bytes, #array);
VY__WIRE_ARRAYS(A)
#undef A
_Static_assert(sizeof(vy__pos) == 12, "positions");

// Id ranges, enum values, unused fields, structure: everything that later
// stages rely on to stay inside their arrays.
vy_status vy__wire_check(const vy__ir *ir, vy_diags *diags);

#endif
