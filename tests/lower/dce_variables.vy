//! after dce
// Variables that only feed themselves, and reads that nobody uses.
program p(n: u32, y: update u32[]) {
    lanes len(y);
    var a: u32;
    var b: u32;
    var c: u32;
    for j in 0u .. n {
        a += j;
        b += a;
        c += j;
    }
    y[lane] = c;
    let unused = y[lane];
}
//! gives
program p(n: u32,
        y: update u32[]) {
    lanes len(y);
    var c: u32;
    for j in 0u .. n step 1u {
        let v = c;
        c = v + j;
    }
    let v_1 = c;
    y[lane] = v_1;
}
