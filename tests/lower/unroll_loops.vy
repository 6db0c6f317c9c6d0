//! after unroll
// Loops that say which element is meant are written out, with what they
// compute; those around and inside that do not, stay.
program p(n: u32, x: read u32[], y: update u32[], z: update i32[]) {
    lanes len(y);
    var a: u32[4];
    for t in 0u .. 8u {
        for i in 0u .. 2u {
            for j in 0u .. 2u {
                for k in 0u .. 2u {
                    a[2u * i + j] += x[4u * t + k];
                }
            }
        }
    }
    y[lane] = a[0u] + a[3u];
    var b: i32[4];
    for i in 6 .. -2 step 3 { b[i] = 1; }
    for i in -1 .. 7 step 3 {
        if (u32(i) > n) { b[i] = i * 2; }
    }
    z[lane] = b[2];
}
//! gives
program p(n: u32,
        x: read u32[],
        y: update u32[],
        z: update i32[]) {
    lanes len(y);
    var a: u32[4];
    for t in 0u .. 8u step 1u {
        for k in 0u .. 2u step 1u {
            let v = 0u;
            let v_1 = a[v];
            a[v] = v_1 + x[t * 4u + k];
        }
        for k_2 in 0u .. 2u step 1u {
            let v_3 = 1u;
            let v_4 = a[v_3];
            a[v_3] = v_4 + x[t * 4u + k_2];
        }
        for k_5 in 0u .. 2u step 1u {
            let v_6 = 2u;
            let v_7 = a[v_6];
            a[v_6] = v_7 + x[t * 4u + k_5];
        }
        for k_8 in 0u .. 2u step 1u {
            let v_9 = 3u;
            let v_10 = a[v_9];
            a[v_9] = v_10 + x[t * 4u + k_8];
        }
    }
    let v_11 = a[0u];
    let v_12 = a[3u];
    y[lane] = v_11 + v_12;
    var b: i32[4];
    if (n < 4294967295u) {
        b[-1i] = -2i;
    }
    if (n < 2u) {
        b[2i] = 4i;
    }
    if (n < 5u) {
        b[5i] = 10i;
    }
    let v_13 = b[2i];
    z[lane] = v_13;
}
