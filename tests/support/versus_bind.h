// How the arguments of a call travel to a device, and its outputs back.
#ifndef TESTS_SUPPORT_VERSUS_BIND_H
#define TESTS_SUPPORT_VERSUS_BIND_H

#include "support/guarded.h"
#include "support/versus.h"

enum { VERSUS_ARGS = 64, VERSUS_MARGIN = 32 };

typedef struct versus_bound {
  vy_device *device;
  const versus_call *call;
  vy_outputs *outputs;
  vy_arg args[VERSUS_ARGS];
  vy_buffer buffers[VERSUS_ARGS];
  guarded in[VERSUS_ARGS], slots[VERSUS_ARGS];
} versus_bound;

// `expected`: outputs of the same call, which tell sizes; NULL: bind plainly.
void versus_bind(versus_bound *b, vy_context *context, vy_device *device,
                 const versus_call *call, const vy_outputs *expected);
void versus_unbind(versus_bound *b);
// A copy (malloc) of output `index`, VERSUS_MARGIN bytes before and after it,
// which are 0xA5 unless the device wrote there.
unsigned char *versus_take(const versus_bound *b, uint32_t index,
                           uint64_t *size);

#endif
