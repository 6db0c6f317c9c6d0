//! after fold
// Arms that are never taken go; what is always taken stands in their place.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    if (1u < 2u) { y[i] = 1u; } else { y[i] = 2u; }
    if (1u > 2u) { y[i] = 3u; } else { y[i] = 4u; }
    if (false) { y[i] = 5u; }
    if (n > 2u) { if (true) { y[i] = 6u; } else { return; } y[i] = 7u; }
    while (false) { y[i] = 8u; }
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
    y[i] = 1u;
    y[i] = 4u;
    if (n > 2u) {
        y[i] = 6u;
        y[i] = 7u;
    }
}
