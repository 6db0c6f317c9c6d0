// The groups of the suite.
#include "conformance/conformance.h"

extern const group arguments, outputs, calls, prepared, buffers, compiling,
    steady, batches, batches_random, sequences, sequence_errors,
    sequence_random, sequence_faults, stores_random;

int conformance_run(const char *where) {
  static const group *const groups[] = {
      &arguments,       &outputs,      &calls,           &prepared,
      &buffers,         &compiling,    &steady,          &batches,
      &batches_random,  &sequences,    &sequence_errors, &sequence_random,
      &sequence_faults, &stores_random};
  int failed = 0;
  for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
    char name[128];
    snprintf(name, sizeof name, "%s, %s", groups[g]->name, where);
    failed += _cmocka_run_group_tests(name, groups[g]->tests, groups[g]->count,
                                      NULL, NULL);
  }
  return failed;
}
