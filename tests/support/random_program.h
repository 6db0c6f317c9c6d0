// Random valid programs, the same for the same seed: integers and floats,
// variables, ifs, loops with jumps, loads and stores inside and outside,
// arrays, atomics, groups with collectives. They are free of races, end, and
// depend on nothing but their arguments, so that any two ways to run one must
// give the same bytes.
#ifndef TESTS_RANDOM_PROGRAM_H
#define TESTS_RANDOM_PROGRAM_H

#include <stdbool.h>

#include <vyre/vyre.h>

enum {                // what a program may be made of
  RANDOM_FLOATS = 1,  // f32, f64
  RANDOM_WIDE = 2,    // 64 bits
  RANDOM_GROUPS = 4,  // about half are `groups` programs
  RANDOM_LOOPS = 8,   // for, while, break, continue
  RANDOM_ARRAYS = 16, // private arrays and tables
  RANDOM_ATOMICS = 32,
  RANDOM_REGISTERS = 64, // private arrays at constant indices, short loops
  RANDOM_ALL = 127,
  RANDOM_NEIGHBOURS = 128, // elements by fours, in conditions of loops too
  RANDOM_WINDOWS = 256,    // accesses of lanes side by side
  RANDOM_ABREAST = 512,    // nothing else: what lanes of a thread do abreast
};
enum { RANDOM_FIXED = 64 }; // length of a buffer that is read and has one

typedef struct random_options {
  uint32_t features; // RANDOM_*; 0: all
  uint32_t size;     // statements, roughly; 0: 40
} random_options;

// False, with the errors on stderr, when the builder refuses it: a bug of the
// generator. `options` may be NULL.
bool random_program(vy_context *context, uint64_t seed,
                    const random_options *options, vy_program **out);

// Arguments for such a program, made from `seed`. Free with
// random_arguments_free, also when making them failed.
enum { RANDOM_PARAMS = 16 };
typedef struct random_arguments {
  vy_arg args[RANDOM_PARAMS];
  void *memory[RANDOM_PARAMS];
  uint32_t count, outputs;
} random_arguments;
bool random_arguments_make(const vy_program *program, uint64_t seed,
                           random_arguments *out);
void random_arguments_free(random_arguments *a);

// What a run gave. Free with random_result_free.
typedef struct random_result {
  vy_status status;
  char message[1024]; // of the first diagnostic; ""
  uint8_t *bytes;     // of all outputs, one after another; of a faulting run
  size_t size;        // none
} random_result;

// Compile and run such a program (or its lowered form) on arguments made from
// `seed`. flags: VY_COMPILE_*; `budget` 0: none.
random_result random_run(vy_device *device, vy_program *program, uint64_t seed,
                         uint32_t flags, uint64_t budget);
void random_result_free(random_result *r);
// Same status, message and bytes?
bool random_same(const random_result *a, const random_result *b);

#endif
