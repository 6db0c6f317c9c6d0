// Programs of which lowering finds, or must not find, that they store all of
// their output (lower/cover.c), and launches at which they just do, or do not.
#ifndef TESTS_SUPPORT_COVERS_H
#define TESTS_SUPPORT_COVERS_H

#include <stdbool.h>
#include <stdint.h>

// program p(n: u32, m: u32, x: read u32[], y: write T[]). What is found: the
// row, then bounds of lane.x and lane.y, then *N: N elements a lane, or /N: one
// for N lanes, then @N: N times; "": nothing.
typedef struct cover_case {
  const char *covers, *text;
} cover_case;
extern const cover_case cover_cases[];
extern const uint32_t cover_case_count;

// Lanes (or groups), n and the length of y: such that y is just stored, and
// each of them a little off. x has COVER_X elements, and y at most
// COVER_MOST elements of eight bytes.
enum { COVER_LAUNCHES = 36, COVER_X = 50, COVER_MOST = 1960 };
typedef struct cover_launch {
  bool groups;
  uint64_t domain[3];
  uint32_t n, m, length;
} cover_launch;
cover_launch cover_launch_of(const cover_case *c, uint32_t turn);

#endif
