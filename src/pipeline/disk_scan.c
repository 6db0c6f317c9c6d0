// The disk cache's folder as a whole: what it holds, what goes first, and what
// dead writers left. Files may vanish at any time: other processes clean up
// too.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "pipeline/disk_cache.h"

typedef struct entry {
  int64_t seconds; // of its last use
  int64_t nanoseconds;
  uint64_t size;
  char name[65];
} entry;

typedef struct scan {
  int folder;
  uint64_t most;
  const vy_allocator *alloc;
  void *at; // entry[]; empty unless some are to be chosen
  size_t count, capacity;
  vy__disk_sum *sum;
} scan;

// ---- names

static bool is_entry(const char *name) {
  return strlen(name) == 64 && strspn(name, "0123456789abcdef") == 64;
}

static bool is_temporary(const char *name) {
  return !strncmp(name, VY__DISK_TEMPORARY, strlen(VY__DISK_TEMPORARY));
}

// A writer holds the lock of its file as long as it lives.
static void sweep(int folder, const char *name) {
  int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return;
  if (!flock(fd, LOCK_EX | LOCK_NB))
    (void)unlinkat(folder, name, 0);
  close(fd);
}

// ---- listing

static bool list(scan *s, const char *name, const struct stat *st) {
  if (!vy__grow(s->alloc, &s->at, &s->capacity, s->count + 1, sizeof(entry)))
    return false;
  entry *e = (entry *)s->at + s->count++;
  e->seconds = st->st_mtim.tv_sec;
  e->nanoseconds = st->st_mtim.tv_nsec;
  e->size = (uint64_t)st->st_size;
  memcpy(e->name, name, sizeof e->name);
  return true;
}

static bool gone(int folder, const char *name) {
  return !unlinkat(folder, name, 0) || errno == ENOENT;
}

// One name of the folder. False when out of memory.
static bool look(scan *s, const char *name) {
  struct stat st;
  if (is_temporary(name)) {
    sweep(s->folder, name);
    return true;
  }
  if (!is_entry(name) || (s->most == 0 && gone(s->folder, name)) ||
      fstatat(s->folder, name, &st, AT_SYMLINK_NOFOLLOW))
    return true;
  s->sum->entries++;
  s->sum->bytes += (uint64_t)st.st_size;
  return s->most == 0 || s->most == UINT64_MAX || list(s, name, &st);
}

// Not readdir, which allocates.
static bool look_at_all(scan *s) {
  _Alignas(struct dirent64) char buffer[8192];
  bool ok = true;
  ssize_t n = -1;
  // A position of its own, whatever other threads do with the folder.
  int fd = openat(s->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  while (fd >= 0 && ok && (n = getdents64(fd, buffer, sizeof buffer)) > 0)
    for (ssize_t at = 0; ok && at < n;) {
      const struct dirent64 *e = (const void *)(buffer + at);
      ok = look(s, e->d_name);
      at += e->d_reclen;
    }
  if (fd >= 0)
    close(fd);
  return ok && n == 0;
}

// ---- removing

// Least recently used first; by name when the clock does not tell.
static bool before(const entry *a, const entry *b) {
  if (a->seconds != b->seconds)
    return a->seconds < b->seconds;
  if (a->nanoseconds != b->nanoseconds)
    return a->nanoseconds < b->nanoseconds;
  return strcmp(a->name, b->name) < 0;
}

// Let entry `i` of a heap with its first at the root sink to its place.
static void sink(entry *heap, size_t count, size_t i) {
  for (size_t child; (child = 2 * i + 1) < count; i = child) {
    if (child + 1 < count && before(&heap[child + 1], &heap[child]))
      child++;
    if (!before(&heap[child], &heap[i]))
      return;
    entry t = heap[i];
    heap[i] = heap[child];
    heap[child] = t;
  }
}

static void evict(scan *s, uint64_t target) {
  entry *heap = s->at;
  for (size_t i = s->count / 2; i-- > 0;)
    sink(heap, s->count, i);
  while (s->count && s->sum->bytes > target) {
    if (gone(s->folder, heap[0].name)) {
      s->sum->bytes -= heap[0].size;
      s->sum->entries--;
    }
    heap[0] = heap[--s->count];
    sink(heap, s->count, 0);
  }
}

bool vy__disk_scan(int folder, const vy_allocator *a, uint64_t most,
                   vy__disk_sum *sum) {
  *sum = (vy__disk_sum){0};
  scan s = {.folder = folder, .most = most, .alloc = a, .sum = sum};
  bool ok = look_at_all(&s);
  if (ok && sum->bytes > most)
    evict(&s, most - most / 8);
  vy__free(a, s.at, s.capacity * sizeof(entry));
  return ok;
}

// ---- for users

vy_status vy_cache_describe(vy_context *context, vy_cache_info *out) {
  vy_cache_info info = VY_CACHE_INFO_INIT;
  if (!context || !out)
    return VY_ERROR_INVALID_ARGUMENT;
  info.path = vy_str_c(context->cache_path);
  info.limit = context->cache_bytes;
  int fd = vy__disk_folder(context->cache_path, false, info.reason,
                           sizeof info.reason);
  if (context->cache_off)
    snprintf(info.reason, sizeof info.reason, "%s", context->cache_off);
  if (fd >= 0) {
    vy__disk_sum sum;
    (void)vy__disk_scan(fd, &context->alloc, UINT64_MAX, &sum);
    info.usable = 1;
    info.entries = sum.entries;
    info.bytes = sum.bytes;
    close(fd);
  }
  return vy__give_struct(out, &info, sizeof info);
}

vy_status vy_cache_clear(vy_context *context, vy_diags *diags) {
  char reason[160];
  if (!context)
    return vy__fail_argument(diags, "vy_cache_clear: context is NULL");
  int fd = vy__disk_folder(context->cache_path, false, reason, sizeof reason);
  if (fd < 0)
    return VY_OK;
  vy__disk_sum sum;
  bool ok = vy__disk_scan(fd, &context->alloc, 0, &sum);
  close(fd);
  if (ok && !sum.entries)
    return VY_OK;
  return vy__fail(diags, NULL, VY__E_CACHE_FOLDER,
                  "%llu entries of the disk cache in %s cannot be removed",
                  (unsigned long long)sum.entries, context->cache_path);
}
