//! after unroll
//! budgeted
// Trips count: no loop is touched.
program p(n: u32, x: read u32[], y: update u32[]) {
    lanes len(y);
    var a: u32[2];
    for i in 0u .. 2u {
        while (a[i] < n) {
            a[i] += 1u;
            if (x[i] == n) { break; }
        }
        y[lane] = a[i];
    }
}
//! gives
program p(n: u32,
        x: read u32[],
        y: update u32[]) {
    lanes len(y);
    var a: u32[2];
    for i in 0u .. 2u step 1u {
        while (a[i] < n) {
            let v = a[i];
            a[i] = v + 1u;
            if (x[i] == n) {
                break;
            }
        }
        let v_1 = a[i];
        y[lane] = v_1;
    }
}
