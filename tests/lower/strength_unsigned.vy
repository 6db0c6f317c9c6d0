//! after strength
// Powers of two.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    y[i] = n * 8u + n / 16u + n % 32u + n * 2147483648u + n / 2147483648u;
    y[i] = n * 7u + n / 7u + n % 7u;
    y[i] = u32(q * 1099511627776ul + q / 1099511627776ul + q % 1099511627776ul);
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
    let v = n;
    y[i] = (v << 3u) + (v >> 4u) + (v & 31u) + (v << 31u) + (v >> 31u);
    let v_1 = 7u;
    y[i] = v * v_1 + v / v_1 + v % v_1;
    let v_2 = q;
    y[i] = u32((v_2 << 40u) + (v_2 >> 40u) + (v_2 & 1099511627775ul));
}
