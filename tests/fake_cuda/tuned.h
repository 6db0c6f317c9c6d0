// Other numbers for the cuda backend than measurements gave: a program linked
// with tuned.c has this instead of the library's, and may change it while no
// device is open.
#ifndef TESTS_FAKE_CUDA_TUNED_H
#define TESTS_FAKE_CUDA_TUNED_H

#define vy__cuda_tuned tuned_default // what the library has
#include "backend/cuda/cuda.h"
#undef vy__cuda_tuned

extern vy__cuda_tuning vy__cuda_tuned;

enum { TUNED_WAYS = 4 };
// Sets the numbers of way `way`, so that each path is taken by something.
// Returns its name.
const char *tuned_set(int way);

#endif
