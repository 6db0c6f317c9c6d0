// The devices that the suite runs on.
#include "conformance/conformance.h"

const char *const conformance_devices[] = {"reference", "cpu", NULL};
