//! after strength
// Division by a power of two is multiplication, if that has a normal inverse.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    g[i] = f / 4.0 + f / -0.5 + f / 3.0;
    g[i] = f / 0x1p127f + f / 0x1p-126f + f / 0x1p-127f + f / inf + f / 0.0;
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
    let v = f;
    g[i] = v * 0.25f + v * -2.0f + v / 3.0f;
    let v_1: f32 = inf;
    g[i] = v / 1.7014118e+38f + v * 8.507059e+37f + v / 5.877472e-39f + v / v_1 + v / 0.0f;
}
