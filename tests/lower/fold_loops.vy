//! after fold
// Loops that make no trip go.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    for j in 4u .. 4u { y[i] = j; }
    for j in 5u .. 4u { y[i] = j; }
    for j in 0u .. 4u step 0u { y[i] = j; }
    for j in 0 .. 4 step -1 { z[i] = j; }
    let m = n;
    for j in m .. m { y[i] = j; }
    for j in 0u .. 1u { y[i] = j; }
    for j in 0u .. n step 0u { y[i] = j; }
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
    for j in 0u .. 1u step 1u {
        y[lane] = j;
    }
}
