// For programs that know nothing of it: the fake driver from the start on.
#include <stdlib.h>

#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"

__attribute__((constructor)) static void start(void) {
  setenv("VYRE_VERSUS", "cuda:0", 1); // in the place of the cpu device
  (void)tuned_set(0);
  (void)emulate_start();
}

__attribute__((destructor)) static void stop(void) { emulate_stop(); }
