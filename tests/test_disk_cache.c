// The disk cache: what is kept comes back, and nothing else does. Damage of
// every byte, foreign files, folders that are not to be trusted, the bound,
// dead writers, failing allocations.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vyre/vyre.h>

#include "pipeline/disk_cache.h"
#include "support/heap.h"

enum { HEADER = 88 };

typedef struct fixture {
  heap memory;
  char folder[64]; // of this test; the cache is "c" in it
  char path[80];
  vy_context *context;
  vy__disk disk;
  uint32_t logged;
  bool opened;
} fixture;

static void count_log(void *user, uint32_t level, vy_str message) {
  fixture *f = user;
  (void)level, (void)message;
  f->logged++;
}

static void open_path(fixture *f, const char *path, uint64_t limit) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = heap_allocator(&f->memory);
  desc.log = count_log;
  desc.log_user = f;
  desc.cache_path = path;
  desc.cache_bytes = limit;
  assert_int_equal(vy_context_create(&desc, &f->context, NULL), VY_OK);
  assert_true(vy__disk_init(&f->disk, f->context));
  vy__disk_open(&f->disk);
  f->opened = true;
}

static void close_cache(fixture *f) {
  if (f->opened) {
    vy__disk_close(&f->disk);
    vy_context_release(f->context);
  }
  f->opened = false;
  assert_true(heap_is_clean(&f->memory));
}

static int setup(void **state) {
  static fixture f;
  memset(&f, 0, sizeof f);
  strcpy(f.folder, "disk-cache-XXXXXX");
  if (!mkdtemp(f.folder))
    return 1;
  snprintf(f.path, sizeof f.path, "%s/c", f.folder);
  *state = &f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  char command[128];
  close_cache(f);
  snprintf(command, sizeof command, "rm -rf ./%s", f->folder);
  return system(command) != 0;
}

static vy_hash key_of(uint32_t n) { return vy__hash_bytes(&n, sizeof n); }

static void file_of(const fixture *f, uint32_t n, char out[256]) {
  char name[VY__DISK_NAME];
  vy_hash key = key_of(n);
  vy__disk_name(&key, name);
  snprintf(out, 256, "%s/%s", f->path, name);
}

// Payload of entry n: `size` bytes that depend on both.
static uint8_t *payload_of(uint32_t n, size_t size) {
  uint8_t *p = malloc(size + 1);
  assert_non_null(p);
  for (size_t i = 0; i < size; i++)
    p[i] = (uint8_t)(n * 31 + i * 7 + size);
  return p;
}

static void save(fixture *f, uint32_t n, size_t size) {
  vy_hash key = key_of(n);
  uint8_t *p = payload_of(n, size);
  vy__disk_save(&f->disk, &key, p, size);
  free(p);
}

// Whether entry n is there; it must then be right.
static bool hit(fixture *f, uint32_t n, size_t size) {
  vy_hash key = key_of(n);
  uint8_t *got = NULL;
  size_t got_size = 0;
  if (!vy__disk_load(&f->disk, &key, &got, &got_size))
    return false;
  uint8_t *want = payload_of(n, size);
  assert_int_equal(got_size, size);
  assert_memory_equal(got, want, size);
  free(want);
  vy__free(&f->context->alloc, got, got_size);
  return true;
}

static vy__disk_sum sum_of(fixture *f) {
  vy__disk_sum sum;
  assert_true(vy__disk_scan(f->disk.fd, &f->context->alloc, UINT64_MAX, &sum));
  return sum;
}

// Set the last use of entry n to a time of the past.
static void age(const fixture *f, uint32_t n, int64_t seconds) {
  char file[256];
  struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
  file_of(f, n, file);
  assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
}

static uint8_t *read_file(const char *path, size_t *size) {
  struct stat st;
  int fd = open(path, O_RDONLY);
  assert_true(fd >= 0 && !fstat(fd, &st));
  uint8_t *p = malloc((size_t)st.st_size + 1);
  assert_non_null(p);
  assert_int_equal(read(fd, p, (size_t)st.st_size), st.st_size);
  close(fd);
  *size = (size_t)st.st_size;
  return p;
}

static void write_file(const char *path, const void *data, size_t size) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, data, size), size);
  close(fd);
}

// ---- entries

static void what_is_kept_comes_back(void **state) {
  fixture *f = *state;
  static const size_t sizes[] = {0, 1, 63, 64, 4096, 1 << 20};
  open_path(f, f->path, 0);
  for (uint32_t i = 0; i < 6; i++) {
    assert_false(hit(f, i, sizes[i]));
    save(f, i, sizes[i]);
    assert_true(hit(f, i, sizes[i]));
    assert_true(hit(f, i, sizes[i]));
  }
  save(f, 1, 100); // replaced by what came last
  assert_true(hit(f, 1, 100));
  assert_int_equal(f->logged, 0);
  close_cache(f);
  open_path(f, f->path, 0); // another process, as it were
  assert_true(hit(f, 1, 100));
  assert_true(hit(f, 5, 1 << 20));
  assert_int_equal(sum_of(f).entries, 6);
}

static void damage_is_a_miss(void **state) {
  fixture *f = *state;
  enum { SIZE = 100 };
  char file[256];
  size_t size;
  open_path(f, f->path, 0);
  save(f, 7, SIZE);
  file_of(f, 7, file);
  uint8_t *good = read_file(file, &size);
  assert_int_equal(size, HEADER + SIZE);
  for (size_t i = 0; i < size; i++)
    for (uint32_t bit = 0; bit < 8; bit++) {
      good[i] ^= (uint8_t)(1u << bit);
      write_file(file, good, size);
      if (hit(f, 7, SIZE))
        fail_msg("byte %zu, bit %u changed: a hit", i, bit);
      good[i] ^= (uint8_t)(1u << bit);
    }
  for (size_t i = 0; i < size; i++) { // cut short, or torn: zeros at the end
    write_file(file, good, i);
    assert_false(hit(f, 7, SIZE));
    uint8_t *torn = calloc(1, size);
    assert_non_null(torn);
    memcpy(torn, good, i);
    write_file(file, torn, size);
    assert_false(hit(f, 7, SIZE));
    free(torn);
  }
  good[size] = 0;
  write_file(file, good, size + 1);
  assert_false(hit(f, 7, SIZE));
  assert_true(f->logged > 0);
  save(f, 7, SIZE); // replaced
  assert_true(hit(f, 7, SIZE));
  free(good);
}

static void another_key_is_a_miss(void **state) {
  fixture *f = *state;
  char one[256], two[256];
  open_path(f, f->path, 0);
  save(f, 1, 50);
  file_of(f, 1, one);
  file_of(f, 2, two);
  assert_int_equal(rename(one, two), 0);
  assert_false(hit(f, 1, 50));
  assert_false(hit(f, 2, 50));
  save(f, 2, 50);
  assert_true(hit(f, 2, 50));
}

static void only_plain_files_of_ones_own(void **state) {
  fixture *f = *state;
  char file[256], other[256];
  open_path(f, f->path, 0);
  save(f, 1, 50);
  file_of(f, 1, file);
  snprintf(other, sizeof other, "%s/other", f->folder);
  static const mode_t modes[] = {0644, 0660, 0602, 0700, 0400, 04600};
  for (size_t i = 0; i < VY__COUNT(modes); i++) {
    assert_int_equal(chmod(file, modes[i]), 0);
    assert_false(hit(f, 1, 50));
  }
  assert_int_equal(chmod(file, 0600), 0);
  assert_true(hit(f, 1, 50));
  assert_int_equal(link(file, other), 0); // one more name
  assert_false(hit(f, 1, 50));
  assert_int_equal(unlink(file), 0);
  assert_int_equal(symlink("../other", file), 0);
  assert_false(hit(f, 1, 50));
  save(f, 1, 50); // replaces the link, not what it names
  assert_true(hit(f, 1, 50));
  assert_int_equal(unlink(file), 0);
  assert_int_equal(mkfifo(file, 0600), 0);
  assert_false(hit(f, 1, 50));
  assert_int_equal(unlink(file), 0);
  assert_int_equal(mkdir(file, 0700), 0);
  assert_false(hit(f, 1, 50));
  save(f, 1, 50);
  assert_false(hit(f, 1, 50));
  assert_int_equal(rmdir(file), 0);
  save(f, 1, 50);
  assert_true(hit(f, 1, 50));
  if (geteuid() == 0) {
    assert_int_equal(chown(file, 65534, (gid_t)-1), 0);
    assert_false(hit(f, 1, 50));
  }
}

// ---- the folder

static void is_off(fixture *f, const char *path, uint32_t logged) {
  f->logged = 0;
  open_path(f, path, 0);
  assert_int_equal(f->disk.fd, -1);
  assert_int_equal(f->logged, logged);
  save(f, 1, 50);
  assert_false(hit(f, 1, 50));
  vy_cache_info info = VY_CACHE_INFO_INIT;
  assert_int_equal(vy_cache_describe(f->context, &info), VY_OK);
  assert_int_equal(info.usable, 0);
  assert_int_equal(info.reason[0] != 0, logged != 0);
  assert_int_equal(vy_cache_clear(f->context, NULL), VY_OK);
  close_cache(f);
}

static void a_folder_not_to_be_trusted_is_not_used(void **state) {
  fixture *f = *state;
  char link_path[128], file[128], deep[128];
  assert_int_equal(mkdir(f->path, 0700), 0);
  static const mode_t modes[] = {0755, 0750, 0770, 0701, 01700, 0500};
  for (size_t i = 0; i < VY__COUNT(modes); i++) {
    assert_int_equal(chmod(f->path, modes[i]), 0);
    is_off(f, f->path, 1);
  }
  assert_int_equal(chmod(f->path, 0700), 0);
  snprintf(link_path, sizeof link_path, "%s/link", f->folder);
  assert_int_equal(symlink("c", link_path), 0);
  is_off(f, link_path, 1);
  snprintf(link_path, sizeof link_path, "%s/link//", f->folder);
  is_off(f, link_path, 1);
  snprintf(file, sizeof file, "%s/file", f->folder);
  write_file(file, "", 0);
  is_off(f, file, 1);
  snprintf(deep, sizeof deep, "%s/no/such/folder", f->folder);
  is_off(f, deep, 1);
  is_off(f, "", 0);
  if (geteuid() == 0) {
    assert_int_equal(chown(f->path, 65534, (gid_t)-1), 0);
    is_off(f, f->path, 1);
  }
}

static void the_folder_is_made(void **state) {
  fixture *f = *state;
  char parent[100], path[128];
  struct stat st;
  snprintf(parent, sizeof parent, "%s/cache", f->folder);
  snprintf(path, sizeof path, "%s/vyre", parent);
  open_path(f, path, 0);
  assert_true(f->disk.fd >= 0);
  assert_int_equal(stat(parent, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0700);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0700);
}

static void looking_makes_nothing(void **state) {
  fixture *f = *state;
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  vy_cache_info info = VY_CACHE_INFO_INIT;
  vy_context *c = NULL;
  vy_device *d = NULL;
  struct stat st;
  desc.cache_path = f->path;
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_OK);
  vy_device_desc device = VY_DEVICE_DESC_INIT; // its code is not kept
  device.name = vy_str_c("reference");
  assert_int_equal(vy_device_open(c, &device, &d, NULL), VY_OK);
  assert_int_equal(vy_cache_describe(c, &info), VY_OK);
  assert_int_equal(info.usable, 0);
  assert_true(vy__str_eq(info.path, vy_str_c(f->path)));
  assert_int_equal(vy_cache_clear(c, NULL), VY_OK);
  assert_int_equal(stat(f->path, &st), -1);
  vy_device_release(d);
  vy_context_release(c);
}

// A folder taken away under a process that uses it is no error either.
static void a_folder_that_vanishes(void **state) {
  fixture *f = *state;
  open_path(f, f->path, 0);
  assert_int_equal(rmdir(f->path), 0);
  save(f, 1, 50);
  assert_false(hit(f, 1, 50));
}

// ---- the bound

static void the_least_recently_used_go_first(void **state) {
  fixture *f = *state;
  enum { EACH = 1000, LIMIT = 20 * EACH };
  open_path(f, f->path, LIMIT);
  for (uint32_t n = 0; n < 16; n++) {
    save(f, n, EACH - HEADER);
    age(f, n, 1000 + n);
  }
  assert_true(hit(f, 3, EACH - HEADER)); // used now
  for (uint32_t n = 16; n < 21; n++) {
    save(f, n, EACH - HEADER);
    assert_true(sum_of(f).bytes <= LIMIT);
  }
  // The 21st made it too much; down to seven eighths.
  assert_int_equal(sum_of(f).bytes, 17 * EACH);
  for (uint32_t n = 0; n < 21; n++)
    assert_int_equal(hit(f, n, EACH - HEADER), n == 3 || n > 4);
}

static void the_bound_holds(void **state) {
  fixture *f = *state;
  enum { LIMIT = 50000 };
  open_path(f, f->path, LIMIT);
  for (uint32_t n = 0; n < 300; n++) {
    size_t size = n * 7919 % 5000;
    save(f, n, size);
    assert_true(sum_of(f).bytes <= LIMIT);
    assert_true(hit(f, n, size));
  }
  save(f, 1000, LIMIT); // larger than all there may be
  assert_false(hit(f, 1000, LIMIT));
  assert_true(sum_of(f).bytes > LIMIT / 2);
  // What others have added counts once it is looked at, as a first save does.
  close_cache(f);
  open_path(f, f->path, LIMIT / 4);
  save(f, 2000, 10);
  assert_true(sum_of(f).bytes <= LIMIT / 4);
  assert_true(hit(f, 2000, 10));
}

static void others_files_are_left_alone(void **state) {
  fixture *f = *state;
  char path[128];
  open_path(f, f->path, 10000);
  static const char *const names[] = {"README", "0123", ".hidden"};
  for (size_t i = 0; i < VY__COUNT(names); i++) {
    snprintf(path, sizeof path, "%s/%s", f->path, names[i]);
    write_file(path, "x", 1);
  }
  for (uint32_t n = 0; n < 30; n++)
    save(f, n, 1000);
  assert_int_equal(vy_cache_clear(f->context, NULL), VY_OK);
  assert_int_equal(sum_of(f).entries, 0);
  for (size_t i = 0; i < VY__COUNT(names); i++) {
    snprintf(path, sizeof path, "%s/%s", f->path, names[i]);
    assert_int_equal(unlink(path), 0);
  }
}

static void dead_writers_are_swept(void **state) {
  fixture *f = *state;
  char dead[128], alive[128];
  snprintf(dead, sizeof dead, "%s/new-0000000000000000", f->path);
  snprintf(alive, sizeof alive, "%s/new-0000000000000001", f->path);
  open_path(f, f->path, 0);
  write_file(dead, "half", 4);
  write_file(alive, "half", 4);
  int fd = open(alive, O_WRONLY);
  assert_true(fd >= 0);
  assert_int_equal(flock(fd, LOCK_EX), 0);
  save(f, 1, 10); // its first save looks at the folder
  assert_int_equal(access(dead, F_OK), -1);
  assert_int_equal(access(alive, F_OK), 0);
  close(fd);
  assert_int_equal(sum_of(f).entries, 1);
  assert_int_equal(access(alive, F_OK), -1);
}

static void describing_and_clearing(void **state) {
  fixture *f = *state;
  vy_cache_info info = VY_CACHE_INFO_INIT;
  open_path(f, f->path, 12345);
  save(f, 1, 10);
  save(f, 2, 20);
  assert_int_equal(vy_cache_describe(f->context, &info), VY_OK);
  assert_int_equal(info.usable, 1);
  assert_string_equal(info.reason, "");
  assert_int_equal(info.entries, 2);
  assert_int_equal(info.bytes, 2 * HEADER + 30);
  assert_int_equal(info.limit, 12345);
  assert_true(vy__str_eq(info.path, vy_str_c(f->path)));
  assert_int_equal(vy_cache_clear(f->context, NULL), VY_OK);
  assert_int_equal(vy_cache_describe(f->context, &info), VY_OK);
  assert_int_equal(info.entries, 0);
  assert_false(hit(f, 1, 10));
  save(f, 1, 10);
  assert_true(hit(f, 1, 10));
  assert_int_equal(vy_cache_describe(NULL, &info), VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_cache_describe(f->context, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  assert_int_equal(vy_cache_clear(NULL, NULL), VY_ERROR_INVALID_ARGUMENT);
}

// ---- out of memory

static void failing_allocations(void **state) {
  fixture *f = *state;
  open_path(f, f->path, 10000);
  for (uint32_t n = 0; n < 9; n++)
    save(f, n, 1000);
  heap *m = &f->memory;
  m->fail_at = m->asked + 1;
  assert_false(hit(f, 1, 1000)); // a miss, not damage
  assert_int_equal(f->logged, 0);
  assert_true(hit(f, 1, 1000));
  m->fail_from_then = 1;
  m->fail_at = m->asked + 1;
  for (uint32_t n = 9; n < 20; n++)
    save(f, n, 1000); // the bound waits for memory
  m->fail_at = 0;
  save(f, 20, 1000);
  assert_true(sum_of(f).bytes <= 10000);
  assert_true(hit(f, 20, 1000));
}

static void a_context_without_memory(void **state) {
  fixture *f = *state;
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  heap whole = {0};
  vy_context *c = NULL;
  desc.allocator = heap_allocator(&whole);
  desc.cache_path = f->path;
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_OK);
  vy_context_release(c);
  for (uint64_t n = 1; n <= whole.asked; n++) {
    heap m = {.fail_at = n};
    desc.allocator = heap_allocator(&m);
    assert_int_equal(vy_context_create(&desc, &c, NULL),
                     VY_ERROR_OUT_OF_HOST_MEMORY);
    assert_true(heap_is_clean(&m));
  }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(what_is_kept_comes_back),
      T(damage_is_a_miss),
      T(another_key_is_a_miss),
      T(only_plain_files_of_ones_own),
      T(a_folder_not_to_be_trusted_is_not_used),
      T(the_folder_is_made),
      T(looking_makes_nothing),
      T(a_folder_that_vanishes),
      T(the_least_recently_used_go_first),
      T(the_bound_holds),
      T(others_files_are_left_alone),
      T(dead_writers_are_swept),
      T(describing_and_clearing),
      T(failing_allocations),
      T(a_context_without_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
