// Objects made ahead of time, linked into one library with nothing but
// libvyre-rt, and opened.
#ifndef TESTS_SUPPORT_AHEAD_H
#define TESTS_SUPPORT_AHEAD_H

#include <vyre/vyre.h>

#include "aot/aot.h"

typedef int (*ahead_run_fn)(const void *args, vy__aot_run *how);
typedef uint64_t (*ahead_count_fn)(const void *args);

typedef struct ahead_library {
  char folder[32];
  void *handle;
} ahead_library;

// False: no folder could be made here.
bool ahead_begin(ahead_library *l);
// Its names begin with `name`.
void ahead_add(const ahead_library *l, const char *name,
               const vy_ahead *object);
// `flags`: of the compiler, and more files; fails the test that calls.
void ahead_link(ahead_library *l, const char *flags);
// NAME_WHAT; fails the test where there is none.
void *ahead_symbol(const ahead_library *l, const char *name, const char *what);
// Removes the folder; false when it cannot.
bool ahead_end(ahead_library *l);

// A host's parallel_for: every other round on a thread of its own. `user`: a
// uint32_t that counts the calls.
void ahead_two_threads(void *user, uint64_t count,
                       void (*body)(void *data, uint64_t index), void *data);

#endif
