// Compiled code on disk: a folder of files named by key, shared by processes
// without locks. A file comes by rename and is never changed; whatever is
// wrong with one makes it a miss. The folder is trusted because it belongs to
// the effective user alone: it is opened once, checked, and used through its
// descriptor. Nothing here is an error of the caller: trouble is logged.
#ifndef VY__DISK_CACHE_H
#define VY__DISK_CACHE_H

#include "base/context.h"

typedef struct vy__disk {
  vy_context *context;
  int fd;         // of the folder; -1: off
  uint64_t limit; // bytes of all files
  vy__mutex mutex;
  // Under the mutex: what the folder holds, as the last scan found it and
  // this process has added to it since.
  uint64_t total, added;
  bool scanned;
} vy__disk;

// What makes a folder unusable goes to `reason`, which says nothing when the
// cache is off by choice. `create`: make it when it is not there.
int vy__disk_folder(const char *path, bool create, char *reason, size_t size);

// A cache that is off; false when out of memory.
bool vy__disk_init(vy__disk *d, vy_context *context);
// Open the context's folder; when it cannot be used the cache stays off.
void vy__disk_open(vy__disk *d);
void vy__disk_close(vy__disk *d);

// The payload kept under `key`, verified; free it with its size. False: miss.
bool vy__disk_load(vy__disk *d, const vy_hash *key, uint8_t **bytes,
                   size_t *size);
// Keep a payload, then drop the least recently used if there is too much.
void vy__disk_save(vy__disk *d, const vy_hash *key, const void *bytes,
                   size_t size);

// ---- the folder as a whole (disk_scan.c)

typedef struct vy__disk_sum {
  uint64_t entries, bytes; // left
} vy__disk_sum;

// Sum up the entries and remove files that dead writers left. If there are
// more than `most` bytes, remove entries, least recently used first, until
// there is some room again; 0 removes all, UINT64_MAX none. False when not
// everything could be looked at.
bool vy__disk_scan(int folder, const vy_allocator *a, uint64_t most,
                   vy__disk_sum *sum);

// Names in the folder: 64 hexadecimal digits, or a writer's temporary name.
enum { VY__DISK_NAME = 80 };
void vy__disk_name(const vy_hash *key, char out[VY__DISK_NAME]);
#define VY__DISK_TEMPORARY "new-"

#endif
