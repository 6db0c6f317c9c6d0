// See numbers.h.
#include "support/numbers.h"

#include <stdlib.h>

bool numbers_full(void) {
  const char *full = getenv("VYRE_FULL");
  return full && full[0] && full[0] != '0';
}

size_t numbers_edges(int mant, int exp, bool few, uint64_t *out) {
  const uint64_t one = UINT64_C(1) << mant;
  const int top = (1 << exp) - 1, bias = top / 2;
  // Exponent fields; those out of range are left out.
  const int many_fields[] = {0,
                             1,
                             2,
                             mant,
                             bias / 2,
                             bias - mant - 1,
                             bias - mant,
                             bias - 2,
                             bias - 1,
                             bias,
                             bias + 1,
                             bias + 2,
                             bias + mant - 1,
                             bias + mant,
                             bias + mant + 1,
                             bias + 30,
                             bias + 31,
                             bias + 32,
                             bias + 62,
                             bias + 63,
                             bias + 64,
                             3 * bias / 2,
                             top - 2,
                             top - 1,
                             top};
  const int few_fields[] = {0,    1,           bias - mant - 1, bias - 1,
                            bias, bias + mant, top - 1,         top};
  const uint64_t many_tails[] = {0,       1,           2,       one / 2 - 1,
                                 one / 2, one / 2 + 1, one - 2, one - 1};
  const uint64_t few_tails[] = {0, 1, one / 2, one - 1};
  const int *fields = few ? few_fields : many_fields;
  const uint64_t *tails = few ? few_tails : many_tails;
  const size_t field_count = few ? 8 : 25, tail_count = few ? 4 : 8;
  size_t n = 0;
  for (size_t i = 0; i < field_count; i++)
    for (size_t j = 0; j < tail_count; j++)
      for (uint64_t sign = 0; sign < 2; sign++)
        if (fields[i] >= 0 && fields[i] <= top)
          out[n++] =
              sign << (mant + exp) | (uint64_t)fields[i] << mant | tails[j];
  return n;
}

uint64_t numbers_float(int mant, int exp, int spread, uint64_t *state) {
  const uint64_t bits = numbers_next(state);
  const int bias = (1 << (exp - 1)) - 1;
  if (spread > bias)
    spread = bias;
  const int field =
      bias - spread + (int)(numbers_next(state) % (2u * (unsigned)spread + 1));
  return (bits >> 63) << (mant + exp) | (uint64_t)field << mant |
         (bits & ((UINT64_C(1) << mant) - 1));
}
