// Cases: programs whose leading `//!` lines say what to run them on and what
// must come out (tests/cases/README.md). This parses them and runs them
// through the public API only, so that one corpus serves every device, option
// set and failure injection. The runner's own memory comes from malloc, never
// from the context under test.
#ifndef TESTS_CASE_H
#define TESTS_CASE_H

#include <stdbool.h>

#include <vyre/vyre.h>

enum { CASE_MAX_LINES = 64, CASE_MAX_CODES = 8 };

// `in`, `out`, `len` and `const` lines: one entry a name, lines joined.
typedef struct case_pair {
  char *name;
  char *values;
} case_pair;

typedef struct case_pairs {
  case_pair at[CASE_MAX_LINES];
  uint32_t count;
} case_pairs;

typedef struct case_codes {
  uint32_t at[CASE_MAX_CODES]; // 312 for VY0312
  uint32_t count;
} case_codes;

typedef struct case_file {
  char *name; // path, for messages and as the source's name
  char *text;
  size_t size;
  char *program; // NULL: the only one
  case_pairs ins, outs, lens, consts;
  case_pairs imports; // values: the imported text
  uint64_t lanes[3], groups[3];
  uint64_t budget;
  uint32_t iterations;
  bool set_lanes, set_groups, strict, clean, bounds, racy;
  case_codes errors, races, warnings;
} case_file;

// Parse the directives of `text`; imports are read from `folder`. False, with
// the reason in `why`, when a directive is wrong. Free in either case.
bool case_parse(case_file *c, const char *name, const char *text, size_t size,
                const char *folder, char *why, size_t why_size);
bool case_load(case_file *c, const char *path, char *why, size_t why_size);
void case_free(case_file *c);

// Paths of all `.vy` files under `folder` that are cases (imported files are
// not: they hold no program directive and live in folders named `lib`),
// sorted. Free with case_list_free.
char **case_list(const char *folder, size_t *count);
void case_list_free(char **paths, size_t count);

// How the arguments travel.
typedef enum case_mode {
  CASE_GROW,     // host memory in, library memory out
  CASE_MEMORY,   // caller's slots of exactly the right size
  CASE_IN_PLACE, // an update's slot is its own input
  CASE_RESIDENT, // every buffer resident, read back by download
  CASE_BATCH,    // three items of one batch
  CASE_PREPARED, // prepared once, run twice
  CASE_MODES,
} case_mode;

typedef struct case_options {
  vy_context *context;
  const char *device; // NULL: "reference"
  uint32_t lane_order;
  uint64_t order_seed;
  case_mode mode;
  uint32_t flags; // VY_COMPILE_* besides what the case asks for
  // Of the device, as in vy_device_desc.
  uint32_t threads, vector_width, cpu_features;
  bool lowered;      // run what vy_lower gives instead, after pass `after`
  const char *after; // NULL: all
} case_options;

// Run the case and judge it. `why` is "" when everything was as the case
// says. The status is that of the API call that ended the run, for tests that
// inject failures: those look at it before they look at `why`.
vy_status case_run(const case_file *c, const case_options *o, char *why,
                   size_t why_size);
// The same for vy_check and the lines race, warning and clean.
vy_status case_check(const case_file *c, vy_context *context, char *why,
                     size_t why_size);
// Parse the program of the case only.
vy_status case_program(const case_file *c, vy_context *context,
                       vy_program **out, vy_diags *diags);

#endif
