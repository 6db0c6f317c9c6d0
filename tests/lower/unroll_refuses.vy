//! after unroll
// Loops that are left early or declare an array, those with too many trips or
// too much inside, and those whose array would stay one anyway.
program p(n: u32, x: read u32[], y: update u32[]) {
    lanes len(y);
    var a: u32[8];
    for i in 0u .. 8u {
        if (x[i] == n) { break; }
        a[i] = x[i];
    }
    y[0u] = a[3u];
    var b: u32[8];
    for i in 0u .. 8u {
        let v = x[i];
        for j in 0u .. n {
            if (v == j) { continue; }
            b[i] += j;
        }
        var c: u32[2];
        c[i & 1u] = v;
        y[i] = c[0u];
    }
    y[1u] = b[3u];
    var d: u32[65];
    for i in 0u .. 65u { d[i] = x[i]; }
    y[2u] = d[3u];
    var e: u32[8];
    for i in 0u .. 8u { e[i] = x[i]; }
    y[3u] = e[n];
    for i in 0u .. n { y[i] = e[i] + n; }
}
//! gives
program p(n: u32,
        x: read u32[],
        y: update u32[]) {
    lanes len(y);
    var a: u32[8];
    for i in 0u .. 8u step 1u {
        if (x[i] == n) {
            break;
        }
        a[i] = x[i];
    }
    let v = a[3u];
    y[0u] = v;
    var b: u32[8];
    for i_1 in 0u .. 8u step 1u {
        let v_2 = x[i_1];
        for j in 0u .. n step 1u {
            if (v_2 == j) {
                continue;
            }
            let v_3 = b[i_1];
            b[i_1] = v_3 + j;
        }
        var c: u32[2];
        c[i_1 & 1u] = v_2;
        let v_4 = c[0u];
        y[i_1] = v_4;
    }
    let v_5 = b[3u];
    y[1u] = v_5;
    var d: u32[65];
    for i_6 in 0u .. 65u step 1u {
        d[i_6] = x[i_6];
    }
    let v_7 = d[3u];
    y[2u] = v_7;
    var e: u32[8];
    for i_8 in 0u .. 8u step 1u {
        e[i_8] = x[i_8];
    }
    let v_9 = e[n];
    y[3u] = v_9;
    for i_10 in 0u .. n step 1u {
        let v_11 = e[i_10];
        y[i_10] = v_11 + n;
    }
}
