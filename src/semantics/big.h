// A small unsigned big integer of fixed capacity, for exact decimal
// conversions. The callers bound their numbers well below the capacity; see
// the bounds in parse_float.c.
#ifndef VY__BIG_H
#define VY__BIG_H

#include "base/base.h"

enum { VY__BIG_WORDS = 100 };

typedef struct vy__big {
  int n;                     // words used; the last one is not 0
  uint32_t w[VY__BIG_WORDS]; // least significant first
} vy__big;

static inline vy__big vy__big_of(uint64_t v) {
  vy__big b = {.n = 0};
  for (; v; v >>= 32)
    b.w[b.n++] = (uint32_t)v;
  return b;
}

// b = b * m + add
static inline void vy__big_mul(vy__big *b, uint32_t m, uint32_t add) {
  uint64_t carry = add;
  for (int i = 0; i < b->n; i++) {
    carry += (uint64_t)b->w[i] * m;
    b->w[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry)
    b->w[b->n++] = (uint32_t)carry;
}

static inline void vy__big_mul_pow5(vy__big *b, int k) {
  for (; k >= 13; k -= 13)
    vy__big_mul(b, 1220703125, 0); // 5^13
  for (; k > 0; k--)
    vy__big_mul(b, 5, 0);
}

static inline int vy__big_bits(const vy__big *b) {
  return b->n ? 32 * b->n - __builtin_clz(b->w[b->n - 1]) : 0;
}

static inline void vy__big_shift(vy__big *b, int k) { // left
  const int words = k / 32, bits = k % 32;
  if (b->n == 0)
    return;
  b->w[b->n] = 0;
  for (int i = b->n; i >= 0; i--) {
    const uint64_t pair = (uint64_t)b->w[i] << 32 | (i ? b->w[i - 1] : 0);
    b->w[i + words] = (uint32_t)(pair >> (32 - bits));
  }
  for (int i = 0; i < words; i++)
    b->w[i] = 0;
  b->n += words;
  if (b->w[b->n])
    b->n++;
}

static inline int vy__big_cmp(const vy__big *a, const vy__big *b) {
  if (a->n != b->n)
    return a->n < b->n ? -1 : 1;
  for (int i = a->n - 1; i >= 0; i--)
    if (a->w[i] != b->w[i])
      return a->w[i] < b->w[i] ? -1 : 1;
  return 0;
}

// a -= b; a >= b
static inline void vy__big_sub(vy__big *a, const vy__big *b) {
  int64_t borrow = 0;
  for (int i = 0; i < a->n; i++) {
    borrow += (int64_t)a->w[i] - (i < b->n ? b->w[i] : 0);
    a->w[i] = (uint32_t)borrow;
    borrow >>= 32;
  }
  while (a->n && a->w[a->n - 1] == 0)
    a->n--;
}

static inline void vy__big_add(vy__big *a, const vy__big *b) {
  uint64_t carry = 0;
  for (int i = 0; i < b->n || carry; i++) {
    if (i >= a->n)
      a->w[a->n++] = 0;
    carry += (uint64_t)a->w[i] + (i < b->n ? b->w[i] : 0);
    a->w[i] = (uint32_t)carry;
    carry >>= 32;
  }
}

#endif
