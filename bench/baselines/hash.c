// W10: CRC-32 (eight bytes a step by tables), XXH64 and SHA-256 in plain C.
#include "baselines.h"

#include <string.h>

static uint64_t read64(const uint8_t *p) {
  uint64_t x;
  memcpy(&x, p, 8);
  return x;
}

// ---- CRC-32

static uint32_t table[8][256];

static void make_table(void) {
  if (table[7][255])
    return;
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++)
      c = c & 1 ? (c >> 1) ^ 0xEDB88320u : c >> 1;
    table[0][i] = c;
  }
  for (uint32_t t = 1; t < 8; t++)
    for (uint32_t i = 0; i < 256; i++)
      table[t][i] = (table[t - 1][i] >> 8) ^ table[0][table[t - 1][i] & 255];
}

static uint32_t crc_of(const uint8_t *p, uint32_t length) {
  uint32_t crc = ~0u;
  for (; length >= 8; length -= 8, p += 8) {
    uint64_t x = read64(p) ^ crc;
    crc = table[7][x & 255] ^ table[6][x >> 8 & 255] ^ table[5][x >> 16 & 255] ^
          table[4][x >> 24 & 255] ^ table[3][x >> 32 & 255] ^
          table[2][x >> 40 & 255] ^ table[1][x >> 48 & 255] ^ table[0][x >> 56];
  }
  while (length--)
    crc = (crc >> 8) ^ table[0][(crc ^ *p++) & 255];
  return ~crc;
}

void BASE(crc32)(const blobs *b, uint32_t *sums) {
  make_table();
#pragma omp parallel for schedule(dynamic, 64)
  for (uint32_t i = 0; i < b->count; i++)
    sums[i] =
        crc_of(b->data + b->offsets[i], b->offsets[i + 1] - b->offsets[i]);
}

// ---- XXH64

static const uint64_t P1 = 0x9E3779B185EBCA87u, P2 = 0xC2B2AE3D27D4EB4Fu,
                      P3 = 0x165667B19E3779F9u, P4 = 0x85EBCA77C2B2AE63u,
                      P5 = 0x27D4EB2F165667C5u;

static uint64_t rotl64(uint64_t x, int n) { return x << n | x >> (64 - n); }

static uint64_t xxh_round(uint64_t sum, uint64_t x) {
  return rotl64(sum + x * P2, 31) * P1;
}

static uint64_t xxh_of(const uint8_t *p, uint32_t length) {
  const uint8_t *end = p + length;
  uint64_t h = P5;
  if (length >= 32) {
    uint64_t v[4] = {P1 + P2, P2, 0, 0 - P1};
    for (; end - p >= 32; p += 32)
      for (int i = 0; i < 4; i++)
        v[i] = xxh_round(v[i], read64(p + 8 * i));
    h = rotl64(v[0], 1) + rotl64(v[1], 7) + rotl64(v[2], 12) + rotl64(v[3], 18);
    for (int i = 0; i < 4; i++)
      h = (h ^ xxh_round(0, v[i])) * P1 + P4;
  }
  h += length;
  for (; end - p >= 8; p += 8)
    h = rotl64(h ^ xxh_round(0, read64(p)), 27) * P1 + P4;
  if (end - p >= 4) {
    uint32_t x;
    memcpy(&x, p, 4);
    h = rotl64(h ^ x * P1, 23) * P2 + P3;
    p += 4;
  }
  for (; p < end; p++)
    h = rotl64(h ^ *p * P5, 11) * P1;
  h = (h ^ h >> 33) * P2;
  h = (h ^ h >> 29) * P3;
  return h ^ h >> 32;
}

void BASE(xxh64)(const blobs *b, uint64_t *hashes) {
#pragma omp parallel for schedule(dynamic, 64)
  for (uint32_t i = 0; i < b->count; i++)
    hashes[i] =
        xxh_of(b->data + b->offsets[i], b->offsets[i + 1] - b->offsets[i]);
}

// ---- SHA-256

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

// Names change places instead of values.
#define ROUND(a, b, c, d, e, f, g, h, t)                                       \
  do {                                                                         \
    uint32_t t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +               \
                  (g ^ (e & (f ^ g))) + K[t] + w[(t)&15];                      \
    d += t1;                                                                   \
    h = t1 + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) +                        \
        (b ^ ((a ^ b) & (b ^ c)));                                             \
  } while (0)
#define ROUNDS(t)                                                              \
  ROUND(a, b, c, d, e, f, g, h, t);                                            \
  ROUND(h, a, b, c, d, e, f, g, t + 1);                                        \
  ROUND(g, h, a, b, c, d, e, f, t + 2);                                        \
  ROUND(f, g, h, a, b, c, d, e, t + 3);                                        \
  ROUND(e, f, g, h, a, b, c, d, t + 4);                                        \
  ROUND(d, e, f, g, h, a, b, c, t + 5);                                        \
  ROUND(c, d, e, f, g, h, a, b, t + 6);                                        \
  ROUND(b, c, d, e, f, g, h, a, t + 7)

static void schedule(uint32_t w[16]) {
  for (uint32_t i = 0; i < 16; i++) {
    uint32_t x = w[(i + 1) & 15], y = w[(i + 14) & 15];
    w[i] += w[(i + 9) & 15] + (rotr(x, 7) ^ rotr(x, 18) ^ x >> 3) +
            (rotr(y, 17) ^ rotr(y, 19) ^ y >> 10);
  }
}

static void sha_block(uint32_t s[8], const uint8_t *p) {
  uint32_t w[16];
  for (uint32_t t = 0; t < 16; t++) {
    uint32_t x;
    memcpy(&x, p + 4 * t, 4);
    w[t] = __builtin_bswap32(x);
  }
  uint32_t a = s[0], b = s[1], c = s[2], d = s[3];
  uint32_t e = s[4], f = s[5], g = s[6], h = s[7];
  for (uint32_t t = 0;; t += 16) {
    ROUNDS(t);
    ROUNDS(t + 8);
    if (t == 48)
      break;
    schedule(w);
  }
  s[0] += a;
  s[1] += b;
  s[2] += c;
  s[3] += d;
  s[4] += e;
  s[5] += f;
  s[6] += g;
  s[7] += h;
}

static void sha_of(const uint8_t *p, uint32_t length, uint8_t *out) {
  uint32_t s[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint32_t whole = length / 64 * 64, rest = length - whole;
  for (uint32_t at = 0; at < whole; at += 64)
    sha_block(s, p + at);
  uint8_t last[128] = {0};
  uint32_t size = rest < 56 ? 64 : 128;
  memcpy(last, p + whole, rest);
  last[rest] = 0x80;
  uint64_t bits = __builtin_bswap64((uint64_t)length * 8);
  memcpy(last + size - 8, &bits, 8);
  for (uint32_t at = 0; at < size; at += 64)
    sha_block(s, last + at);
  for (uint32_t i = 0; i < 8; i++) {
    uint32_t x = __builtin_bswap32(s[i]);
    memcpy(out + 4 * i, &x, 4);
  }
}

void BASE(sha256)(const blobs *b, uint8_t *digests) {
#pragma omp parallel for schedule(dynamic, 64)
  for (uint32_t i = 0; i < b->count; i++)
    sha_of(b->data + b->offsets[i], b->offsets[i + 1] - b->offsets[i],
           digests + 32 * (size_t)i);
}
