// Hashes of many blobs at once: CRC-32 (of zip and zlib), XXH64 with seed 0,
// and SHA-256. One lane a blob. Blob b is data[offsets[b]] up to
// data[offsets[b + 1]]; after the last one stand at least 4 bytes more, which
// no hash sees. order[lane] is the blob that a lane takes: blobs of about the
// same length side by side keep neighbouring lanes busy for equally long.

// ---- CRC-32

// CRC_k[n]: what nibble k of a word becomes when 32 bits are shifted out.
// Tables as small as this fit in a vector register.
const CRC_0: u32[16] = {
    0x00000000, 0xb8bc6765, 0xaa09c88b, 0x12b5afee,
    0x8f629757, 0x37def032, 0x256b5fdc, 0x9dd738b9,
    0xc5b428ef, 0x7d084f8a, 0x6fbde064, 0xd7018701,
    0x4ad6bfb8, 0xf26ad8dd, 0xe0df7733, 0x58631056};
const CRC_1: u32[16] = {
    0x00000000, 0x5019579f, 0xa032af3e, 0xf02bf8a1,
    0x9b14583d, 0xcb0d0fa2, 0x3b26f703, 0x6b3fa09c,
    0xed59b63b, 0xbd40e1a4, 0x4d6b1905, 0x1d724e9a,
    0x764dee06, 0x2654b999, 0xd67f4138, 0x866616a7};
const CRC_2: u32[16] = {
    0x00000000, 0x01c26a37, 0x0384d46e, 0x0246be59,
    0x0709a8dc, 0x06cbc2eb, 0x048d7cb2, 0x054f1685,
    0x0e1351b8, 0x0fd13b8f, 0x0d9785d6, 0x0c55efe1,
    0x091af964, 0x08d89353, 0x0a9e2d0a, 0x0b5c473d};
const CRC_3: u32[16] = {
    0x00000000, 0x1c26a370, 0x384d46e0, 0x246be590,
    0x709a8dc0, 0x6cbc2eb0, 0x48d7cb20, 0x54f16850,
    0xe1351b80, 0xfd13b8f0, 0xd9785d60, 0xc55efe10,
    0x91af9640, 0x8d893530, 0xa9e2d0a0, 0xb5c473d0};
const CRC_4: u32[16] = {
    0x00000000, 0x191b3141, 0x32366282, 0x2b2d53c3,
    0x646cc504, 0x7d77f445, 0x565aa786, 0x4f4196c7,
    0xc8d98a08, 0xd1c2bb49, 0xfaefe88a, 0xe3f4d9cb,
    0xacb54f0c, 0xb5ae7e4d, 0x9e832d8e, 0x87981ccf};
const CRC_5: u32[16] = {
    0x00000000, 0x4ac21251, 0x958424a2, 0xdf4636f3,
    0xf0794f05, 0xbabb5d54, 0x65fd6ba7, 0x2f3f79f6,
    0x3b83984b, 0x71418a1a, 0xae07bce9, 0xe4c5aeb8,
    0xcbfad74e, 0x8138c51f, 0x5e7ef3ec, 0x14bce1bd};
const CRC_6: u32[16] = {
    0x00000000, 0x77073096, 0xee0e612c, 0x990951ba,
    0x076dc419, 0x706af48f, 0xe963a535, 0x9e6495a3,
    0x0edb8832, 0x79dcb8a4, 0xe0d5e91e, 0x97d2d988,
    0x09b64c2b, 0x7eb17cbd, 0xe7b82d07, 0x90bf1d91};
const CRC_7: u32[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
    0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

fn crc_word(x: u32) -> u32 {
    return CRC_0[x & 15] ^ CRC_1[(x >> 4) & 15] ^ CRC_2[(x >> 8) & 15]
        ^ CRC_3[(x >> 12) & 15] ^ CRC_4[(x >> 16) & 15]
        ^ CRC_5[(x >> 20) & 15] ^ CRC_6[(x >> 24) & 15] ^ CRC_7[x >> 28];
}

program crc32(data: read u8[], offsets: read u32[], order: read u32[],
              sums: write u32[len(order)]) {
    lanes len(order);

    let blob = order[lane];
    let begin = offsets[blob];
    let length = offsets[blob + 1] - begin;
    var crc = 0xffffffffu;
    for i in 0u .. length / 4 {
        crc = crc_word(crc ^ load_u32(data, begin + 4 * i));
    }
    for i in length / 4 * 4 .. length {
        let x = crc ^ data[begin + i];
        crc = (crc >> 8) ^ CRC_6[x & 15] ^ CRC_7[(x >> 4) & 15];
    }
    sums[blob] = ~crc;
}

// ---- XXH64

const P1: u64 = 0x9e3779b185ebca87;
const P2: u64 = 0xc2b2ae3d27d4eb4f;
const P3: u64 = 0x165667b19e3779f9;
const P4: u64 = 0x85ebca77c2b2ae63;
const P5: u64 = 0x27d4eb2f165667c5;

fn xxh_round(sum: u64, x: u64) -> u64 {
    return rotate_left(sum + x * P2, 31) * P1;
}

fn xxh_merge(hash: u64, sum: u64) -> u64 {
    return (hash ^ xxh_round(0, sum)) * P1 + P4;
}

fn xxh_mix(hash: u64) -> u64 {
    var h = hash;
    h = (h ^ (h >> 33)) * P2;
    h = (h ^ (h >> 29)) * P3;
    return h ^ (h >> 32);
}

// The last 0 to 31 bytes: words, half a word, bytes.
fn xxh_rest(data: read u8[], start: u32, end: u32, hash: u64) -> u64 {
    var h = hash;
    var at = start;
    while (end - at >= 8) {
        h = rotate_left(h ^ xxh_round(0, load_u64(data, at)), 27) * P1 + P4;
        at += 8;
    }
    if (end - at >= 4) {
        h = rotate_left(h ^ u64(load_u32(data, at)) * P1, 23) * P2 + P3;
        at += 4;
    }
    while (at < end) {
        h = rotate_left(h ^ u64(data[at]) * P5, 11) * P1;
        at += 1;
    }
    return h;
}

program xxh64(data: read u8[], offsets: read u32[], order: read u32[],
              hashes: write u64[len(order)]) {
    lanes len(order);

    let blob = order[lane];
    let begin = offsets[blob];
    let end = offsets[blob + 1];
    let length = end - begin;
    var h = P5;
    if (length >= 32) {
        var a = P1 + P2;
        var b = P2;
        var c = 0ul;
        var d = 0 - P1;
        for i in 0u .. length / 32 {
            let at = begin + 32 * i;
            a = xxh_round(a, load_u64(data, at));
            b = xxh_round(b, load_u64(data, at + 8));
            c = xxh_round(c, load_u64(data, at + 16));
            d = xxh_round(d, load_u64(data, at + 24));
        }
        h = rotate_left(a, 1) + rotate_left(b, 7) + rotate_left(c, 12)
            + rotate_left(d, 18);
        h = xxh_merge(xxh_merge(xxh_merge(xxh_merge(h, a), b), c), d);
    }
    h = xxh_rest(data, end - length % 32, end, h + u64(length));
    hashes[blob] = xxh_mix(h);
}

// ---- SHA-256

const K: u32[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
    0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// Word p/4 of a message that ends inside or before it: the bytes left, 0x80,
// zeros.
fn sha_last(data: read u8[], begin: u32, length: u32, p: u32) -> u32 {
    if (p > length) {
        return 0;
    }
    let word = load_u32(data, begin + p);
    if (p + 4 <= length) {
        return byte_swap(word);
    }
    let shift = 8 * (length - p);
    return byte_swap((word & ((1 << shift) - 1)) | (0x80 << shift));
}

fn sha_block(h: var u32[8], w: var u32[16]) {
    var s: u32[8];
    unroll for i in 0 .. 8 {
        s[i] = h[i];
    }
    for t in 0u .. 64u step 16u {
        unroll for i in 0u .. 16u {
            let e = s[4];
            let a = s[0];
            let choice = s[6] ^ (e & (s[5] ^ s[6]));
            let majority = s[1] ^ ((a ^ s[1]) & (s[1] ^ s[2]));
            let t1 = s[7] + K[t + i] + w[i] + choice
                + (rotate_right(e, 6) ^ rotate_right(e, 11)
                   ^ rotate_right(e, 25));
            let t2 = majority
                + (rotate_right(a, 2) ^ rotate_right(a, 13)
                   ^ rotate_right(a, 22));
            unroll for j in 0 .. 7 {
                s[7 - j] = s[6 - j];
            }
            s[4] += t1;
            s[0] = t1 + t2;
        }
        if (t < 48) { // the next 16 words of the schedule
            unroll for i in 0 .. 16 {
                let x = w[(i + 1) % 16];
                let y = w[(i + 14) % 16];
                w[i] += w[(i + 9) % 16]
                    + (rotate_right(x, 7) ^ rotate_right(x, 18) ^ (x >> 3))
                    + (rotate_right(y, 17) ^ rotate_right(y, 19) ^ (y >> 10));
            }
        }
    }
    unroll for i in 0 .. 8 {
        h[i] += s[i];
    }
}

// Digests of 32 bytes, in the order in which they are usually written.
program sha256(data: read u8[], offsets: read u32[], order: read u32[],
               digests: write u32[8 * len(order)]) {
    lanes len(order);

    let blob = order[lane];
    let begin = offsets[blob];
    let length = offsets[blob + 1] - begin;
    var h: u32[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    let blocks = (length + 8) / 64 + 1;
    for block in 0u .. blocks {
        let start = 64 * block;
        var w: u32[16];
        if (start + 64 <= length) {
            unroll for i in 0u .. 16u {
                w[i] = byte_swap(load_u32(data, begin + start + 4 * i));
            }
        } else {
            unroll for i in 0u .. 16u {
                w[i] = sha_last(data, begin, length, start + 4 * i);
            }
            if (block + 1 == blocks) { // the length in bits, of 64
                w[14] = length >> 29;
                w[15] = length << 3;
            }
        }
        sha_block(h, w);
    }
    unroll for i in 0u .. 8u {
        digests[8 * blob + i] = byte_swap(h[i]);
    }
}
