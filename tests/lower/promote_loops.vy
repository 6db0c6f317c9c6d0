//! after promote
// A loop may come round with what it assigns: that is unknown from its start on.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    var a = 1u;
    var b = n;
    while (a < b) {
        y[a] = a;
        a += 1u;
        y[a] = b;
    }
    for j in 0u .. b {
        y[j] = a;
        if (x[j] > 4u) { a = 3u; break; }
        y[j] = a;
    }
    y[i] = a + b;
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
    var a = 1u;
    let v = n;
    var b = v;
    while {
        let v_1 = a;
    } (v_1 < v) {
        y[v_1] = v_1;
        let v_2 = v_1 + 1u;
        a = v_2;
        y[v_2] = v;
    }
    for j in 0u .. v step 1u {
        let v_3 = a;
        y[j] = v_3;
        if (x[j] > 4u) {
            a = 3u;
            break;
        }
        let v_4 = a;
        y[j] = v_4;
    }
    let v_5 = a;
    y[lane] = v_5 + v;
}
