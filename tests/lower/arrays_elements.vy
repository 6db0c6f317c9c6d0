//! after arrays
// Elements that are used become variables; what is outside gives zero or is
// dropped. The declaration zeroes again each time it is reached.
program p(n: u32, x: read u32[], y: update u32[]) {
    lanes len(y);
    for j in 0u .. n {
        var a: u32[4];
        a[1u] = x[j];
        if (n > 3u) {
            a[3u] += a[1u];
        }
        y[j] = a[2u] + a[3u];
    }
    var b: f64[2];
    b[1] = 2.0d;
    b[2] = 3.0d;
    y[0u] = u32(b[1u] + b[7u]);
}
//! gives
program p(n: u32,
        x: read u32[],
        y: update u32[]) {
    lanes len(y);
    for j in 0u .. n step 1u {
        let v = 0u;
        var a = v;
        var a_1 = v;
        var a_2 = v;
        a = x[j];
        if (n > 3u) {
            let v_3 = a_2;
            let v_4 = a;
            a_2 = v_3 + v_4;
        }
        let v_5 = a_1;
        let v_6 = a_2;
        y[j] = v_5 + v_6;
    }
    var b = 0.0d;
    b = 2.0d;
    let v_7 = b;
    y[0u] = u32(v_7 + 0.0d);
}
