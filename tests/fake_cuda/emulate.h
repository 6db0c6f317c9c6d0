// Stands for the emitter and for what the GPU does, so that the cuda backend's
// host side is tested without one: `vy__ptx_emit` is this one's (a program
// linked with it does not take the library's), and what it "compiles" the fake
// driver's launches run with the reference interpreter, over the memory that
// their records name.
#ifndef TESTS_FAKE_CUDA_EMULATE_H
#define TESTS_FAKE_CUDA_EMULATE_H

#include "fake_cuda/fake.h"

// Opens the fake driver for this process, before any device is; its control.
const fake_control *emulate_start(void);
// Frees what was compiled. No device is open.
void emulate_stop(void);

#endif
