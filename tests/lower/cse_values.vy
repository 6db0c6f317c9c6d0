//! after cse
// Equal values are one, operands in either order where that is the same; reads
// of memory that is written are not values.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    y[i] = (n + x[i]) * (x[i] + n) + (n + x[i]);
    y[i] = (n - x[i]) * (x[i] - n);
    g[i] = f * g[i] + g[i] * f;
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
    let v_1 = x[i];
    let v_2 = v + v_1;
    y[i] = v_2 * v_2 + v_2;
    y[i] = (v - v_1) * (v_1 - v);
    let v_3 = g[i];
    let v_4 = g[i];
    let v_5 = f;
    g[i] = v_5 * v_3 + v_4 * v_5;
}
