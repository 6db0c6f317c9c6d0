// The conformance suite on the cuda backend over the fake driver, each way in
// which its numbers may be set.
#include "conformance/conformance.h"
#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"

int main(void) {
  const fake_control *fake = emulate_start();
  int failed = 0;
  conformance_device = "cuda:0";
  for (int way = 0; way < TUNED_WAYS; way++)
    failed += conformance_run(tuned_set(way));
  emulate_stop();
  if (fake->live()) {
    fprintf(stderr, "%u objects of the driver are left\n", fake->live());
    failed++;
  }
  return failed ? 1 : 0;
}
