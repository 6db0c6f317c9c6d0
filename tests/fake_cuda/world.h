// A context, a device of the cuda backend over the fake driver, pipelines and
// buffers; and one of every way to use them, each checked.
#ifndef TESTS_FAKE_CUDA_WORLD_H
#define TESTS_FAKE_CUDA_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include <vyre/vyre.h>

#include "fake_cuda/fake.h"
#include "support/heap.h"

enum { N = 1000, LARGE = 1 << 14, BATCH = 5 };

typedef struct world {
  heap heap;
  vy_context *context;
  vy_device *device;
  vy_pipeline *add, *bump, *tick;
  vy_buffer x, y, n;
  vy_outputs *outputs[BATCH];
  vy_sequence *sequence;
  bool ready; // all of it is set up
  vy_diags diags;
  vy_diag records[8];
  char text[4096];
} world;

extern const fake_control *fake; // of emulate_start; set by main
extern uint32_t host_in[LARGE];

void clear_diags(world *w);
vy_status compile(world *w, const char *text, vy_pipeline **out);
// A zeroed world's context and device; `cache` is the folder on disk, "" none.
vy_status open_named(world *w, const char *name, const char *cache);
vy_status set_up(world *w); // all else
// Fails the test if anything is left, of the host's or of the driver's.
void shut(world *w);
// Use all that was set up; fails the test where results are wrong.
vy_status everything(world *w);

#endif
