// Where compiled code is kept on disk. Part of making a context.
#ifndef VY__CACHE_PLACE_H
#define VY__CACHE_PLACE_H

#include "base/base.h"

// *path: zero-terminated, "" when nothing is kept; free with its length + 1.
// `given` NULL: from the environment. *why says why nothing is kept, NULL if
// that is what was asked for; it lives for ever. False when out of memory.
bool vy__cache_place(const vy_allocator *a, const char *given, char **path,
                     const char **why);
// Bytes at most; `given` 0: from the environment.
uint64_t vy__cache_size(uint64_t given);

#endif
