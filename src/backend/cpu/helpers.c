// What compiled code calls. The float state is pinned there, so the host's
// instructions may be used where they are proved equal. Collectives in which
// all lanes take part have loops of their own here where compiled code has
// nothing better; the others go through the arrays of backend/collective.h.
#include "backend/collective.h"
#include "backend/cpu/kernel.h"
#include "semantics/semantics.h"

#define EVALUATE(name, op, type)                                               \
  static uint64_t name(uint64_t a, uint64_t b, uint64_t c) {                   \
    return vy__evaluator_pinned(VY__OP_##op, VY_TYPE_##type,                   \
                                VY_TYPE_##type)(a, b, c);                      \
  }
EVALUATE(fma32, FMA, F32)
EVALUATE(fma64, FMA, F64)
EVALUATE(rem32, REM, F32)
EVALUATE(rem64, REM, F64)

// ---- all lanes there

// Float sums by the tree: pairs at distance 1, 2, 4, ...
#define REDUCE_TREE(name, ctype)                                               \
  static void name(uint32_t lanes, const void *in, void *out) {                \
    ctype v[VY__MAX_GROUP_LANES], *to = out;                                   \
    memcpy(v, in, lanes * sizeof *v);                                          \
    for (uint32_t n = lanes; n > 1; n = (n + 1) / 2) {                         \
      for (uint32_t i = 0; i + 1 < n; i += 2)                                  \
        v[i / 2] = v[i] + v[i + 1];                                            \
      if (n % 2)                                                               \
        v[n / 2] = v[n - 1];                                                   \
    }                                                                          \
    for (uint32_t i = 0; i < lanes; i++)                                       \
      to[i] = v[0];                                                            \
  }
// Float scans by the Sklansky tree: whole blocks take the last of the block
// before them.
#define SCAN_TREE(name, ctype)                                                 \
  static void name(uint32_t lanes, const void *in, void *out) {                \
    ctype *v = out;                                                            \
    memmove(v, in, lanes * sizeof *v);                                         \
    for (uint32_t d = 1; d < lanes; d *= 2)                                    \
      for (uint32_t at = d; at < lanes; at += 2 * d) {                         \
        uint32_t end = at + d < lanes ? at + d : lanes;                        \
        for (uint32_t i = at; i < end; i++)                                    \
          v[i] = v[at - 1] + v[i];                                             \
      }                                                                        \
  }                                                                            \
  static void name##_before(uint32_t lanes, const void *in, void *out) {       \
    ctype *v = out;                                                            \
    name(lanes, in, out);                                                      \
    memmove(v + 1, v, (lanes - 1) * sizeof *v);                                \
    v[0] = 0;                                                                  \
  }
REDUCE_TREE(add_f32, float)
REDUCE_TREE(add_f64, double)
SCAN_TREE(scan_f32, float)
SCAN_TREE(scan_f64, double)

typedef void (*fast_fn)(uint32_t lanes, const void *in, void *out);

// What compiled code does not do itself when groups are large.
static fast_fn fast(uint32_t op, uint32_t type) {
  bool wide = type == VY_TYPE_F64;
  if (!vy__is_float((vy_type)type))
    return NULL;
  switch (op) {
  case VY__OP_GROUP_REDUCE_ADD:
    return wide ? add_f64 : add_f32;
  case VY__OP_GROUP_SCAN_INCL_ADD:
    return wide ? scan_f64 : scan_f32;
  case VY__OP_GROUP_SCAN_EXCL_ADD:
    return wide ? scan_f64_before : scan_f32_before;
  default:
    return NULL;
  }
}

#define SHUFFLE(name, ctype)                                                   \
  static void name(uint32_t lanes, const void *in, const int64_t *index,       \
                   void *out) {                                                \
    const ctype *v = in;                                                       \
    ctype *to = out;                                                           \
    for (uint32_t i = 0; i < lanes; i++) {                                     \
      bool is_there = (uint64_t)index[i] < lanes;                              \
      ctype x = v[is_there ? index[i] : 0];                                    \
      to[i] = is_there ? x : 0;                                                \
    }                                                                          \
  }
SHUFFLE(shuffle_32, uint32_t)
SHUFFLE(shuffle_64, uint64_t)

// Ranks: the lanes' two halves are counted side by side, so that equal keys
// wait for each other half as long.
typedef struct counts {
  uint16_t n[2][256];
} counts;

// Counts to where each key starts, for both halves; four keys at a time.
static void starts(counts *c, uint32_t keys) {
  const uint64_t each = UINT64_C(0x0001000100010001);
  uint64_t before = 0;
  for (uint32_t k = 0; k < keys; k += 4) {
    uint64_t a, b, sum, low;
    memcpy(&a, &c->n[0][k], 8);
    memcpy(&b, &c->n[1][k], 8);
    sum = a + b;
    sum += sum << 16;
    sum += sum << 32;
    low = (sum << 16) + before * each;
    before += sum >> 48;
    a += low;
    memcpy(&c->n[0][k], &low, 8);
    memcpy(&c->n[1][k], &a, 8);
  }
}

static void rank(uint32_t lanes, uint32_t bits, const void *in, void *out) {
  const uint32_t *keys = in;
  uint32_t *to = out, mask = (1u << bits) - 1, half = lanes / 2;
  uint32_t count = mask + 1 < 4 ? 4 : mask + 1;
  uint16_t order[VY__MAX_GROUP_LANES]; // among the equal keys of its half
  counts c;
  memset(c.n[0], 0, count * sizeof c.n[0][0]);
  memset(c.n[1], 0, count * sizeof c.n[1][0]);
  for (uint32_t i = 0; i < half; i++) {
    order[i] = c.n[0][keys[i] & mask]++;
    order[half + i] = c.n[1][keys[half + i] & mask]++;
  }
  if (lanes % 2)
    order[lanes - 1] = c.n[1][keys[lanes - 1] & mask]++;
  starts(&c, count);
  for (uint32_t i = 0; i < half; i++)
    to[i] = order[i] + c.n[0][keys[i] & mask];
  for (uint32_t i = half; i < lanes; i++)
    to[i] = order[i] + c.n[1][keys[i] & mask];
}

static bool all_there(uint32_t op, uint32_t type, uint32_t lanes,
                      uint32_t extra, const void *in, const int64_t *index,
                      void *out) {
  fast_fn fn = fast(op, type);
  if (fn)
    fn(lanes, in, out);
  else if (op == VY__OP_GROUP_RANK)
    rank(lanes, extra, in, out);
  else if (op != VY__OP_GROUP_SHUFFLE || in == out)
    return false;
  else if (vy__type_bytes((vy_type)type) == 8)
    shuffle_64(lanes, in, index, out);
  else
    shuffle_32(lanes, in, index, out);
  return true;
}

// ---- the general way

static void widen(uint32_t lanes, bool wide, const uint64_t *alive,
                  const void *in, uint64_t *v) {
  for (uint32_t i = 0; i < lanes; i++) {
    bool is_here = !alive || (alive[i / 64] >> (i % 64) & 1);
    v[i] = !is_here ? 0
           : wide   ? ((const uint64_t *)in)[i]
                    : ((const uint32_t *)in)[i];
  }
}

static void narrow(const vy__party *p, bool wide, void *out) {
  for (uint32_t i = 0; i < p->size; i++) {
    if (wide)
      ((uint64_t *)out)[i] = p->v[i];
    else
      ((uint32_t *)out)[i] = (uint32_t)p->v[i];
  }
}

static void collective(uint32_t op, uint32_t type, uint32_t lanes,
                       uint32_t extra, const void *in, const int64_t *index,
                       const uint64_t *alive, void *out) {
  if (!alive && all_there(op, type, lanes, extra, in, index, out))
    return;
  uint64_t v[VY__MAX_GROUP_LANES], temp[VY__MAX_GROUP_LANES];
  bool wide = vy__type_bytes(type) == 8;
  vy__party p = {.size = lanes,
                 .bits = extra,
                 .combine =
                     vy__evaluator_pinned(vy__op_applies(op), type, type),
                 .alive = alive,
                 .index = index,
                 .v = v,
                 .temp = temp};
  widen(lanes, wide, alive, in, v);
  vy__collective_run((vy__op)op, &p);
  narrow(&p, wide, out);
}

const vy__kernel_helpers vy__kernel_helpers_table = {
    .fma32 = fma32,
    .fma64 = fma64,
    .rem32 = rem32,
    .rem64 = rem64,
    .collective = collective,
};
