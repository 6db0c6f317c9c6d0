//! after arrays
// What a load of a narrow element gives is what stays after narrowing.
program p(n: u32, k: i32, y: update u32[], z: update i32[]) {
    lanes len(y);
    var a: u8[2];
    var b: i8[2];
    var c: u16[2];
    var d: i16[2];
    a[1u] = n;
    b[1u] = k;
    c[1u] = n;
    d[1u] = k;
    y[lane] = a[1u] + c[1u];
    z[lane] = b[1u] + d[1u];
}
//! gives
program p(n: u32,
        k: i32,
        y: update u32[],
        z: update i32[]) {
    lanes len(y);
    var a = 0u;
    var b = 0i;
    var c = 0u;
    var d = 0i;
    a = n & 255u;
    b = k << 24u >> 24u;
    c = n & 65535u;
    d = k << 16u >> 16u;
    let v = a;
    let v_1 = c;
    y[lane] = v + v_1;
    let v_2 = b;
    let v_3 = d;
    z[lane] = v_2 + v_3;
}
