// Numbers for tests: a fixed random sequence, values of a float format at
// every place where something changes, and whether to test deeply.
#ifndef TESTS_NUMBERS_H
#define TESTS_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Deep tests: VYRE_FULL is set to something but 0.
bool numbers_full(void);

// The same sequence for the same start.
static inline uint64_t numbers_next(uint64_t *state) { // splitmix64
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

// Patterns of a float format: both signs of zeros, subnormals, powers of two
// and their neighbours, ties, ends of the integer types, overflow boundaries,
// infinities and NaNs. The count; at most NUMBERS_EDGES. `few`: a small set,
// for triples.
enum { NUMBERS_EDGES = 1024 };
size_t numbers_edges(int mant, int exp, bool few, uint64_t *out);

// A random pattern of the format, its exponent within `spread` of the bias.
uint64_t numbers_float(int mant, int exp, int spread, uint64_t *state);

#endif
