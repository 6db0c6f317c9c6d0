// Runs the conformance suite on every device of its table, or on one.
#include "conformance/conformance.h"

static int run(void) { return conformance_run(conformance_device); }

int main(int argc, char **argv) { return conformance_main(argc, argv, run); }
