// W10, many-blob hashing: CRC-32, XXH64 and SHA-256 of a million blobs (fewer
// by default), against plain C. At 1024 blobs the committed digests are
// checked too.
#include "common.h"
#include "digests.h"

typedef struct blobs {
  uint32_t count;
  uint8_t *data;
  uint32_t *offsets; // count + 1
  uint32_t *order;
} blobs;

enum { LONGEST = 64 + 4032, SPARE = 4 };

static blobs make_blobs(uint32_t count) {
  blobs b = {.count = count};
  b.offsets = example_alloc(((size_t)count + 1) * 4);
  b.order = example_alloc((size_t)count * 4);
  for (uint32_t i = 0; i < count; i++)
    b.offsets[i + 1] = b.offsets[i] + 64 + mix(i) % 4033;
  b.data = example_alloc((size_t)b.offsets[count] + SPARE);
  for (uint32_t i = 0; i < count; i++) {
    uint8_t *to = b.data + b.offsets[i];
    uint32_t length = b.offsets[i + 1] - b.offsets[i];
    for (uint32_t j = 0; j < length; j++)
      to[j] = (uint8_t)mix(i * 4099 + j);
  }
  return b;
}

// Longest first; of one length, the first first.
static void order_blobs(blobs *b) {
  static uint32_t places[LONGEST + 2];
  for (uint32_t i = 0; i < b->count; i++)
    places[LONGEST + 1 - (b->offsets[i + 1] - b->offsets[i])]++;
  for (uint32_t i = 1; i < LONGEST + 2; i++)
    places[i] += places[i - 1];
  for (uint32_t i = 0; i < b->count; i++)
    b->order[places[LONGEST - (b->offsets[i + 1] - b->offsets[i])]++] = i;
}

// ---- the models
static void crc32(const uint8_t *p, uint32_t length, uint8_t *out) {
  static uint32_t table[256];
  for (uint32_t i = 0; i < 256 && !table[255]; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++)
      c = c & 1 ? (c >> 1) ^ 0xEDB88320u : c >> 1;
    table[i] = c;
  }
  uint32_t crc = ~0u;
  while (length--)
    crc = (crc >> 8) ^ table[(crc ^ *p++) & 255];
  crc = ~crc;
  memcpy(out, &crc, 4);
}

static const uint64_t P1 = 0x9E3779B185EBCA87u, P2 = 0xC2B2AE3D27D4EB4Fu,
                      P3 = 0x165667B19E3779F9u, P4 = 0x85EBCA77C2B2AE63u,
                      P5 = 0x27D4EB2F165667C5u;

static uint64_t rotl64(uint64_t x, int n) { return x << n | x >> (64 - n); }

static uint64_t read64(const uint8_t *p) {
  uint64_t x;
  memcpy(&x, p, 8);
  return x;
}

static uint64_t xxh_round(uint64_t sum, uint64_t x) {
  return rotl64(sum + x * P2, 31) * P1;
}

static void xxh64(const uint8_t *p, uint32_t length, uint8_t *out) {
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
  h ^= h >> 32;
  memcpy(out, &h, 8);
}

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

static uint32_t rotr32(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void sha_block(uint32_t h[8], const uint8_t *p) {
  uint32_t w[64], s[8];
  for (int t = 0; t < 16; t++)
    w[t] = (uint32_t)p[4 * t] << 24 | (uint32_t)p[4 * t + 1] << 16 |
           (uint32_t)p[4 * t + 2] << 8 | p[4 * t + 3];
  for (int t = 16; t < 64; t++) {
    uint32_t x = w[t - 15], y = w[t - 2];
    w[t] = w[t - 16] + w[t - 7] + (rotr32(x, 7) ^ rotr32(x, 18) ^ x >> 3) +
           (rotr32(y, 17) ^ rotr32(y, 19) ^ y >> 10);
  }
  memcpy(s, h, sizeof s);
  for (int t = 0; t < 64; t++) {
    uint32_t a = s[0], e = s[4];
    uint32_t t1 = s[7] + (rotr32(e, 6) ^ rotr32(e, 11) ^ rotr32(e, 25)) +
                  ((e & s[5]) ^ (~e & s[6])) + K[t] + w[t];
    uint32_t t2 = (rotr32(a, 2) ^ rotr32(a, 13) ^ rotr32(a, 22)) +
                  ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++)
    h[i] += s[i];
}

static void sha256(const uint8_t *p, uint32_t length, uint8_t *out) {
  uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint32_t whole = length / 64 * 64, rest = length - whole;
  for (uint32_t at = 0; at < whole; at += 64)
    sha_block(h, p + at);
  uint8_t last[128] = {0};
  uint32_t size = rest < 56 ? 64 : 128;
  memcpy(last, p + whole, rest);
  last[rest] = 0x80;
  for (uint32_t i = 0; i < 8; i++)
    last[size - 1 - i] = (uint8_t)((uint64_t)length * 8 >> (8 * i));
  for (uint32_t at = 0; at < size; at += 64)
    sha_block(h, last + at);
  for (int i = 0; i < 32; i++)
    out[i] = (uint8_t)(h[i / 4] >> (24 - i % 4 * 8));
}

// ---- on the device
typedef struct resident {
  vy_buffer data, offsets, order;
} resident;

typedef void (*model)(const uint8_t *p, uint32_t length, uint8_t *out);

static void one(example *e, const char *program, model plain, uint32_t size,
                const blobs *b, const resident *r, uint64_t digest) {
  vy_pipeline *p = example_pipeline(e, "hash/hash.vy", program);
  size_t bytes = (size_t)b->count * size;
  uint8_t *got = example_alloc(bytes), *want = example_alloc(bytes);
  vy_buffer out = example_buffer(e, bytes);
  vy_arg args[] = {vy_arg_buffer(r->data), vy_arg_buffer(r->offsets),
                   vy_arg_buffer(r->order), vy_arg_buffer(out)};
  example_run(e, p, args, 4);
  example_download(e, out, got, bytes);
  for (uint32_t i = 0; i < b->count; i++)
    plain(b->data + b->offsets[i], b->offsets[i + 1] - b->offsets[i],
          want + (size_t)i * size);
  example_same(e, program, got, want, bytes, size);
  uint64_t fnv = fnv1a64(got, bytes);
  if (b->count == 1024)
    example_equal(e, "digest", fnv, digest);
  printf("%s of %u blobs: digest %016llx\n", program, b->count,
         (unsigned long long)fnv);
  example_free(e, out);
  vy_pipeline_release(p);
  free(want);
  free(got);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "hash", argc, argv);
  uint64_t count = example_size(&e, 40, 1024);
  if (count > 1 << 20)
    example_fail(&e, "at most 1048576 blobs, for offsets of 32 bits");
  blobs b = make_blobs((uint32_t)count);
  order_blobs(&b);
  resident r = {
      example_upload(&e, b.data, (uint64_t)b.offsets[count] + SPARE),
      example_upload(&e, b.offsets, (count + 1) * 4),
      example_upload(&e, b.order, count * 4),
  };
  one(&e, "crc32", crc32, 4, &b, &r, DIGEST_CRC32);
  one(&e, "xxh64", xxh64, 8, &b, &r, DIGEST_XXH64);
  one(&e, "sha256", sha256, 32, &b, &r, DIGEST_SHA256);
  example_free(&e, r.data);
  example_free(&e, r.offsets);
  example_free(&e, r.order);
  free(b.data);
  free(b.offsets);
  free(b.order);
  return example_close(&e);
}
