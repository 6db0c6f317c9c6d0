// What compiled code of the cpu device is given: helpers, against the plain
// ways of all host devices; and how it is taken in: the loader refuses what is
// damaged.
#include "backend/collective.h"
#include "backend/cpu/cpu.h"
#include "conformance/conformance.h"

// ---- helpers

static uint64_t masked(vy_type type, uint64_t bits) {
  return vy__type_bytes(type) == 8 ? bits : (uint32_t)bits;
}

static void compare(vy__op op, vy_type type, uint32_t lanes,
                    const uint64_t *operands) {
  enum { MOST = VY__MAX_GROUP_LANES };
  uint64_t v[MOST], temp[MOST], wide_in[MOST];
  uint32_t *narrow_in = (uint32_t *)(void *)wide_in;
  bool wide = vy__type_bytes(type) == 8;
  for (uint32_t i = 0; i < lanes; i++) {
    v[i] = masked(type, operands[i]);
    if (wide)
      wide_in[i] = v[i];
    else
      narrow_in[i] = (uint32_t)v[i];
  }
  vy__collective_run(
      op, &(vy__party){.size = lanes,
                       .combine = vy__evaluator(vy__op_applies(op), type, type),
                       .v = v,
                       .temp = temp});
  vy__kernel_helpers_table.collective(op, type, lanes, 0, wide_in, NULL, NULL,
                                      wide_in);
  for (uint32_t i = 0; i < lanes; i++) {
    uint64_t got = wide ? wide_in[i] : narrow_in[i];
    assert_int_equal(vy__canonical(type, got), vy__canonical(type, v[i]));
  }
}

// The loops for whole groups against the plain ones.
static void collectives_are_exact(void **state) {
  static const uint32_t sizes[] = {1, 2, 3, 31, 64, 100, 1000, 1024};
  uint64_t operands[VY__MAX_GROUP_LANES], seed = 7;
  (void)state;
  for (uint32_t op = VY__OP_GROUP_REDUCE_ADD; op <= VY__OP_GROUP_SCAN_EXCL_ADD;
       op++)
    for (uint32_t type = VY_TYPE_I32; type <= VY_TYPE_F64; type++) {
      if (!(vy__op_row(op)->types >> type & 1))
        continue;
      for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (uint32_t i = 0; i < sizes[s]; i++) {
          seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
          operands[i] = seed >> (i % 3 ? 0 : 32); // big, and small
        }
        compare((vy__op)op, (vy_type)type, sizes[s], operands);
      }
    }
}

// Ranks and shuffles have operands of their own.
static void moves_are_exact(void **state) {
  enum { MOST = VY__MAX_GROUP_LANES };
  uint64_t v[MOST], temp[MOST], seed = 9;
  uint32_t in[MOST], out[MOST];
  int64_t index[MOST];
  (void)state;
  for (uint32_t lanes = 1; lanes <= MOST; lanes += 1 + lanes / 5)
    for (uint32_t bits = 1; bits <= 8; bits++)
      for (uint32_t op = VY__OP_GROUP_SHUFFLE; op <= VY__OP_GROUP_RANK;
           op += VY__OP_GROUP_RANK - VY__OP_GROUP_SHUFFLE) {
        for (uint32_t i = 0; i < lanes; i++) {
          seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
          v[i] = in[i] = lanes % 2 ? (uint32_t)(seed >> 32) : i / 3;
          index[i] = (int64_t)((seed >> 40) % (lanes + 2)) - 1;
        }
        vy__collective_run((vy__op)op, &(vy__party){.size = lanes,
                                                    .bits = bits,
                                                    .index = index,
                                                    .v = v,
                                                    .temp = temp});
        vy__kernel_helpers_table.collective(op, VY_TYPE_U32, lanes, bits, in,
                                            index, NULL, out);
        for (uint32_t i = 0; i < lanes; i++)
          assert_int_equal(out[i], v[i]);
      }
}

// ---- the loader

static void refuses_bad_code(void **state) {
  fixture *f = *state;
  _Alignas(64) uint8_t blob[640] = {0};
  vy__kernel_info i = {
      .magic = {'V', 'Y', 'K', 'E', 'R', 'N', 0, VY__KERNEL_ABI},
      .size = 640,
      .code = 512,
      .entry = 576,
      .width = 8,
      .grain = 8,
      .isa = VY__ISA_SSE4,
      .cover_count = 1};
  vy__kernel k;
  blob[576] = 0xc3; // ret
  memcpy(blob, &i, sizeof i);
  expect_ok(f, vy__kernel_map(blob, 640, VY__ISA_SSE4, &k, &f->diags));
  k.run(NULL, 0, 1);
  vy__kernel_unmap(&k);
#define REFUSED(change)                                                        \
  do {                                                                         \
    vy__kernel_info damaged = i;                                               \
    damaged.change;                                                            \
    memcpy(blob, &damaged, sizeof damaged);                                    \
    expect_code(f, vy__kernel_map(blob, 640, VY__ISA_SSE4, &k, &f->diags),     \
                VY_ERROR_UNSUPPORTED, 802);                                    \
  } while (0)
  REFUSED(magic[0] = 'v');
  REFUSED(magic[7]++);
  REFUSED(size = 639);
  REFUSED(code = 513);
  REFUSED(code = 0);
  REFUSED(code = 640);
  REFUSED(entry = 511);
  REFUSED(entry = 640);
  REFUSED(grain = 0);
  REFUSED(cover_count = VY__MAX_COVERS + 1);
  REFUSED(covers[0].param = VY__MAX_PARAMS);
  REFUSED(covers[0].row.kind = VY__TERM_LANES + 1);
  REFUSED(covers[0].most[1] = ((vy__term){VY__TERM_LANES, 3}));
  REFUSED(isa = VY__ISA_NONE);
  REFUSED(isa = VY__ISA_AVX2);
  expect_code(f, vy__kernel_map(blob, 63, VY__ISA_SSE4, &k, &f->diags),
              VY_ERROR_UNSUPPORTED, 802);
}

static int open_fixture(void **state) {
  *state = fixture_new("reference");
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(collectives_are_exact),
      cmocka_unit_test(moves_are_exact),
      cmocka_unit_test_setup_teardown(refuses_bad_code, open_fixture,
                                      fixture_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
