//! after flatten
// Cheap arms become choices; memory, calls for control and dear operations keep
// their branch.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    var a = 1u;
    var b = 2u;
    if (n > 3u) {
        a = n + 1u;
    }
    if (n > 4u) {
        a = b;
        b = a + n;
    } else {
        b = 7u;
    }
    if (n > 5u) {
        a = x[i];
    }
    if (n > 6u) {
        if (n > 7u) { a = 5u; }
    }
    if (n > 8u) {
        a = a / n / b / 5u;
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
    var b = 2u;
    let v = a;
    a = select(n > 3u, n + 1u, v);
    let v_1 = b;
    let v_2 = a;
    let v_3 = n > 4u;
    a = select(v_3, v_1, v_2);
    let v_4 = a;
    let v_5 = b;
    b = select(v_3, v_4 + n, v_5);
    let v_6 = b;
    b = select(v_3, v_6, 7u);
    let i = lane;
    if (n > 5u) {
        a = x[i];
    }
    if (n > 6u) {
        let v_7 = a;
        a = select(n > 7u, 5u, v_7);
    }
    if (n > 8u) {
        let v_8 = a;
        let v_9 = b;
        a = v_8 / n / v_9 / 5u;
    }
    let v_10 = a;
    let v_11 = b;
    y[i] = v_10 + v_11;
}
