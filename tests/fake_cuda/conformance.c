// The conformance suite on the cuda backend over the fake driver.
#include "conformance/conformance.h"
#include "fake_cuda/emulate.h"

extern const group arguments, outputs, calls, buffers, compiling, steady,
    sequences, sequence_errors, sequence_random;

int main(void) {
  static const group *const groups[] = {
      &arguments, &outputs,   &calls,           &buffers,        &compiling,
      &steady,    &sequences, &sequence_errors, &sequence_random};
  const fake_control *fake = emulate_start();
  int failed = 0;
  conformance_device = "cuda:0";
  for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
    char name[64];
    snprintf(name, sizeof name, "%s over the fake driver", groups[g]->name);
    failed += _cmocka_run_group_tests(name, groups[g]->tests, groups[g]->count,
                                      NULL, NULL);
  }
  emulate_stop();
  if (fake->live()) {
    fprintf(stderr, "%u objects of the driver are left\n", fake->live());
    failed++;
  }
  return failed ? 1 : 0;
}
