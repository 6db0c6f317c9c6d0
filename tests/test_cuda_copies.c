// Parts of large copies, from inside: how they are cut into chunks, and stores
// that go past the caches.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include <cmocka.h>

#include "backend/cuda/cuda.h"

// ---- chunks

typedef struct plan {
  uint64_t size, chunk, least;
  bool out;
} plan;

// They follow each other from the begin to the end, none empty, none too large.
static vy__cuda_chunks check(plan p) {
  vy__cuda_chunks c;
  vy__cuda_chunks_plan(&c, p.size, p.chunk, p.least, p.out);
  uint64_t at = 0;
  for (uint64_t i = 0; i < c.count; i++) {
    vy__cuda_span s = vy__cuda_chunk(&c, i);
    if (s.at != at || !s.size || s.size > p.chunk)
      fail_msg("%llu bytes by %llu and %llu, %s: chunk %llu",
               (unsigned long long)p.size, (unsigned long long)p.chunk,
               (unsigned long long)p.least, p.out ? "out" : "in",
               (unsigned long long)i);
    at += s.size;
  }
  assert_int_equal(at, p.size);
  return c;
}

static void chunks_are_all(void **state) {
  (void)state;
  static const uint64_t sizes[] = {48, 100, 512, 4096, 5000, 1 << 20};
  static const uint64_t leasts[] = {1, 64, 255, 256, 300, 4096, 1 << 21};
  for (uint32_t out = 0; out < 2; out++)
    for (uint32_t s = 0; s < VY__COUNT(sizes); s++)
      for (uint32_t k = 0; k < VY__COUNT(leasts); k++) {
        for (uint64_t size = 1; size < 3000; size += size < 700 ? 1 : 37)
          check((plan){size, sizes[s], leasts[k], out});
        for (uint64_t n = 1; n < 5; n++)
          for (uint64_t off = 0; off < 3; off++)
            check((plan){n * sizes[s] + off - 1, sizes[s], leasts[k], out});
      }
}

static void edges_are_small(void **state) {
  (void)state;
  enum { MIB = 1 << 20, LEAST = MIB / 16 };
  vy__cuda_chunks in = check((plan){64 * MIB + 12345, 4 * MIB, LEAST, false});
  vy__cuda_chunks out = check((plan){64 * MIB + 12345, 4 * MIB, LEAST, true});
  assert_true(vy__cuda_chunk(&in, 0).size <= LEAST);
  assert_true(vy__cuda_chunk(&out, out.count - 1).size <= LEAST);
  assert_int_equal(vy__cuda_chunk(&out, 0).size, 4 * MIB);
  // Each is as large as all before it, at most; so the device never waits for
  // one that is much larger than what it has.
  uint64_t sum = vy__cuda_chunk(&in, 0).size;
  for (uint64_t i = 1; i < in.count; i++) {
    vy__cuda_span c = vy__cuda_chunk(&in, i);
    assert_true(c.size <= sum + 64);
    assert_int_equal(c.at % 64, 0);
    sum += c.size;
  }
  assert_true(in.count < 17 + 8 && out.count < 17 + 8);
  // Nothing overflows.
  vy__cuda_chunks_plan(&in, UINT64_MAX / 2, 4 * MIB, LEAST, false);
  vy__cuda_span last = vy__cuda_chunk(&in, in.count - 1);
  assert_int_equal(last.at + last.size, UINT64_MAX / 2);
}

// ---- past the caches

static void copies_are_exact(void **state) {
  (void)state;
  enum { MOST = 1024, ROOM = MOST + 256 };
  static uint8_t from[ROOM], to[ROOM], expected[ROOM];
  for (uint32_t i = 0; i < ROOM; i++)
    from[i] = (uint8_t)(i * 7 + i / 256);
  for (uint32_t size = 0; size <= MOST; size += size < 200 ? 1 : 41)
    for (uint32_t a = 0; a < 66; a += 3)
      for (uint32_t b = 0; b < 66; b += 5) {
        memset(to, 0xEE, ROOM);
        memset(expected, 0xEE, ROOM);
        memcpy(expected + 64 + a, from + b, size);
        vy__cuda_store(to + 64 + a, from + b, size, size % 4 != 0);
        if (memcmp(to, expected, ROOM))
          fail_msg("%u bytes from %u to %u", size, b, a);
      }
}

// Memory that was never touched, and some that was.
static void pages_are_made(void **state) {
  (void)state;
  enum { PAGE = 4096, SIZE = 40 * PAGE };
  uint8_t *from = malloc(SIZE);
  assert_non_null(from);
  for (uint32_t i = 0; i < SIZE; i++)
    from[i] = (uint8_t)(i * 3 + i / PAGE);
  for (uint32_t past = 0; past < 2; past++) {
    uint8_t *to = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(to != MAP_FAILED);
    to[5 * PAGE] = to[SIZE - 1] = 7;
    vy__cuda_store(to + 100, from, SIZE - 200, past);
    assert_memory_equal(to + 100, from, SIZE - 200);
    assert_int_equal(to[99], 0);
    assert_int_equal(to[SIZE - 1], 7);
    assert_int_equal(munmap(to, SIZE), 0);
  }
  free(from);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chunks_are_all),
      cmocka_unit_test(edges_are_small),
      cmocka_unit_test(copies_are_exact),
      cmocka_unit_test(pages_are_made),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
