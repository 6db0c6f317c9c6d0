//! out y: 21 42 63 63 21 3 2 7 0 30 -2 1
//! out z: 3 -3 8 32
//! clean
// vector arithmetic, constructors, swizzles, mixed with scalars by constructor
program p(y: write f32[12], z: write i32[4]) {
    lanes 1;

    let a = f32x3(1.0, 2.0, 3.0);
    let b = f32x3(10.0, 20.0, 30.0);
    let c = a + b * f32x3(2.0, 2.0, 2.0);
    y[0] = c.x;
    y[1] = c.y;
    y[2] = c.z;
    let d = c.zx;
    y[3] = d.x;
    y[4] = d.y;
    var e = f32x4(0.0, 1.0, 2.0, 3.0);
    e.y = 7.0;
    e = e.wzyx;
    y[5] = e.x;
    y[6] = e.y;
    y[7] = e.z;
    y[8] = e.w;
    let m = max(a, b.zyx);
    y[9] = m.x;
    y[10] = (-a).y;
    y[11] = a.xx.y;
    let i = i32x2(7, -7) / i32x2(2, 2);
    z[0] = i.x;
    z[1] = i.y;
    let j = i32x2(1, 2) << i32x2(3, 4);
    z[2] = j.x;
    z[3] = j.y;
}
