// For programs that know nothing of it: the fake driver from the start on.
#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"

__attribute__((constructor)) static void start(void) {
  (void)tuned_set(0);
  (void)emulate_start();
}

__attribute__((destructor)) static void stop(void) { emulate_stop(); }
