// Runs the conformance suite on every device of its table, or on one.
#include "conformance/conformance.h"

extern const group arguments, outputs, calls, buffers, compiling, steady,
    sequences, sequence_errors, sequence_random, batches;

static int run(void) {
  static const group *const groups[] = {
      &arguments, &outputs,   &calls,           &buffers,         &compiling,
      &steady,    &sequences, &sequence_errors, &sequence_random, &batches};
  int failed = 0;
  for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
    char name[64];
    snprintf(name, sizeof name, "%s on %s", groups[g]->name,
             conformance_device);
    failed += _cmocka_run_group_tests(name, groups[g]->tests, groups[g]->count,
                                      NULL, NULL);
  }
  return failed;
}

int main(int argc, char **argv) { return conformance_main(argc, argv, run); }
