//! in a: 1 2 2147483647 0 4294967295 0 5 77
//! out a: 2461888242 1833079057 1295998 4260955152 16711935 252645135 3264712120 77
//! in b: 1 2 2147483647 0 -1 0 5 77
//! out b: -7919583329521677509 7919583329521677512 -9167444567195149774 8920530096983289992 16711935 64677154575 1366942915563244973 77
//! bounds
// atomics whose results nobody uses; some of them are outside
fn h(i: u32, k: u32) -> u32 {
    let v = i * 2654435761u + k * 40503u;
    return v ^ (v >> 13);
}

program p(a: update u32[8], b: update i64[8]) {
    lanes 70;

    let v = h(lane, 32u);
    atomic_add(a, 0u, v);
    atomic_sub(a, 1u, v);
    atomic_sub(a, 8u + lane, v);
    atomic_min(a, 2u, v);
    atomic_max(a, 3u, v);
    atomic_max(a, 8u + lane, v);
    atomic_and(a, 4u, v | 0xff00ffu);
    atomic_or(a, 5u, v & 0xf0f0f0fu);
    atomic_xor(a, 6u, v);
    let w = i64(u64(h(lane, 65u)) * 0x9E3779B97F4A7C15ul);
    atomic_add(b, 0u, w);
    atomic_sub(b, 1u, w);
    atomic_sub(b, 8u + lane, w);
    atomic_min(b, 2u, w);
    atomic_max(b, 3u, w);
    atomic_max(b, 8u + lane, w);
    atomic_and(b, 4u, w | 0xff00ffil);
    atomic_or(b, 5u, w & 0xf0f0f0f0fil);
    atomic_xor(b, 6u, w);
}
