// Many processes use one cache folder while they are killed at random moments.
// Whatever they leave, a hit is right, and nothing piles up. Each worker tells
// of each step by a byte through a pipe; the parent kills after a random
// number of steps, so the test is bounded by counts and needs no clock. Once
// with plain payloads, once with programs that are compiled and run.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vyre/vyre.h>

#include "pipeline/disk_cache.h"
#include "support/numbers.h"
#include "support/versus.h"

enum { WORKERS = 8, PATIENCE_MS = 120000 };

// What a step found: each is the byte that the worker sends.
enum { HIT = 'h', MISS = 'm', WRONG = 'x' };

typedef struct kind {
  // One step in a cache of its own, as a fresh process would do it.
  char (*step)(const char *path, uint64_t limit, uint64_t *random);
  uint64_t limit;
  uint32_t kills; // VYRE_FULL: twenty times as many
} kind;

static vy_context *context_at(const char *path, uint64_t limit) {
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  vy_context *c = NULL;
  desc.cache_path = path;
  desc.cache_bytes = limit;
  return vy_context_create(&desc, &c, NULL) == VY_OK ? c : NULL;
}

// ---- payloads: a number of bytes that follow from the key

enum { PAYLOADS = 64, LARGEST = 200000 };

static size_t payload_of(uint32_t n, uint8_t *out) {
  uint64_t state = n;
  size_t size = numbers_next(&state) % LARGEST;
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t)(i % 8 ? state >> (i % 8 * 8) : numbers_next(&state));
  return size;
}

static char payload_step(const char *path, uint64_t limit, uint64_t *random) {
  static uint8_t want[LARGEST];
  uint32_t n = (uint32_t)(numbers_next(random) % PAYLOADS);
  size_t size = payload_of(n, want), got_size;
  vy_hash key = vy__hash_bytes(&n, sizeof n);
  vy_context *c = context_at(path, limit);
  vy__disk disk;
  uint8_t *got;
  char result = WRONG;
  if (!c || !vy__disk_init(&disk, c))
    return WRONG;
  vy__disk_open(&disk);
  if (disk.fd < 0) {
    result = WRONG;
  } else if (vy__disk_load(&disk, &key, &got, &got_size)) {
    if (got_size == size && !memcmp(got, want, size))
      result = HIT;
    vy__free(&c->alloc, got, got_size);
  } else {
    vy__disk_save(&disk, &key, want, size);
    result = MISS;
  }
  vy__disk_close(&disk);
  vy_context_release(c);
  return result;
}

// ---- programs: compiled, run, and compared with the same in C

enum { PROGRAMS = 24, LANES = 100 };

static uint32_t in_c(uint32_t n, uint32_t v) {
  for (uint32_t k = 0; k < n % 7; k++)
    v = v * (2 * n + 1) + k;
  return (v ^ v >> (n % 31 + 1)) + n;
}

static vy_program *program_of(vy_context *c, uint32_t n) {
  char text[512];
  vy_source source = VY_SOURCE_INIT;
  vy_program *p = NULL;
  snprintf(text, sizeof text,
           "program p(x: update u32[]) {\n"
           "  lanes len(x);\n"
           "  var v = x[lane];\n"
           "  for k in 0u..%u { v = v * %u + k; }\n"
           "  x[lane] = (v ^ v >> %u) + %u;\n"
           "}\n",
           n % 7, 2 * n + 1, n % 31 + 1, n);
  source.text = vy_str_c(text);
  return vy_program_parse(c, &source, &p, NULL) == VY_OK ? p : NULL;
}

static bool runs_right(vy_context *c, vy_device *d, uint32_t n) {
  uint32_t in[LANES];
  vy_program *p = program_of(c, n);
  vy_outputs *o = NULL;
  bool ok = p && vy_outputs_create(c, 1, &o, NULL) == VY_OK;
  for (uint32_t i = 0; i < LANES; i++)
    in[i] = i * 2654435761u + n;
  vy_arg arg = vy_arg_host(in, sizeof in);
  ok = ok && vy_run(d, p, NULL, &arg, 1, NULL, o, NULL, NULL) == VY_OK &&
       vy_outputs_size(o, 0) == sizeof in;
  for (uint32_t i = 0; ok && i < LANES; i++)
    ok = ((const uint32_t *)vy_outputs_data(o, 0))[i] == in_c(n, in[i]);
  vy_outputs_release(o);
  vy_program_release(p);
  return ok;
}

static char program_step(const char *path, uint64_t limit, uint64_t *random) {
  vy_context *c = context_at(path, limit);
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  vy_counters counters = VY_COUNTERS_INIT;
  vy_device *d = NULL;
  desc.name = vy_str_c("cpu");
  bool ok = c && vy_device_open(c, &desc, &d, NULL) == VY_OK &&
            runs_right(c, d, (uint32_t)(numbers_next(random) % PROGRAMS)) &&
            vy_counters_read(c, &counters) == VY_OK &&
            counters.compiles + counters.disk_hits == 1;
  vy_device_release(d);
  vy_context_release(c);
  return !ok ? WRONG : counters.disk_hits ? HIT : MISS;
}

// ---- workers

typedef struct crowd {
  const kind *kind;
  char path[32];
  int pipe[2];
  pid_t pids[WORKERS];
  uint64_t random;
  uint64_t hits, misses;
} crowd;

static void start(crowd *c, uint32_t i) {
  uint64_t seed = numbers_next(&c->random);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid) {
    c->pids[i] = pid;
    return;
  }
  close(c->pipe[0]); // so that a write fails when nobody reads any more
  for (char sent = 0; sent != WRONG;) {
    sent = c->kind->step(c->path, c->kind->limit, &seed);
    if (write(c->pipe[1], &sent, 1) != 1)
      break;
  }
  _exit(1);
}

static void end(crowd *c, uint32_t i) {
  int status;
  assert_int_equal(kill(c->pids[i], SIGKILL), 0);
  assert_int_equal(waitpid(c->pids[i], &status, 0), c->pids[i]);
  assert_true(WIFSIGNALED(status)); // it had not ended by itself
}

static void await_step(crowd *c) {
  struct pollfd ready = {c->pipe[0], POLLIN, 0};
  char sent;
  assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
  assert_int_equal(read(c->pipe[0], &sent, 1), 1);
  assert_int_not_equal(sent, WRONG);
  c->hits += sent == HIT;
  c->misses += sent == MISS;
}

static uint32_t temporaries(const char *path) {
  uint32_t n = 0;
  DIR *folder = opendir(path);
  assert_non_null(folder);
  for (struct dirent *e; (e = readdir(folder));)
    n += !strncmp(e->d_name, VY__DISK_TEMPORARY, strlen(VY__DISK_TEMPORARY));
  closedir(folder);
  return n;
}

// Cleaned up, the folder holds no more than the living can have left.
static void look(const crowd *c, uint32_t living) {
  vy_context *context = context_at(c->path, c->kind->limit);
  vy_cache_info info = VY_CACHE_INFO_INIT;
  assert_non_null(context);
  assert_int_equal(vy_cache_describe(context, &info), VY_OK);
  assert_int_equal(info.usable, 1);
  assert_true(temporaries(c->path) <= 2 * living);
  // Each worker may have added an entry, or died, before it cleaned up.
  assert_true(info.bytes <= c->kind->limit + WORKERS * 2 * LARGEST);
  vy_context_release(context);
}

static void run_crowd(const kind *kind) {
  crowd c = {.kind = kind, .path = "cache-kill-XXXXXX", .random = 1};
  char command[64];
  assert_non_null(mkdtemp(c.path));
  assert_int_equal(pipe(c.pipe), 0);
  for (uint32_t i = 0; i < WORKERS; i++)
    start(&c, i);
  uint32_t kills = kind->kills * (numbers_full() ? 20 : 1);
  for (uint32_t k = 0; k < kills; k++) {
    for (uint64_t n = numbers_next(&c.random) % 6; n > 0; n--)
      await_step(&c);
    for (volatile uint64_t n = numbers_next(&c.random) % 100000; n > 0; n--)
      continue; // into the middle of a step
    uint32_t i = (uint32_t)(numbers_next(&c.random) % WORKERS);
    end(&c, i);
    start(&c, i);
    if (k % 16 == 0)
      look(&c, WORKERS);
  }
  while (!c.hits || !c.misses)
    await_step(&c);
  for (uint32_t i = 0; i < WORKERS; i++)
    end(&c, i);
  look(&c, 0);
  for (uint32_t i = 0; i < 4 * PAYLOADS; i++) // what the dead left is right
    assert_int_not_equal(kind->step(c.path, kind->limit, &c.random), WRONG);
  look(&c, 0);
  print_message("%u kills, %llu hits, %llu misses\n", kills,
                (unsigned long long)c.hits, (unsigned long long)c.misses);
  close(c.pipe[0]);
  close(c.pipe[1]);
  snprintf(command, sizeof command, "rm -rf ./%s", c.path);
  assert_int_equal(system(command), 0);
}

static void killed_with_payloads(void **state) {
  (void)state;
  static const kind payloads = {payload_step, 3 << 20, 150};
  run_crowd(&payloads);
}

static void killed_with_programs(void **state) {
  (void)state;
  static const kind programs = {program_step, 16 << 10, 40};
  if (!versus_has("cpu"))
    skip(); // main says so
  run_crowd(&programs);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(killed_with_payloads),
      cmocka_unit_test(killed_with_programs),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return failed ? failed : versus_missing("cpu");
}
