//! after promote
// In straight code a read becomes what was assigned; before that, zero.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    var a: u32;
    var b = n;
    y[i] = a + b;
    b = b + 1u;
    a = b;
    y[i] = a * b;
    a += a;
    y[i] = a;
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
    let v = n;
    var b = v;
    let i = lane;
    y[i] = 0u + v;
    let v_1 = v + 1u;
    b = v_1;
    var a = v_1;
    y[i] = v_1 * v_1;
    let v_2 = v_1 + v_1;
    a = v_2;
    y[i] = v_2;
}
