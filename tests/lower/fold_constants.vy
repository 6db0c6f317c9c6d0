//! after fold
// Everything constant goes through the one evaluator.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    y[i] = popcount(255u) + rotate_left(1u, 35u) + select(1u < 2u, 5u, 6u);
    g[i] = sqrt(2.0) * 0.1 + fma(0.1, 10.0, -1.0) + f32(1 / 3);
    g[i] = (0.0 / 0.0) + f;
    z[i] = i32(3000000000.0d) + i32(-1.5);
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
    y[i] = 21u;
    g[i] = 0.47475472f;
    let v: f32 = nan;
    g[i] = f + v;
    z[i] = 2147483646i;
}
