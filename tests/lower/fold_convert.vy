//! after fold
// Conversions of conversions that lose nothing; a bitcast through a float may, a NaN.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    y[i] = u32(u64(n)) + u32(i32(n)) + u32(i64(k)) + u32(f64(n));
    y[i] = u32(u64(k)) + u32(u32(n)) + u32(q);
    g[i] = f32(f64(f)) + f32(f64(n));
    z[i] = i32(bitcast<u32>(k)) + bitcast<i32>(bitcast<f32>(k));
    y[i] = u32(u64(u32(q)) >> 1u);
    y[i] = u32(u64(i32(n) > 0));
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
    y[i] = n + n + u32(k) + n;
    y[i] = u32(k) + n + u32(q);
    g[i] = f + f32(f64(n));
    z[i] = k + bitcast<i32>(bitcast<f32>(k));
    y[i] = u32(u64(u32(q)) >> 1u);
    y[i] = u32(i32(n) > 0i);
}
