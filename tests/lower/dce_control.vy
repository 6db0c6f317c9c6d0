//! after dce
// Private arrays that nobody reads, and control with nothing left inside.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    var a: u32[4];
    var b: u32[4];
    a[n] = 1u;
    b[n] = 2u;
    if (n > 2u) { a[1u] = 3u; } else { if (n > 1u) { a[2u] = n; } }
    if (x[i] > 2u) { y[i] = b[0u]; } else { a[0u] = n; }
    for j in 0u .. n { a[j] = j; }
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
    var b: u32[4];
    let v = 2u;
    b[n] = v;
    let i = lane;
    if (x[i] > v) {
        let v_1 = b[0u];
        y[i] = v_1;
    }
}
