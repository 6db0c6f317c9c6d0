// The builder under construction: the program so far, open blocks, collected
// errors. Handles are ids plus one; 0 is what a failed call gives.
#ifndef VY__BUILDER_H
#define VY__BUILDER_H

#include <vyre/builder.h>

#include "base/context.h"
#include "ir/ir.h"

enum { VY__BUILDER_ERRORS = 16 }; // kept; more are counted

typedef struct vy__build_error {
  vy__err code;
  uint32_t call; // which call, from 1
  char text[160];
} vy__build_error;

struct vy_builder {
  vy_context *context; // retained
  vy__ir ir;           // in the order of the calls
  vy__size *sizes;     // what size handles name; copied at each use
  size_t size_capacity;
  uint32_t size_count;
  vy__stmt_kind open[VY__MAX_NESTING];
  uint32_t depth;
  uint32_t calls, error_count;
  bool out_of_memory, finished;
  vy__build_error errors[VY__BUILDER_ERRORS];
};

// Start a call: false when `b` takes no more (NULL, finished, no memory).
bool vy__build_enter(vy_builder *b);
// Remember an error of the current call.
void vy__build_fail(vy_builder *b, vy__err code, const char *format, ...)
    VY__PRINTF(3, 4);
// Does the handle name one of `count` things? 0 is refused in silence.
bool vy__build_handle(vy_builder *b, uint32_t id, uint32_t count,
                      const char *what);
// Copy a size into the program; VY__NONE when it cannot be.
uint32_t vy__build_size(vy_builder *b, vy_size size);

// Array handles carry their space: space << 28 | index + 1.
enum { VY__ARRAY_SHIFT = 28 };

// Append an operation whose operands in v->a are handles (0: none); checked,
// and done at once when it is ordered. The handle of its value.
vy_val vy__build_value(vy_builder *b, vy__value v);
bool vy__build_stmt(vy_builder *b, vy__stmt s);

#endif
