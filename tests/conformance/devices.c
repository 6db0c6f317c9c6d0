// The devices that the suite runs on.
#include "conformance/conformance.h"

#include "support/versus.h"

static const char *const devices[] = {"reference", "cpu", "cuda:0"};

int conformance_main(int argc, char **argv, int (*run)(void)) {
  int failed = 0, missing = 0;
  for (size_t d = 0; d < sizeof devices / sizeof devices[0]; d++) {
    conformance_device = devices[d];
    if (argc > 1 && strcmp(argv[1], conformance_device))
      continue;
    int here = versus_missing(conformance_device);
    missing = here ? here : missing;
    if (!here)
      failed += run();
  }
  return failed ? 1 : missing;
}
