// Every pure operation of ops.def on every type it takes, as programs that
// apply many of them to the same operands, in each position that a backend
// may treat differently.
#ifndef TESTS_SUPPORT_OPERATIONS_H
#define TESTS_SUPPORT_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <vyre/vyre.h>

typedef struct operation {
  vy_op op;
  uint32_t operands;
  vy_type types[3];  // of the operands
  vy_type source[3]; // of the values they are made from: shifts take any
                     // amount, all made from a u64
  vy_type result;
} operation;

// All of them, those with the same sources side by side. The count.
size_t operations_all(operation *out, size_t room);
// As many of `at` as have the sources of at[0].
size_t operations_alike(const operation *at, size_t count);
const char *operation_name(const operation *o);
bool operations_same_sources(const operation *a, const operation *b);

// How operands vary. Tuple i of n is a[i], b[i], c[i].
typedef enum position {
  POSITION_LANE,    // tuple `lane`: y[k * n + lane]
  POSITION_MASKED,  // the same, in branches that two of three lanes take
  POSITION_LOOP,    // tuple (lane + 7 * trip) % n, in lane % 4 trips; what
                    // gives its first operand's type is applied again and again
  POSITION_UNIFORM, // all tuples in a loop: y[(k * n + i) * 3 + lane]
  POSITION_LEFT,    // a[lane], b[i], c[i] for all i < m: y[(k * m + i) * n +
                    // lane], m = len(b)
  POSITION_RIGHT,   // a[i], b[lane], c[lane]; m = len(a), n = len(b)
  POSITION_SCALAR,  // scalar parameters; 5 lanes: y[k * 5 + lane]
  POSITIONS,
} position;
enum { POSITION_UNIFORM_LANES = 3, POSITION_SCALAR_LANES = 5 };
extern const char *const position_names[POSITIONS];

// A program of operations with the same sources. Parameters: one for each
// source (buffers of its type, of u32 for bool; scalars for
// POSITION_SCALAR), then one `write` buffer for each result type, in the order
// of first use; k counts the operations of one result type. NaN results are
// seen through stores.
vy_program *operations_program(vy_context *context, const operation *at,
                               size_t count, position position);
// The same, operand `where` being this literal (of the type of source).
vy_program *operations_literal(vy_context *context, const operation *at,
                               size_t count, uint32_t where, uint64_t bits);

#endif
