//! after arrays
// One index that is not constant, long arrays, floats of 16 bits: these stay.
program p(n: u32, f: f32, y: update u32[], z: update f32[]) {
    lanes len(y);
    var a: u32[4];
    a[1u] = n;
    y[lane] = a[n];
    var b: u32[257];
    b[1u] = n;
    y[lane] = b[1u];
    var c: f16[4];
    c[1u] = f;
    z[lane] = c[1u];
}
//! gives
program p(n: u32,
        f: f32,
        y: update u32[],
        z: update f32[]) {
    lanes len(y);
    var a: u32[4];
    a[1u] = n;
    let v = a[n];
    y[lane] = v;
    var b: u32[257];
    b[1u] = n;
    let v_1 = b[1u];
    y[lane] = v_1;
    var c: f16[4];
    c[1u] = f;
    let v_2 = c[1u];
    z[lane] = v_2;
}
