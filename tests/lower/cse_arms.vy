//! after cse
// The arms of an if share nothing: it would be computed for those who want neither.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    if (n > 3u) { y[i] = x[n] / n; } else { y[i] = x[n] / n + 1u; }
    if (n > 4u) {
        y[i] = x[i] / n;
        if (n > 5u) { y[i] = x[i] / n + 2u; }
    }
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
    let v = n;
    let i = lane;
    if (v > 3u) {
        y[i] = x[v] / v;
    } else {
        y[i] = x[v] / v + 1u;
    }
    if (v > 4u) {
        let v_1 = x[i] / v;
        y[i] = v_1;
        if (v > 5u) {
            y[i] = v_1 + 2u;
        }
    }
}
