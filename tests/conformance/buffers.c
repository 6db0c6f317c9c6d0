// Resident buffers: contents, ranges, handles.
#include "conformance/conformance.h"

static void new_buffers_are_zero(void **state) {
  fixture *f = *state;
  for (int k = 0; k < 3; k++) { // again in memory that was used
    vy_buffer b = make_buffer(f, NULL, 12);
    uint64_t size = 0;
    expect_ok(f, vy_buffer_size(f->device, b, &size, &f->diags));
    assert_int_equal(size, 12);
    expect_buffer(f, b, 0, 0, 0);
    expect_ok(f, vy_buffer_fill(f->device, b, 0, 12, 0xFF, &f->diags));
    drop_buffer(f, b);
  }
  vy_buffer empty = make_buffer(f, NULL, 0);
  expect_ok(f, vy_buffer_fill(f->device, empty, 0, 0, 1, &f->diags));
  vy_pipeline *p = make_pipeline(f, copy_text, 0);
  expect_ok(f, vy_dispatch(p, ARGS(vy_arg_buffer(empty), vy_arg_buffer(empty)),
                           NULL, NULL, NULL, &f->diags));
  drop_buffer(f, empty);
  assert_int_equal(counters(f).live_buffers, 0);
}

static void fill_and_copy(void **state) {
  fixture *f = *state;
  static const uint32_t v[6] = {1, 2, 3, 4, 5, 6};
  vy_buffer a = make_buffer(f, v, sizeof v), b = make_buffer(f, NULL, 16);
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  expect_ok(f, vy_buffer_fill(f->device, b, 4, 4, 0x11, &f->diags));
  expect_buffer(f, b, 0, 0x11111111, 0, 0);
  expect_ok(f, vy_buffer_copy(f->device, a, 4, b, 8, 8, &f->diags));
  expect_buffer(f, b, 0, 0x11111111, 2, 3);
  expect_ok(f, vy_buffer_copy(f->device, a, 0, a, 12, 12, &f->diags));
  expect_buffer(f, a, 1, 2, 3, 1, 2, 3);
  expect_code(f, vy_buffer_copy(f->device, a, 0, a, 8, 12, &f->diags), bad,
              612);
  expect_code(f, vy_buffer_copy(f->device, a, 16, b, 0, 12, &f->diags), bad,
              606);
  expect_code(f, vy_buffer_copy(f->device, a, 0, b, UINT64_MAX, 2, &f->diags),
              bad, 606);
  expect_code(f, vy_buffer_fill(f->device, b, 16, 1, 0, &f->diags), bad, 606);
  expect_code(f, vy_buffer_fill(f->device, b, 8, UINT64_MAX, 0, &f->diags), bad,
              606);
  expect_ok(f, vy_buffer_copy(f->device, a, 24, b, 16, 0, &f->diags));
  drop_buffer(f, a);
  drop_buffer(f, b);
}

static void transfers_are_checked_whole(void **state) {
  fixture *f = *state;
  vy_buffer a = make_buffer(f, NULL, 16), b = make_buffer(f, NULL, 8);
  vy_status bad = VY_ERROR_INVALID_ARGUMENT;
  uint32_t v[4] = {1, 2, 3, 4}, w[4] = {9, 9, 9, 9};
  vy_transfer up[3] = {{a, 0, 8, v}, {b, 0, 8, v + 2}, {a, 4, 8, v + 1}};
  expect_ok(f, vy_buffer_upload(f->device, up, 3, &f->diags));
  expect_buffer(f, a, 1, 2, 3, 0);
  expect_buffer(f, b, 3, 4);
  vy_transfer late[2] = {{a, 0, 16, w}, {b, 4, 8, w}};
  expect_code(f, vy_buffer_upload(f->device, late, 2, &f->diags), bad, 606);
  expect_buffer(f, a, 1, 2, 3, 0);
  vy_transfer down[2] = {{a, 0, 8, w}, {a, 4, 8, w + 2}};
  expect_ok(f, vy_buffer_download(f->device, down, 2, &f->diags));
  assert_true(w[0] == 1 && w[1] == 2 && w[2] == 2 && w[3] == 3);
  down[1].host = w + 1;
  expect_code(f, vy_buffer_download(f->device, down, 2, &f->diags), bad, 612);
  down[1] = (vy_transfer){a, 0, 4, NULL};
  expect_code(f, vy_buffer_download(f->device, down, 2, &f->diags), bad, 606);
  down[1] = (vy_transfer){{12345}, 0, 4, w + 2};
  expect_code(f, vy_buffer_download(f->device, down, 2, &f->diags),
              VY_ERROR_STALE_HANDLE, 613);
  expect_code(f, vy_buffer_upload(f->device, NULL, 1, &f->diags), bad, 600);
  expect_code(f, vy_buffer_upload(NULL, up, 1, &f->diags), bad, 600);
  expect_ok(f, vy_buffer_upload(f->device, NULL, 0, &f->diags));
  drop_buffer(f, a);
  drop_buffer(f, b);
}

// More than are compared in pairs, in another order than their addresses.
static void many_ranges(void **state) {
  enum { N = 1009 };
  fixture *f = *state;
  static uint32_t v[N], w[N];
  static vy_transfer down[N + 1];
  for (uint32_t i = 0; i < N; i++)
    v[i] = i * i;
  vy_buffer a = make_buffer(f, v, sizeof v);
  for (uint32_t i = 0; i < N; i++)
    down[i] = (vy_transfer){a, 4 * i, 4, &w[i * 500 % N]};
  down[N] = (vy_transfer){a, 0, 0, &w[7]}; // empty: in nobody's way
  expect_ok(f, vy_buffer_download(f->device, down, N + 1, &f->diags));
  for (uint32_t i = 0; i < N; i++)
    assert_int_equal(w[i * 500 % N], v[i]);
  memset(w, 0, sizeof w);
  down[5] = (vy_transfer){a, 0, 4, (uint8_t *)down[900].host + 1};
  vy_status s = vy_buffer_download(f->device, down, N + 1, &f->diags);
  expect_says(f, "ranges ");
  expect_code(f, s, VY_ERROR_INVALID_ARGUMENT, 612);
  down[5] = (vy_transfer){a, 0, 4, &w[5 * 500 % N]};
  down[700].host = down[300].host;
  s = vy_buffer_download(f->device, down, N + 1, &f->diags);
  expect_says(f, "ranges 300 and 700 overlap");
  expect_code(f, s, VY_ERROR_INVALID_ARGUMENT, 612);
  for (uint32_t i = 0; i < N; i++)
    assert_int_equal(w[i], 0); // nothing was written
  down[700] = (vy_transfer){a, sizeof v - 3, 4, &w[700 * 500 % N]};
  s = vy_buffer_download(f->device, down, N + 1, &f->diags);
  expect_says(f, "range 700: 4 bytes at byte");
  expect_code(f, s, VY_ERROR_INVALID_ARGUMENT, 606);
  drop_buffer(f, a);
}

static void digest_is_of_the_bytes(void **state) {
  fixture *f = *state;
  // BLAKE2b-256 of "abc" and of nothing, from independent tables.
  static const uint8_t abc[32] = {
      0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72, 0x31, 0x71, 0xef,
      0x3f, 0xee, 0x98, 0x57, 0x9b, 0x94, 0x96, 0x4e, 0x3b, 0xb1, 0xcb,
      0x3e, 0x42, 0x72, 0x62, 0xc8, 0xc0, 0x68, 0xd5, 0x23, 0x19};
  static const uint8_t nothing[4] = {0x0e, 0x57, 0x51, 0xc0};
  vy_buffer b = make_buffer(f, "xabcy", 5), big = make_buffer(f, NULL, 100000);
  vy_hash h, g;
  expect_ok(f, vy_buffer_digest(f->device, b, 1, 3, &h, &f->diags));
  assert_memory_equal(h.bytes, abc, 32);
  expect_ok(f, vy_buffer_digest(f->device, b, 5, 0, &h, &f->diags));
  assert_memory_equal(h.bytes, nothing, 4);
  expect_code(f, vy_buffer_digest(f->device, b, 3, 3, &h, &f->diags),
              VY_ERROR_INVALID_ARGUMENT, 606);
  expect_ok(f, vy_buffer_digest(f->device, big, 0, 100000, &h, &f->diags));
  expect_ok(f, vy_buffer_fill(f->device, big, 99999, 1, 1, &f->diags));
  expect_ok(f, vy_buffer_digest(f->device, big, 0, 99999, &g, &f->diags));
  assert_memory_not_equal(h.bytes, g.bytes, 32);
  drop_buffer(f, b);
  drop_buffer(f, big);
}

static void expect_stale(fixture *f, vy_device *d, vy_buffer b) {
  vy_status stale = VY_ERROR_STALE_HANDLE;
  vy_pipeline *p = f->pipelines[0];
  uint64_t size;
  uint32_t v;
  vy_hash h;
  vy_buffer out;
  vy_transfer t = {b, 0, 4, &v};
  vy_diags *x = &f->diags;
  expect_code(f, vy_buffer_size(d, b, &size, x), stale, 613);
  expect_code(f, vy_buffer_fill(d, b, 0, 0, 0, x), stale, 613);
  expect_code(f, vy_buffer_copy(d, b, 0, b, 0, 0, x), stale, 613);
  expect_code(f, vy_buffer_upload(d, &t, 1, x), stale, 613);
  expect_code(f, vy_buffer_download(d, &t, 1, x), stale, 613);
  expect_code(f, vy_buffer_digest(d, b, 0, 0, &h, x), stale, 613);
  expect_code(f, vy_buffer_free(d, b, x), stale, 613);
  if (d != f->device)
    return;
  vy_arg args[2] = {vy_arg_buffer(b), vy_arg_buffer(b)};
  expect_code(f, vy_dispatch(p, args, 2, NULL, NULL, NULL, x), stale, 613);
  expect_code(f, vy_dispatch_resident(p, args, 2, NULL, &out, 1, NULL, x),
              stale, 613);
}

static void stale_and_foreign_handles(void **state) {
  fixture *f = *state;
  make_pipeline(f, copy_text, 0);
  vy_device_desc desc = VY_DEVICE_DESC_INIT;
  desc.name = vy_str_c(conformance_device);
  vy_device *other = NULL;
  expect_ok(f, vy_device_open(f->context, &desc, &other, &f->diags));
  vy_buffer b = make_buffer(f, NULL, 16), foreign = {0};
  expect_ok(f, vy_buffer_create(other, 16, &foreign, &f->diags));
  expect_stale(f, f->device, foreign);
  expect_stale(f, other, b);
  drop_buffer(f, b);
  expect_stale(f, f->device, b);
  vy_buffer again = make_buffer(f, NULL, 16); // the slot has a new owner
  assert_true(again.id != b.id);
  expect_stale(f, f->device, b);
  expect_stale(f, f->device, (vy_buffer){0});
  for (int bit = 0; bit < 64; bit++) // made up
    if ((again.id ^ 1ull << bit) != b.id)
      expect_stale(f, f->device, (vy_buffer){again.id ^ 1ull << bit});
  drop_buffer(f, again);
  vy_device_release(other); // frees what it still has
}

static void many_buffers(void **state) {
  fixture *f = *state;
  enum { N = 3000 };
  static vy_buffer b[N];
  for (uint32_t i = 0; i < N; i++)
    b[i] = make_buffer(f, &i, 4);
  assert_int_equal(counters(f).live_buffers, N);
  for (uint32_t i = 0; i < N; i += 2)
    drop_buffer(f, b[i]);
  for (uint32_t i = 0; i < N; i += 2)
    b[i] = make_buffer(f, &i, 4);
  for (uint32_t i = 0; i < N; i++) {
    expect_buffer(f, b[i], i);
    drop_buffer(f, b[i]);
  }
}

static const struct CMUnitTest tests[] = {
    CASE(new_buffers_are_zero),
    CASE(fill_and_copy),
    CASE(transfers_are_checked_whole),
    CASE(many_ranges),
    CASE(digest_is_of_the_bytes),
    CASE(stale_and_foreign_handles),
    CASE(many_buffers),
};
GROUP(buffers);
