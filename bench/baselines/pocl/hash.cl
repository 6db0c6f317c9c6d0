// W10 in OpenCL C: one work-item a blob.

// Eight bytes a step; table[256 * t + x] is byte x, t bytes further on.
kernel void crc32(global const uchar *data, global const uint *offsets,
                  global const uint *order, global uint *sums,
                  global const uint *table) {
  uint blob = order[get_global_id(0)];
  global const uchar *p = data + offsets[blob];
  uint length = offsets[blob + 1] - offsets[blob], crc = ~0u, i = 0;
  for (; i + 8 <= length; i += 8) {
    uchar8 x = as_uchar8(as_ulong(vload8(0, p + i)) ^ (ulong)crc);
    crc = table[1792 + x.s0] ^ table[1536 + x.s1] ^ table[1280 + x.s2] ^
          table[1024 + x.s3] ^ table[768 + x.s4] ^ table[512 + x.s5] ^
          table[256 + x.s6] ^ table[x.s7];
  }
  for (; i < length; i++)
    crc = (crc >> 8) ^ table[(crc ^ p[i]) & 255];
  sums[blob] = ~crc;
}

// ---- XXH64

constant ulong P1 = 0x9E3779B185EBCA87ul, P2 = 0xC2B2AE3D27D4EB4Ful,
               P3 = 0x165667B19E3779F9ul, P4 = 0x85EBCA77C2B2AE63ul,
               P5 = 0x27D4EB2F165667C5ul;

uint read32(global const uchar *p) { return as_uint(vload4(0, p)); }
ulong read64(global const uchar *p) { return as_ulong(vload8(0, p)); }

ulong xxh_round(ulong sum, ulong x) {
  return rotate(sum + x * P2, (ulong)31) * P1;
}

ulong xxh_merge(ulong h, ulong v) {
  return (h ^ xxh_round(0, v)) * P1 + P4;
}

kernel void xxh64(global const uchar *data, global const uint *offsets,
                  global const uint *order, global ulong *hashes) {
  uint blob = order[get_global_id(0)];
  uint length = offsets[blob + 1] - offsets[blob];
  global const uchar *p = data + offsets[blob], *end = p + length;
  ulong h = P5;
  if (length >= 32) {
    ulong a = P1 + P2, b = P2, c = 0, d = 0 - P1;
    for (; end - p >= 32; p += 32) {
      a = xxh_round(a, read64(p));
      b = xxh_round(b, read64(p + 8));
      c = xxh_round(c, read64(p + 16));
      d = xxh_round(d, read64(p + 24));
    }
    h = rotate(a, (ulong)1) + rotate(b, (ulong)7) + rotate(c, (ulong)12) +
        rotate(d, (ulong)18);
    h = xxh_merge(xxh_merge(xxh_merge(xxh_merge(h, a), b), c), d);
  }
  h += length;
  for (; end - p >= 8; p += 8)
    h = rotate(h ^ xxh_round(0, read64(p)), (ulong)27) * P1 + P4;
  if (end - p >= 4) {
    h = rotate(h ^ read32(p) * P1, (ulong)23) * P2 + P3;
    p += 4;
  }
  for (; p < end; p++)
    h = rotate(h ^ *p * P5, (ulong)11) * P1;
  h = (h ^ h >> 33) * P2;
  h = (h ^ h >> 29) * P3;
  hashes[blob] = h ^ h >> 32;
}

// ---- SHA-256

constant uint K[64] = {
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

uint rotr(uint x, uint n) { return rotate(x, 32 - n); }
uint swap(uint x) { return as_uint(as_uchar4(x).wzyx); }

// The first word of a message's end that holds the bytes, 0x80 and zeros.
uint last_word(global const uchar *p, uint length, uint at) {
  uint x = 0;
  for (uint i = 0; i < 4; i++) {
    uint byte = at + i < length ? p[at + i] : at + i == length ? 0x80 : 0;
    x = x << 8 | byte;
  }
  return x;
}

#define ROUND(a, b, c, d, e, f, g, h, i)                                       \
  do {                                                                         \
    uint t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +                   \
              (g ^ (e & (f ^ g))) + K[t + i] + w[i];                           \
    d += t1;                                                                   \
    h = t1 + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) +                        \
        (b ^ ((a ^ b) & (b ^ c)));                                             \
  } while (0)
#define ROUNDS(i)                                                              \
  ROUND(a, b, c, d, e, f, g, h, i);                                            \
  ROUND(h, a, b, c, d, e, f, g, i + 1);                                        \
  ROUND(g, h, a, b, c, d, e, f, i + 2);                                        \
  ROUND(f, g, h, a, b, c, d, e, i + 3);                                        \
  ROUND(e, f, g, h, a, b, c, d, i + 4);                                        \
  ROUND(d, e, f, g, h, a, b, c, i + 5);                                        \
  ROUND(c, d, e, f, g, h, a, b, i + 6);                                        \
  ROUND(b, c, d, e, f, g, h, a, i + 7)

void sha_block(uint *s, uint *w) {
  uint a = s[0], b = s[1], c = s[2], d = s[3];
  uint e = s[4], f = s[5], g = s[6], h = s[7];
  for (uint t = 0; t < 64; t += 16) {
    ROUNDS(0);
    ROUNDS(8);
    if (t < 48)
      for (uint i = 0; i < 16; i++) {
        uint x = w[(i + 1) & 15], y = w[(i + 14) & 15];
        w[i] += w[(i + 9) & 15] + (rotr(x, 7) ^ rotr(x, 18) ^ x >> 3) +
                (rotr(y, 17) ^ rotr(y, 19) ^ y >> 10);
      }
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

kernel void sha256(global const uchar *data, global const uint *offsets,
                   global const uint *order, global uint *digests) {
  uint blob = order[get_global_id(0)];
  global const uchar *p = data + offsets[blob];
  uint length = offsets[blob + 1] - offsets[blob];
  uint blocks = (length + 8) / 64 + 1, w[16];
  uint s[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (uint block = 0; block < blocks; block++) {
    uint start = 64 * block;
    if (start + 64 <= length) {
      for (uint i = 0; i < 16; i++)
        w[i] = swap(read32(p + start + 4 * i));
    } else {
      for (uint i = 0; i < 16; i++)
        w[i] = last_word(p, length, start + 4 * i);
      if (block + 1 == blocks) {
        w[14] = length >> 29;
        w[15] = length << 3;
      }
    }
    sha_block(s, w);
  }
  for (uint i = 0; i < 8; i++)
    digests[8 * blob + i] = swap(s[i]);
}
