//! out y: 1 3 4.5 10.5
//! out z: 1 5
//! clean
// select, min, fma and conversions on vectors
program p(y: write f32[4], z: write u32[2]) {
    lanes 1;

    let a = f32x2(1.0, 5.0);
    let b = f32x2(4.0, 2.0);
    let c = select(true, a, b);
    y[0] = c.x;
    let m = min(a, b);
    y[1] = m.x + m.y;
    let f = fma(a, b, f32x2(0.5, 0.5));
    y[2] = f.x;
    y[3] = f.y;
    let u = u32x2(a);
    z[0] = u.x;
    z[1] = u.y;
}
