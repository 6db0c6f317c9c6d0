// base/: memory in all its forms, with and without allocations that fail;
// hash against known values; counted allocator of the context.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/context.h"
#include "support/heap.h"

static void blocks_of_every_size(void **state) {
  (void)state;
  heap h = {0};
  vy_allocator a = heap_allocator(&h);
  for (size_t size = 0; size < 300; size += 7) {
    void *p = vy__alloc(&a, size);
    assert_non_null(p);
    p = vy__realloc(&a, p, size, size * 3);
    assert_non_null(p);
    vy__free(&a, p, size * 3);
    uint8_t *q = vy__alloc_aligned(&a, size);
    assert_non_null(q);
    assert_int_equal((uintptr_t)q % 64, 0);
    for (size_t i = 0; i < size; i++)
      assert_int_equal(q[i], 0);
    vy__free_aligned(&a, q, size);
  }
  vy__free(&a, NULL, 5);
  vy__free_aligned(&a, NULL, 5);
  assert_true(heap_is_clean(&h));
}

static void absurd_sizes_fail(void **state) {
  (void)state;
  heap h = {0};
  vy_allocator a = heap_allocator(&h);
  assert_null(vy__calloc(&a, SIZE_MAX / 2, 3));
  assert_null(vy__alloc_aligned(&a, SIZE_MAX - 3));
  vy__arena arena;
  vy__arena_init(&arena, &a);
  assert_null(vy__arena_alloc(&arena, SIZE_MAX - 3));
  assert_null(vy__arena_str(&arena, "", SIZE_MAX));
  void *data = NULL;
  size_t capacity = 0;
  assert_false(vy__grow(&a, &data, &capacity, SIZE_MAX / 4, 16));
  assert_null(data);
  assert_int_equal(capacity, 0);
  assert_int_equal(h.asked, 0);
  assert_null(vy__arena_alloc(&arena, SIZE_MAX - 100));
  assert_true(heap_is_clean(&h));
}

static void growing_keeps_what_is_there(void **state) {
  (void)state;
  for (uint64_t fail = 0; fail < 8; fail++) {
    heap h = {.fail_at = fail};
    vy_allocator a = heap_allocator(&h);
    uint32_t *data = NULL;
    size_t capacity = 0, count = 0;
    for (; count < 1000; count++) {
      void *p = data;
      if (!vy__grow(&a, &p, &capacity, count + 1, sizeof *data))
        break;
      data = p;
      data[count] = (uint32_t)count;
    }
    assert_true(fail ? count < 1000 : count == 1000);
    for (size_t i = 0; i < count; i++)
      assert_int_equal(data[i], i);
    vy__free(&a, data, capacity * sizeof *data);
    assert_true(heap_is_clean(&h));
  }
}

static void write_bytes(vy__buf *b) {
  for (uint32_t i = 0; i < 100; i++) {
    vy__buf_u8(b, (uint8_t)i);
    vy__buf_u32(b, i * 0x01010101u);
    vy__buf_u64(b, i * 0x0101010101010101u);
    vy__buf_str(b, "");
    vy__buf_printf(b, "%u:%s;", i, "text");
  }
}

static void byte_strings(void **state) {
  (void)state;
  heap h = {0};
  vy_allocator a = heap_allocator(&h);
  vy__buf b;
  vy__buf_init(&b, &a);
  write_bytes(&b);
  assert_false(b.failed);
  assert_memory_equal(b.data, "\0\0\0\0\0\0\0\0\0\0\0\0\0000:text;\1\1\1\1\1",
                      25);
  size_t whole = b.size;
  vy__buf_free(&b);
  uint64_t calls = h.asked;
  for (uint64_t n = 1; n <= calls; n++) {
    heap failing = {.fail_at = n};
    a = heap_allocator(&failing);
    vy__buf_init(&b, &a);
    write_bytes(&b);
    assert_true(b.failed);
    assert_true(b.size < whole);
    vy__buf_free(&b);
    assert_true(heap_is_clean(&failing));
  }
  assert_true(heap_is_clean(&h));
}

static void arenas(void **state) {
  (void)state;
  heap h = {0};
  vy_allocator a = heap_allocator(&h);
  vy__arena arena;
  vy__arena_init(&arena, &a);
  uint8_t *before[200];
  for (size_t i = 0; i < 200; i++) {
    size_t size = i * i % 5000;
    before[i] = vy__arena_alloc(&arena, size);
    assert_non_null(before[i]);
    assert_int_equal((uintptr_t)before[i] % 16, 0);
    for (size_t k = 0; k < size; k++)
      assert_int_equal(before[i][k], 0);
    memset(before[i], (int)i, size);
  }
  for (size_t i = 0; i < 200; i++)
    for (size_t k = 0; k < i * i % 5000; k++)
      assert_int_equal(before[i][k], i);
  assert_string_equal(vy__arena_str(&arena, "abcdef", 3), "abc");
  assert_string_equal(vy__arena_str(&arena, NULL, 0), "");
  vy__arena_free(&arena);
  vy__arena_free(&arena);
  assert_true(heap_is_clean(&h));
  heap empty = {.fail_at = 1};
  a = heap_allocator(&empty);
  vy__arena_init(&arena, &a);
  assert_null(vy__arena_alloc(&arena, 1));
  assert_non_null(vy__arena_alloc(&arena, 1));
  vy__arena_free(&arena);
  assert_true(heap_is_clean(&empty));
}

static void hash_known_values(void **state) {
  (void)state;
  char hex[65];
  vy_hash h = vy__hash_bytes("", 0);
  vy__hash_hex(&h, hex);
  assert_string_equal(
      hex, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  h = vy__hash_bytes("abc", 3);
  vy__hash_hex(&h, hex);
  assert_string_equal(
      hex, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  vy__hasher parts;
  vy__hash_init(&parts);
  vy__hash_update(&parts, "a", 1);
  vy__hash_update(&parts, NULL, 0);
  vy__hash_update(&parts, "bc", 2);
  vy_hash same = vy__hash_final(&parts);
  assert_memory_equal(&h, &same, sizeof h);
}

static void contexts_count(void **state) {
  (void)state;
  heap h = {0};
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.allocator = heap_allocator(&h);
  vy_context *c = NULL;
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_OK);
  vy_counters before = VY_COUNTERS_INIT, after = VY_COUNTERS_INIT;
  assert_int_equal(vy_counters_read(c, &before), VY_OK);
  assert_int_equal(before.live_bytes, h.bytes);
  assert_int_equal(before.allocations, h.asked);
  void *p = vy__alloc(&c->alloc, 100);
  p = vy__realloc(&c->alloc, p, 100, 40);
  assert_int_equal(vy_counters_read(c, &after), VY_OK);
  assert_int_equal(after.live_bytes - before.live_bytes, 40);
  assert_int_equal(after.allocations - before.allocations, 2);
  h.fail_at = h.asked + 1;
  assert_null(vy__realloc(&c->alloc, p, 40, 90));
  assert_int_equal(vy_counters_read(c, &after), VY_OK);
  assert_int_equal(after.live_bytes, h.bytes);
  vy__free(&c->alloc, p, 40);
  assert_ptr_equal(vy_context_retain(c), c);
  vy_context_release(c);
  assert_int_equal(vy_counters_read(c, &after), VY_OK);
  assert_int_equal(after.live_bytes, before.live_bytes);
  vy_context_release(c);
  vy_context_release(NULL);
  assert_null(vy_context_retain(NULL));
  assert_true(heap_is_clean(&h));
}

static void contexts_that_cannot_be(void **state) {
  (void)state;
  vy_context *c = NULL;
  for (uint64_t n = 1; n <= 2; n++) {
    heap h = {.fail_at = n};
    vy_context_desc desc = VY_CONTEXT_DESC_INIT;
    desc.allocator = heap_allocator(&h);
    desc.trace_path = "/dev/null";
    assert_int_equal(vy_context_create(&desc, &c, NULL),
                     VY_ERROR_OUT_OF_HOST_MEMORY);
    assert_null(c);
    assert_true(heap_is_clean(&h));
  }
  assert_int_equal(vy_context_create(NULL, NULL, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.reserved = 1;
  assert_int_equal(vy_context_create(&desc, &c, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  desc.reserved = 0;
  desc.struct_size = 3;
  assert_int_equal(vy_context_create(&desc, &c, NULL),
                   VY_ERROR_INVALID_ARGUMENT);
  heap h = {0};
  desc.struct_size = sizeof desc;
  desc.allocator = heap_allocator(&h);
  desc.trace_path = "/nowhere/trace.json";
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_ERROR_IO);
  assert_null(c);
  assert_true(heap_is_clean(&h));
}

typedef struct logged {
  uint32_t level;
  size_t size;
  char start[16];
} logged;

static void keep_log(void *user, uint32_t level, vy_str message) {
  logged *l = user;
  l->level = level;
  l->size = message.size;
  memcpy(l->start, message.data, message.size < 15 ? message.size : 15);
}

static void logs(void **state) {
  (void)state;
  logged l = {0};
  vy_context_desc desc = VY_CONTEXT_DESC_INIT;
  desc.log = keep_log;
  desc.log_user = &l;
  vy_context *c = NULL;
  assert_int_equal(vy_context_create(&desc, &c, NULL), VY_OK);
  vy__log(c, VY_LOG_WARNING, "%d bottles", 99);
  assert_int_equal(l.level, VY_LOG_WARNING);
  assert_string_equal(l.start, "99 bottles");
  vy__log(c, VY_LOG_INFO, "%5000d", 1);
  assert_true(l.size > 1000 && l.size < 5000);
  vy_context_release(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_of_every_size),
      cmocka_unit_test(absurd_sizes_fail),
      cmocka_unit_test(growing_keeps_what_is_there),
      cmocka_unit_test(byte_strings),
      cmocka_unit_test(arenas),
      cmocka_unit_test(hash_known_values),
      cmocka_unit_test(contexts_count),
      cmocka_unit_test(contexts_that_cannot_be),
      cmocka_unit_test(logs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
