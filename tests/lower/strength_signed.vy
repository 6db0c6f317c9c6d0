//! after strength
// Signed division rounds toward zero, so a shift alone is not enough; negative
// divisors stay.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    z[i] = k * 8;
    z[i] = k * -2147483648;
    z[i] = k / 8;
    z[i] = k % 8;
    z[i] = k / 1073741824;
    z[i] = k / -8 + k % -8 + k / -2147483648 + k % -2147483648;
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
    let v = k;
    z[i] = v << 3u;
    z[i] = v << 31u;
    z[i] = v + i32(u32(v >> 31u) >> 29u) >> 3u;
    z[i] = v - (v + i32(u32(v >> 31u) >> 29u) >> 3u << 3u);
    z[i] = v + i32(u32(v >> 31u) >> 2u) >> 30u;
    let v_1 = -8i;
    let v_2 = -2147483648i;
    z[i] = v / v_1 + v % v_1 + v / v_2 + v % v_2;
}
