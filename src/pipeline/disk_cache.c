// Reading and writing entries of the disk cache.
//
// Nothing is synced: what a power loss tears is caught by the hash, and what
// it loses is compiled again. A writer holds a lock on its temporary file
// until the rename, so that others can tell one that died from one at work.
#define _GNU_SOURCE
#include "pipeline/disk_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct header {
  char magic[8];
  uint32_t version;
  uint32_t reserved;
  uint64_t size; // of the payload, which follows
  vy_hash key;
  vy_hash hash; // of the header before it and the payload
} header;

static const char magic[8] = "VYRECODE";
enum { VERSION = 1, ATTEMPTS = 8 };

static const char *error_name(int error) {
  const char *name = strerrorname_np(error);
  return name ? name : "unknown error";
}

// ---- the folder

// The folder and, if that is missing too, the one it stands in.
static void make_folder(const char *path) {
  char parent[4096];
  const char *slash = strrchr(path, '/');
  size_t n = slash ? (size_t)(slash - path) : 0;
  if (!mkdir(path, 0700) || errno != ENOENT || !n || n >= sizeof parent)
    return;
  memcpy(parent, path, n);
  parent[n] = 0;
  if (!mkdir(parent, 0700) || errno == EEXIST)
    (void)mkdir(path, 0700);
}

int vy__disk_folder(const char *path, bool create, char *reason, size_t size) {
  struct stat st;
  int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  reason[0] = 0;
  if (!path[0])
    return -1;
  int fd = open(path, flags);
  if (fd < 0 && errno == ENOENT && create) {
    make_folder(path);
    fd = open(path, flags);
  }
  if (fd < 0 || fstat(fd, &st)) {
    snprintf(reason, size, "the folder cannot be opened: %s",
             error_name(errno));
  } else if (st.st_uid != geteuid()) {
    snprintf(reason, size, "the folder belongs to user %lu, not %lu",
             (unsigned long)st.st_uid, (unsigned long)geteuid());
  } else if ((st.st_mode & 07777) != 0700) {
    snprintf(reason, size, "the folder has mode %04o; it must be 0700",
             (unsigned)(st.st_mode & 07777));
  } else {
    return fd;
  }
  if (fd >= 0)
    close(fd);
  return -1;
}

bool vy__disk_init(vy__disk *d, vy_context *context) {
  *d = (vy__disk){.context = context, .fd = -1, .limit = context->cache_bytes};
  return vy__mutex_init(&d->mutex);
}

void vy__disk_open(vy__disk *d) {
  char reason[160];
  const char *path = d->context->cache_path;
  d->fd = vy__disk_folder(path, true, reason, sizeof reason);
  if (d->context->cache_off)
    vy__log(d->context, VY_LOG_WARNING, "no disk cache: %s",
            d->context->cache_off);
  if (d->fd < 0 && reason[0])
    vy__log(d->context, VY_LOG_WARNING, "no disk cache in %s: %s", path,
            reason);
}

void vy__disk_close(vy__disk *d) {
  if (d->fd >= 0)
    close(d->fd);
  vy__mutex_destroy(&d->mutex);
}

void vy__disk_name(const vy_hash *key, char out[VY__DISK_NAME]) {
  vy__hash_hex(key, out);
}

// Note the time of the last use: the file's own, finer than what the system
// would write, so that uses in quick succession keep their order.
static void touch(int fd) {
  uint64_t now = vy__wall_ns();
  struct timespec t = {(time_t)(now / 1000000000), (long)(now % 1000000000)};
  struct timespec times[2] = {t, t};
  (void)futimens(fd, times);
}

// ---- reading

static bool read_all(int fd, void *to, size_t size) {
  char *at = to;
  while (size) {
    ssize_t n = read(fd, at, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    at += n;
    size -= (size_t)n;
  }
  return true;
}

static vy_hash hash_of(const header *h, const void *payload) {
  vy__hasher hasher;
  vy__hash_init(&hasher);
  vy__hash_update(&hasher, h, offsetof(header, hash));
  vy__hash_update(&hasher, payload, (size_t)h->size);
  return vy__hash_final(&hasher);
}

static header make_header(const vy_hash *key, size_t size) {
  header h = {.version = VERSION, .size = size, .key = *key};
  memcpy(h.magic, magic, sizeof magic);
  return h;
}

// A plain file of ours that nobody else may touch.
static bool is_ours(int fd, struct stat *st) {
  return !fstat(fd, st) && S_ISREG(st->st_mode) &&
         (st->st_mode & 07777) == 0600 && st->st_uid == geteuid() &&
         st->st_nlink == 1;
}

// IO: not what was written under this key.
static vy_status read_entry(vy__disk *d, int fd, const vy_hash *key,
                            uint8_t **bytes, size_t *size) {
  const vy_allocator *a = &d->context->alloc;
  struct stat st;
  header have;
  if (!is_ours(fd, &st) || !read_all(fd, &have, sizeof have))
    return VY_ERROR_IO;
  size_t payload = (size_t)st.st_size - sizeof have;
  header want = make_header(key, payload);
  if (memcmp(&have, &want, offsetof(header, hash)))
    return VY_ERROR_IO;
  uint8_t *data = vy__alloc(a, payload);
  if (!data)
    return VY_ERROR_OUT_OF_HOST_MEMORY;
  if (read_all(fd, data, payload)) {
    want.hash = hash_of(&have, data);
    if (!memcmp(&have.hash, &want.hash, sizeof want.hash)) {
      *bytes = data;
      *size = payload;
      return VY_OK;
    }
  }
  vy__free(a, data, payload);
  return VY_ERROR_IO;
}

bool vy__disk_load(vy__disk *d, const vy_hash *key, uint8_t **bytes,
                   size_t *size) {
  char name[VY__DISK_NAME];
  if (d->fd < 0)
    return false;
  vy__disk_name(key, name);
  // Not to be held up by a pipe of that name.
  int fd = openat(d->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return false;
  vy_status s = read_entry(d, fd, key, bytes, size);
  if (s == VY_OK)
    touch(fd);
  else if (s == VY_ERROR_IO)
    vy__log(d->context, VY_LOG_WARNING,
            "disk cache: entry %s is damaged or foreign; it is replaced", name);
  close(fd);
  return s == VY_OK;
}

// ---- writing

static bool write_all(int fd, const void *from, size_t size) {
  const char *at = from;
  while (size) {
    ssize_t n = write(fd, at, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    at += n;
    size -= (size_t)n;
  }
  return true;
}

// A file that nobody else has, locked, under a name that is likely new.
static int create_temporary(vy__disk *d, char name[VY__DISK_NAME]) {
  struct {
    uint64_t now, thread, attempt;
    const void *disk;
  } seed = {vy__now_ns(), (uint64_t)gettid(), 0, d};
  for (; seed.attempt < ATTEMPTS; seed.attempt++) {
    vy_hash h = vy__hash_bytes(&seed, sizeof seed);
    snprintf(name, VY__DISK_NAME, VY__DISK_TEMPORARY "%016llx",
             (unsigned long long)vy__get_u64(h.bytes));
    int fd = openat(d->fd, name,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
      (void)flock(fd, LOCK_EX | LOCK_NB);
      return fd;
    }
    if (errno != EEXIST)
      break;
  }
  return -1;
}

static bool write_entry(vy__disk *d, const vy_hash *key, const void *bytes,
                        size_t size) {
  char temporary[VY__DISK_NAME], name[VY__DISK_NAME];
  header h = make_header(key, size);
  h.hash = hash_of(&h, bytes);
  vy__disk_name(key, name);
  int fd = create_temporary(d, temporary);
  if (fd < 0)
    return false;
  bool ok = !fchmod(fd, 0600) && write_all(fd, &h, sizeof h) &&
            write_all(fd, bytes, size);
  if (ok) {
    touch(fd);
    ok = !renameat(d->fd, temporary, d->fd, name);
  }
  int error = errno;
  if (!ok)
    (void)unlinkat(d->fd, temporary, 0);
  close(fd);
  errno = error;
  return ok;
}

// Look at the whole folder when it may hold too much; others add to it too,
// so now and then in any case.
static void keep_bound(vy__disk *d, uint64_t size) {
  vy__mutex_lock(&d->mutex);
  d->total += size;
  d->added += size;
  if (!d->scanned || d->total > d->limit || d->added > d->limit / 16) {
    vy__disk_sum sum;
    vy__disk_scan(d->fd, &d->context->alloc, d->limit, &sum);
    d->total = sum.bytes;
    d->added = 0;
    d->scanned = true;
  }
  vy__mutex_unlock(&d->mutex);
}

void vy__disk_save(vy__disk *d, const vy_hash *key, const void *bytes,
                   size_t size) {
  if (d->fd < 0 || size > d->limit || size + sizeof(header) > d->limit)
    return;
  if (write_entry(d, key, bytes, size))
    keep_bound(d, size + sizeof(header));
  else
    vy__log(d->context, VY_LOG_WARNING,
            "disk cache: an entry cannot be written: %s", error_name(errno));
}
