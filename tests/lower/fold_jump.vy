//! after fold
// What follows a jump in its block never runs. (A taken arm that ends in one
// is in line only after this pass, so what follows it stays until the next.)
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    for j in 0u .. n {
        if (x[j] == 0u) {
            y[i] = 1u;
            break;
            y[i] = 2u;
        }
        if (true) { continue; }
        y[i] = 3u;
    }
    return;
    y[i] = 4u;
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
    for j in 0u .. n step 1u {
        let i = lane;
        if (x[j] == 0u) {
            y[i] = 1u;
            break;
        }
        continue;
        y[i] = 3u;
    }
    { return; }
}
