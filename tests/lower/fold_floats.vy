//! after fold
// Of floats only what holds for every bit pattern: f + 0.0, f - f and f * 0.0 stay.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    g[i] = f * 1.0 + f / 1.0;
    g[i] = (f + -0.0) * (f - 0.0);
    g[i] = (f + 0.0) * (f - -0.0);
    g[i] = f * -1.0 + f / -1.0;
    g[i] = -(-f) + abs(abs(f)) + abs(-f);
    g[i] = f + -f;
    g[i] = (f - -g[i]) * (f + -g[i]);
    let h = f;
    g[i] = min(h, h) + copysign(h, h) + floor(floor(h)) + (h - h) + h * 0.0;
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
    g[i] = f + f;
    g[i] = f * f;
    g[i] = (f + 0.0f) * (f - -0.0f);
    g[i] = -(f) - f;
    g[i] = f + abs(f) + abs(f);
    g[i] = f - f;
    let v = g[i];
    let v_1 = g[i];
    g[i] = (f + v) * (f - v_1);
    let h = f;
    g[i] = h + h + floor(h) + (h - h) + h * 0.0f;
}
