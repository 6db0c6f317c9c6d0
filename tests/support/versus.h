// One program on the reference device and on others, all results compared bit
// for bit: outputs, and where a run fails its status and first diagnostic, the
// lane and the place included. Through the public API only.
//
// VYRE_VERSUS=reference puts the reference device, lanes reversed, in the
// place of every other: then the tests test themselves. VYRE_VERSUS=cuda:0 and
// the like put another device there, once and without the cpu's options.
// VYRE_FAILS=FOLDER writes what differs there as cases (tests/cases/README.md),
// the expected outputs being those of the reference.
#ifndef TESTS_SUPPORT_VERSUS_H
#define TESTS_SUPPORT_VERSUS_H

#include <stdbool.h>

#include <vyre/vyre.h>

// A device with its options; 0 is the device's own choice.
typedef struct versus_setting {
  const char *device;
  uint32_t vector_width, threads;
  uint32_t features; // VY_CPU_FEATURES_*: of a host that has no more
} versus_setting;

enum { VERSUS_MAX = 16 };

// The cpu device at every vector width, with the host's CPU features (the
// first five), with the least and with AVX2; and at 1, 2 and 8 threads.
enum { VERSUS_WIDTHS = 11, VERSUS_HOST = 5, VERSUS_THREADS = 3 };
extern const versus_setting versus_widths[VERSUS_WIDTHS],
    versus_threads[VERSUS_THREADS];
// One of each kind, others by turns.
versus_setting versus_of_host(uint32_t turn);
versus_setting versus_of_baseline(uint32_t turn);

typedef struct versus {
  vy_context *context;
  vy_device *reference;
  const versus_setting *settings;
  vy_device *devices[VERSUS_MAX];
  uint32_t count, failures, calls_failed, runs;
  uint32_t failed[VERSUS_MAX]; // of the failures, those of each device
} versus;

// Does this build have the device, and can it be opened here?
bool versus_has(const char *device);
// For main: 0, or after saying why not, what ctest shows as not run.
int versus_missing(const char *device);
// What stands in the setting's place, by VYRE_VERSUS.
const char *versus_device_name(const versus_setting *s);
// VY_CPU_FEATURES_* as far as this host has them.
uint32_t versus_features(const versus_setting *s);
const char *versus_features_name(const versus_setting *s);
// Is that a device without the settings of the cpu?
bool versus_is_other(const versus_setting *s);
// Open a device as the setting says.
vy_status versus_device(vy_context *context, const versus_setting *s,
                        vy_device **out, vy_diags *diags);

// Open all; skips the calling test where a device is not available. `context`
// NULL: one of its own.
void versus_open(versus *v, vy_context *context, const versus_setting *settings,
                 uint32_t count);
void versus_close(versus *v);
// With VYRE_TALLY set, as closing does for each setting: print a line of what
// ran with it.
void versus_tally(const versus_setting *s, uint32_t runs, uint32_t failures);

// How arguments travel to the other devices (the reference takes them as they
// are given).
typedef enum versus_mode {
  VERSUS_GROW = 0,      // as given, outputs in the library's memory
  VERSUS_RESIDENT,      // every buffer resident
  VERSUS_GUARDED_END,   // between guard pages, inputs read-only, outputs in the
                        // caller's memory: the page after is the next byte
  VERSUS_GUARDED_START, // likewise, the page before is
  VERSUS_MODES,
} versus_mode;

// Parse what must be right; fails the test with what is wrong.
vy_program *versus_parse(versus *v, const char *text);

typedef struct versus_call {
  const char *name; // for messages and files
  vy_program *program;
  const vy_arg *args;
  size_t arg_count;
  uint32_t flags;                     // VY_COMPILE_*
  const vy_dispatch_options *options; // may be NULL
  versus_mode mode;
} versus_call;

// Where the first difference is; setting UINT32_MAX: everywhere the same.
typedef struct versus_diff {
  uint32_t setting, output;
  uint64_t byte, count; // count: bytes that differ
} versus_diff;

// Run on all and compare. Says on the error stream what differs, and counts.
bool versus_same(versus *v, const versus_call *call, versus_diff *diff);

#endif
