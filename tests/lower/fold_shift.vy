//! after fold
// Shifts: amounts count modulo the width.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    y[i] = (n << 0u) + (n >> 32u) + (n << 33u);
    y[i] = (n << 3u) << 4u;
    y[i] = (n << 30u) << 4u;
    y[i] = (n >> 3u) >> 4u;
    z[i] = (k >> 30u) >> 4u;
    y[i] = n << (x[i] & 31u);
    y[i] = n << (x[i] & 15u);
    y[i] = rotate_left(n, 32u);
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
    y[i] = n + n + (n << 1u);
    y[i] = n << 7u;
    y[i] = 0u;
    y[i] = n >> 7u;
    z[i] = k >> 31u;
    y[i] = n << x[i];
    y[i] = n << (x[i] & 15u);
    y[i] = n;
}
