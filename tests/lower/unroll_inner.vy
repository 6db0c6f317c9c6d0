//! after unroll
// A jump that stays inside one trip does not matter.
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
    let i = 0u;
    while (a[i] < n) {
        let v = a[i];
        a[i] = v + 1u;
        if (x[i] == n) {
            break;
        }
    }
    let v_1 = a[i];
    y[lane] = v_1;
    let i_2 = 1u;
    while (a[i_2] < n) {
        let v_3 = a[i_2];
        a[i_2] = v_3 + 1u;
        if (x[i_2] == n) {
            break;
        }
    }
    let v_4 = a[i_2];
    y[lane] = v_4;
}
