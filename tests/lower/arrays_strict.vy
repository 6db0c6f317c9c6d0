//! after arrays
//! strict
// Strict bounds report what is outside: nothing changes.
program p(n: u32, y: update u32[]) {
    lanes len(y);
    var a: u32[4];
    a[1u] = n;
    y[lane] = a[1u] + a[4u];
}
//! gives
program p(n: u32,
        y: update u32[]) {
    lanes len(y);
    var a: u32[4];
    a[1u] = n;
    let v = a[1u];
    let v_1 = a[4u];
    y[lane] = v + v_1;
}
