// Operands for operations: values of a type at every place where something
// changes, their products, and random ones.
#ifndef TESTS_SUPPORT_OPERANDS_H
#define TESTS_SUPPORT_OPERANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vyre/program.h>

enum { OPERANDS_EDGES = 1024 };
// Edge values of a value type; `few`: a small set. The count.
size_t operands_edges(vy_type type, bool few, uint64_t *out);
// Values that are special to some operation: 0, 1, powers of two, ends.
size_t operands_literals(vy_type type, uint64_t *out);
// A random value: all bits alike, or of moderate size.
uint64_t operands_random(vy_type type, uint64_t *state);

// n tuples, as bytes of the stored type (u32 for bool), one array an operand.
typedef struct operands {
  void *data[3];
  uint64_t count[3]; // elements; n in each where they are tuples
  uint64_t size[3];  // bytes
} operands;

// All products of edge values of these types (NONE: no such operand), of few
// where `few`, then random ones and some that cancel.
operands operands_tuples(const vy_type types[3], bool few, size_t random);
// The edge values themselves, each operand on its own.
operands operands_each(const vy_type types[3], bool few);
// Elements [from, from + n) of each that has as many, else all.
operands operands_part(const operands *o, uint64_t from, uint64_t n);
// About n tuples out of all.
operands operands_sample(const operands *o, uint64_t n);
uint64_t operands_bits(const operands *o, uint32_t i, uint64_t at);
void operands_free(operands *o);

#endif
