// The examples of the error pages, as tests/docs/pages.awk makes them.
#ifndef TESTS_DOCS_PAGES_H
#define TESTS_DOCS_PAGES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <vyre/vyre.h>

typedef struct page_example {
  uint32_t code;    // 0: past the end
  uint32_t right;   // 0: must report the code; 1: must work
  const char *text; // a `vy` block
  vy_status (*function)(vy_context *context, vy_device *device,
                        vy_diags *diags); // a `c` block
} page_example;                           // neither: shown, not run

extern const page_example page_examples[];

#endif
