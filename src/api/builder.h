// The builder under construction: the program so far, open blocks, collected
// errors. A handle is an id plus one under a tag of its builder, so that the
// handle of another builder is told apart; 0 is what a failed call gives.
#ifndef VY__BUILDER_H
#define VY__BUILDER_H

#include <vyre/builder.h>

#include "base/context.h"
#include "ir/ir.h"

enum {
  VY__BUILDER_ERRORS = 64, // kept; more are counted
  // A handle: tag << VY__HANDLE_BITS | id + 1. Of an array the id has its
  // space on top: space << VY__ARRAY_BITS | index.
  VY__HANDLE_BITS = 21,
  VY__ARRAY_BITS = 16,
};
_Static_assert(VY__MAX_VALUES < 1 << VY__HANDLE_BITS, "a value has a handle");

typedef struct vy__build_error {
  vy__err code;
  uint32_t call; // which call, from 1
  char text[160];
} vy__build_error;

struct vy_builder {
  vy_context *context; // retained
  uint32_t tag;        // of its handles; not 0
  vy__ir ir;           // in the order of the calls
  vy__size *sizes;     // what size handles name; copied at each use
  size_t size_capacity;
  uint32_t size_count;
  vy__stmt_kind open[VY__MAX_NESTING];
  uint32_t depth;
  uint32_t beyond; // open blocks that are too deep to be in `open`
  uint32_t calls, error_count;
  bool out_of_memory, finished;
  vy__build_error errors[VY__BUILDER_ERRORS];
};

// Start a call: false when `b` takes no more (NULL, finished, no memory).
bool vy__build_enter(vy_builder *b);
// Remember an error of the current call.
void vy__build_fail(vy_builder *b, vy__err code, const char *format, ...)
    VY__PRINTF(3, 4);
// The handle of `id`. VY__NONE: memory is out, which is remembered; 0.
uint32_t vy__build_handle(vy_builder *b, uint32_t id);
// What the handle of one of `count` things names; VY__NONE when it names
// none. That is an error, save for the 0 of a call that failed.
uint32_t vy__build_index(vy_builder *b, uint32_t handle, uint32_t count,
                         const char *what);
// Is it the type of a value? Else an error.
bool vy__build_value_type(vy_builder *b, vy_type type);
// Take a name into the program; VY__NONE when it cannot be one.
uint32_t vy__build_name(vy_builder *b, vy_str name);
// Copy a size into the program; VY__NONE when it cannot be.
uint32_t vy__build_size(vy_builder *b, vy_size size);

// Append an operation whose operands in v->a are handles (0: none); checked,
// and done at once when it is ordered. The handle of its value.
vy_val vy__build_value(vy_builder *b, vy__value v);
bool vy__build_stmt(vy_builder *b, vy__stmt s);

#endif
