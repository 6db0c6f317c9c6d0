//! after fold
// Comparisons: of a value with itself, turned, negated; f == f is no constant.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    let m = n;
    let h = f;
    if (m == m && m <= m) { y[i] = 1u; }
    if (m < m || h < h) { y[i] = 2u; }
    if (h == h) { y[i] = 3u; }
    if (n < 0u) { y[i] = 4u; }
    if (n >= 0u) { y[i] = 5u; }
    if (3u < n) { y[i] = 6u; }
    if (!(n < 3u)) { y[i] = 7u; }
    if (!(f < 3.0)) { y[i] = 8u; }
    if (!(f == 3.0)) { y[i] = 9u; }
    y[i] = select(!(n == 1u), 1u, 2u) + select(h < h, n, 3u) + select(n > 1u, m, m);
    if (select(n < 2u, true, k < 1)) { y[i] = 10u; }
    if ((n < 2u) == true) { y[i] = 11u; }
    if ((n < 2u) != true) { y[i] = 12u; }
}
//! gives
program p(n: u32,
        k: i32,
        f: f32,
        q: u64,
        x: read u32[],
        y: update u32[],
        g: update f32[],
        z: update i32[]) {
    lanes len(y);
    let i = lane;
    y[i] = 1u;
    let h = f;
    if (h == h) {
        y[i] = 3u;
    }
    y[i] = 5u;
    if (n > 3u) {
        y[i] = 6u;
    }
    if (n >= 3u) {
        y[i] = 7u;
    }
    if (!(f < 3.0f)) {
        y[i] = 8u;
    }
    if (f != 3.0f) {
        y[i] = 9u;
    }
    y[i] = select(n != 1u, 1u, 2u) + 3u + n;
    if (n < 2u | k < 1i) {
        y[i] = 10u;
    }
    if (n < 2u) {
        y[i] = 11u;
    }
    if (n >= 2u) {
        y[i] = 12u;
    }
}
