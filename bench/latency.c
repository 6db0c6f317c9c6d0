#include "harness.h"
void run_latency(bench *b) { (void)b; }
