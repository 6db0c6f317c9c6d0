// Many threads share one disk cache that is too small for them all. Meant for
// the thread sanitizer; every hit is checked too.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include <vyre/vyre.h>

#include "pipeline/disk_cache.h"
#include "support/numbers.h"

enum { THREADS = 8, ROUNDS = 200, KEYS = 40, LARGEST = 4000, LIMIT = 60000 };

typedef struct worker {
  vy__disk *disk;
  uint64_t random;
  uint32_t hits, wrong; // cmocka's asserts belong to the main thread
} worker;

static size_t payload_of(uint32_t n, uint8_t *out) {
  uint64_t state = n;
  size_t size = numbers_next(&state) % LARGEST;
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t)numbers_next(&state);
  return size;
}

static void *work(void *user) {
  worker *w = user;
  uint8_t want[LARGEST], *got;
  for (uint32_t k = 0; k < ROUNDS; k++) {
    uint32_t n = (uint32_t)(numbers_next(&w->random) % KEYS);
    size_t size = payload_of(n, want), got_size;
    vy_hash key = vy__hash_bytes(&n, sizeof n);
    if (vy__disk_load(w->disk, &key, &got, &got_size)) {
      w->hits++;
      w->wrong += got_size != size || memcmp(got, want, size) != 0;
      vy__free(&w->disk->context->alloc, got, got_size);
    } else {
      vy__disk_save(w->disk, &key, want, size);
    }
  }
  return NULL;
}

static void one_cache_many_threads(void **state) {
  (void)state;
  char path[] = "threads-disk-XXXXXX", command[64];
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  vy_context *c = NULL;
  vy__disk disk;
  vy__disk_sum sum;
  pthread_t threads[THREADS];
  worker workers[THREADS];
  uint32_t hits = 0;
  assert_non_null(mkdtemp(path));
  desc.cache_path = path;
  desc.cache_bytes = LIMIT;
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_OK);
  assert_true(vy__disk_init(&disk, c));
  vy__disk_open(&disk);
  assert_true(disk.fd >= 0);
  for (uint32_t i = 0; i < THREADS; i++) {
    workers[i] = (worker){&disk, i, 0, 0};
    assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (uint32_t i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(workers[i].wrong, 0);
    hits += workers[i].hits;
  }
  assert_true(hits > 0);
  // The last save of all has looked at what there was before it.
  assert_true(vy__disk_scan(disk.fd, &c->alloc, UINT64_MAX, &sum));
  assert_true(sum.bytes <= LIMIT + THREADS * (LARGEST + 100));
  vy__disk_close(&disk);
  vy_context_release(c);
  snprintf(command, sizeof command, "rm -rf ./%s", path);
  assert_int_equal(system(command), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_cache_many_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
