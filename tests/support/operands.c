// See operands.h.
#include "support/operands.h"

#include <stdlib.h>
#include <string.h>

#include "semantics/semantics.h"
#include "support/numbers.h"

typedef struct format {
  int mant, exp;
} format;

static format format_of(vy_type t) {
  return t == VY_TYPE_F32 ? (format){23, 8} : (format){52, 11};
}

static uint64_t mask_of(vy_type t) {
  return vy__type_bits(t) == 64 ? UINT64_MAX
                                : (UINT64_C(1) << vy__type_bits(t)) - 1;
}

// ---- values

static size_t put(vy_type t, uint64_t v, uint64_t *out, size_t n) {
  v &= mask_of(t);
  for (size_t i = 0; i < n; i++)
    if (out[i] == v)
      return n;
  out[n] = v;
  return n + 1;
}

static size_t int_edges(vy_type t, bool few, uint64_t *out) {
  static const uint8_t few_bits[] = {0, 1, 5, 31, 63},
                       many_bits[] = {0,  1,  2,  3,  5,  7,  8,  15, 16, 23,
                                      24, 30, 31, 32, 33, 47, 52, 53, 62, 63};
  const uint8_t *bits = few ? few_bits : many_bits;
  const size_t count = few ? sizeof few_bits : sizeof many_bits;
  size_t n = put(t, 0, out, 0);
  for (size_t i = 0; i < count; i++) {
    const uint64_t power = UINT64_C(1) << bits[i];
    n = put(t, power, out, n);
    n = put(t, power - 1, out, n);
    n = put(t, -power, out, n);
    if (!few) {
      n = put(t, power + 1, out, n);
      n = put(t, -power - 1, out, n);
    }
  }
  static const uint64_t patterns[] = {10,
                                      1000003,
                                      0x80808080,
                                      0xaaaaaaaaaaaaaaaa,
                                      0x123456789abcdef0,
                                      0xffffff80ffffff80};
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns && !few; i++)
    n = put(t, patterns[i], out, n);
  return n;
}

size_t operands_edges(vy_type type, bool few, uint64_t *out) {
  if (type == VY_TYPE_BOOL) {
    out[0] = 0;
    out[1] = 1;
    return 2;
  }
  if (!vy__is_float(type))
    return int_edges(type, few, out);
  const format f = format_of(type);
  return numbers_edges(f.mant, f.exp, few, out);
}

size_t operands_literals(vy_type type, uint64_t *out) {
  static const uint64_t ints[] = {0,  1,  2,  3,  7,          8,
                                  31, 32, 63, 64, UINT64_MAX, 0x80000000};
  static const uint32_t narrow[] = {
      0,          0x80000000, 0x3f800000, 0xbf800000, 0x40000000,
      0x3f000000, 0x40400000, 0x3dcccccd, 1,          0x7f7fffff,
      0x7f800000, 0xff800000, 0x7fc00000};
  size_t n = 0;
  if (type == VY_TYPE_BOOL)
    return operands_edges(type, true, out);
  if (vy__is_float(type))
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
      n = put(type,
              vy__evaluate(VY__OP_CONVERT, VY_TYPE_F32, type, narrow[i], 0, 0),
              out, n);
  else
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
      n = put(type, ints[i], out, n);
  if (vy__is_int(type))
    n = put(type, UINT64_C(1) << (vy__type_bits(type) - 1), out, n);
  return n;
}

uint64_t operands_random(vy_type type, uint64_t *state) {
  const uint64_t r = numbers_next(state), how = numbers_next(state);
  if (!vy__is_float(type)) // of every length
    return (how & 1 ? r : r >> (how >> 1) % vy__type_bits(type)) &
           mask_of(type);
  static const int spreads[] = {1, 4, 30, 130, 2000};
  const format f = format_of(type);
  if (how % 8 == 0)
    return r & mask_of(type);
  uint64_t v = numbers_float(f.mant, f.exp, spreads[how / 8 % 5], state);
  if (how >> 32 & 1) // few significant bits: results near ties
    v = v >> (r % (uint64_t)f.mant) << (r % (uint64_t)f.mant);
  return v;
}

// ---- tuples

static uint32_t stored_size(vy_type t) {
  return t == VY_TYPE_BOOL ? 4 : vy_type_size(t);
}

static void set(operands *o, const vy_type types[3], uint32_t i, uint64_t at,
                uint64_t bits) {
  const uint32_t size = stored_size(types[i]);
  memcpy((char *)o->data[i] + at * size, &bits, size);
}

static void *room(size_t size) {
  void *p = calloc(1, size ? size : 1);
  if (!p)
    abort();
  return p;
}

static operands make(const vy_type types[3], const uint64_t counts[3]) {
  operands o = {{NULL, NULL, NULL}, {0, 0, 0}, {0, 0, 0}};
  for (uint32_t i = 0; i < 3 && types[i]; i++) {
    o.count[i] = counts[i];
    o.size[i] = counts[i] * stored_size(types[i]);
    o.data[i] = room(o.size[i]);
  }
  return o;
}

// What may cancel: c near -(a * b), b near -a; else nothing changes.
static void cancel(const vy_type types[3], uint64_t at, uint64_t v[3]) {
  const vy_type t = types[0];
  if (!vy__is_float(t) || types[1] != t || at % 3 == 0)
    return;
  const uint64_t sign = UINT64_C(1) << (vy__type_bits(t) - 1);
  if (types[2] == t)
    v[2] = vy__evaluate(VY__OP_MUL, t, t, v[0], v[1], 0) ^ sign ^ (at % 4);
  else if (at % 3 == 1)
    v[1] = v[0] ^ sign ^ (at % 16);
}

operands operands_tuples(const vy_type types[3], bool few, size_t random) {
  uint64_t *edges[3], counts[3], total = 1, seed = 1;
  for (uint32_t i = 0; i < 3; i++) {
    edges[i] = room(OPERANDS_EDGES * sizeof(uint64_t));
    counts[i] = types[i] ? operands_edges(types[i], few, edges[i]) : 1;
    total *= counts[i];
  }
  const uint64_t all = total + random;
  operands o = make(types, (const uint64_t[3]){all, all, all});
  for (uint64_t at = 0; at < all; at++) {
    const uint64_t places[3] = {at / counts[1] / counts[2] % counts[0],
                                at / counts[2] % counts[1], at % counts[2]};
    uint64_t v[3];
    for (uint32_t i = 0; i < 3; i++)
      v[i] = at < total ? edges[i][places[i]]
             : types[i] ? operands_random(types[i], &seed)
                        : 0;
    if (at >= total)
      cancel(types, at, v);
    for (uint32_t i = 0; i < 3 && types[i]; i++)
      set(&o, types, i, at, v[i]);
  }
  for (uint32_t i = 0; i < 3; i++)
    free(edges[i]);
  return o;
}

operands operands_each(const vy_type types[3], bool few) {
  uint64_t *edges = room(3 * OPERANDS_EDGES * sizeof(uint64_t)), counts[3];
  for (uint32_t i = 0; i < 3; i++)
    counts[i] = types[i]
                    ? operands_edges(types[i], few, edges + i * OPERANDS_EDGES)
                    : 0;
  if (types[2]) // b and c go together
    counts[1] = counts[2] = counts[1] > counts[2] ? counts[1] : counts[2];
  operands o = make(types, counts);
  for (uint32_t i = 0; i < 3 && types[i]; i++) {
    const uint64_t *e = edges + i * OPERANDS_EDGES;
    const size_t n = operands_edges(types[i], few, edges + i * OPERANDS_EDGES);
    for (uint64_t at = 0; at < counts[i]; at++)
      set(&o, types, i, at, e[i == 2 ? at * 7 % n : at % n]);
  }
  free(edges);
  return o;
}

operands operands_part(const operands *o, uint64_t from, uint64_t n) {
  operands part = {{NULL, NULL, NULL}, {0, 0, 0}, {0, 0, 0}};
  for (uint32_t i = 0; i < 3 && o->data[i]; i++) {
    const uint64_t size = o->size[i] / o->count[i],
                   start = from < o->count[i] ? from : 0,
                   left = o->count[i] - start, take = n < left ? n : left;
    part.count[i] = take;
    part.size[i] = take * size;
    part.data[i] = room(part.size[i]);
    memcpy(part.data[i], (const char *)o->data[i] + start * size, part.size[i]);
  }
  return part;
}

operands operands_sample(const operands *o, uint64_t n) {
  const uint64_t all = o->count[0], step = all > n ? all / n : 1,
                 take = all / step;
  operands part = {{NULL, NULL, NULL}, {0, 0, 0}, {0, 0, 0}};
  for (uint32_t i = 0; i < 3 && o->data[i]; i++) {
    const uint64_t size = o->size[i] / all;
    part.count[i] = take;
    part.size[i] = take * size;
    part.data[i] = room(part.size[i]);
    for (uint64_t k = 0; k < take; k++) // not always the same last operand
      memcpy((char *)part.data[i] + k * size,
             (const char *)o->data[i] + (k * step + k % step) * size, size);
  }
  return part;
}

uint64_t operands_bits(const operands *o, uint32_t i, uint64_t at) {
  uint64_t bits = 0;
  if (o->data[i] && at < o->count[i]) {
    const uint64_t size = o->size[i] / o->count[i];
    memcpy(&bits, (const char *)o->data[i] + at * size, size);
  }
  return bits;
}

void operands_free(operands *o) {
  for (uint32_t i = 0; i < 3; i++)
    free(o->data[i]);
}
