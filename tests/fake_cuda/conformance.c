// The conformance suite on the cuda backend over the fake driver, each way in
// which its numbers may be set.
#include "conformance/conformance.h"
#include "fake_cuda/emulate.h"
#include "fake_cuda/tuned.h"

extern const group arguments, outputs, calls, buffers, compiling, steady,
    sequences, sequence_errors, sequence_random, batches;

static int run(const char *way) {
  static const group *const groups[] = {
      &arguments, &outputs,   &calls,           &buffers,         &compiling,
      &steady,    &sequences, &sequence_errors, &sequence_random, &batches};
  int failed = 0;
  for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
    char name[96];
    snprintf(name, sizeof name, "%s, %s", groups[g]->name, way);
    failed += _cmocka_run_group_tests(name, groups[g]->tests, groups[g]->count,
                                      NULL, NULL);
  }
  return failed;
}

int main(void) {
  const fake_control *fake = emulate_start();
  int failed = 0;
  conformance_device = "cuda:0";
  for (int way = 0; way < TUNED_WAYS; way++)
    failed += run(tuned_set(way));
  emulate_stop();
  if (fake->live()) {
    fprintf(stderr, "%u objects of the driver are left\n", fake->live());
    failed++;
  }
  return failed ? 1 : 0;
}
