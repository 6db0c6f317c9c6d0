//! after promote
// Into branches what is known goes along; behind, what neither arm assigned, and
// a variable is read once.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    var a = 1u;
    var b = 2u;
    if (n > 3u) {
        y[i] = a + b;
        a = 4u;
        y[i] = a;
    } else {
        y[i] = a;
        if (n > 2u) { y[i] = b; }
    }
    y[i] = a;
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
    let v = 1u;
    var a = v;
    let v_1 = 2u;
    var b = v_1;
    let i = lane;
    if (n > 3u) {
        y[i] = v + v_1;
        let v_2 = 4u;
        a = v_2;
        y[i] = v_2;
    } else {
        y[i] = v;
        if (n > 2u) {
            y[i] = v_1;
        }
    }
    let v_3 = a;
    y[i] = v_3;
    y[i] = v_3 + v_1;
}
