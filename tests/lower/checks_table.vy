//! after checks
//! checks: full none none full none none full none none full none none none none full
//! facts:
// Indices that cannot be outside.
const T: u32[8] = { 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u };
program p(n: u32, b: read u8[], y: update u32[], t: update u32[16]) {
    lanes len(y);
    var a: u32[256];
    a[b[n]] = T[n & 7u];
    a[n % 256u] = T[n & 8u];
    a[n % 257u] = T[n >> 29u];
    a[u32(n > 3u)] = T[popcount(n) / 5u];
    a[min(n, 255u)] = T[min(n, 8u)];
    t[n & 15u] = a[select(n > 2u, 3u, 255u)];
    t[n & 16u] = a[clz(n) + 223u];
}
