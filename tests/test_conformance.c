// Runs the conformance suite on every device of its table.
#include "conformance/conformance.h"

extern const group arguments, outputs, calls, buffers, compiling, steady;

int main(void) {
  static const group *const groups[] = {&arguments, &outputs,   &calls,
                                        &buffers,   &compiling, &steady};
  int failed = 0;
  for (size_t d = 0; conformance_devices[d]; d++) {
    conformance_device = conformance_devices[d];
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
      char name[64];
      snprintf(name, sizeof name, "%s on %s", groups[g]->name,
               conformance_device);
      failed += _cmocka_run_group_tests(name, groups[g]->tests,
                                        groups[g]->count, NULL, NULL);
    }
  }
  return failed != 0;
}
