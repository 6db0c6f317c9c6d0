//! after dce
//! budgeted
// Each trip of a loop counts.
program p(n: u32, y: update u32[]) {
    lanes len(y);
    var a: u32;
    for j in 0u .. n { a += j; }
    y[lane] = n;
}
//! gives
program p(n: u32,
        y: update u32[]) {
    lanes len(y);
    let v = n;
    for j in 0u .. v step 1u {
    }
    y[lane] = v;
}
