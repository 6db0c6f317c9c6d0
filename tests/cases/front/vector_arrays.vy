//! out y: 33.5 122.5 211.5 300.5
//! out z: 1 0 255 254
// private and group arrays of vectors and structs
struct Hit {
    at: f32x2;
    id: u8;
}

program p(y: write f32[4], z: write u32[4]) {
    group 4;
    groups 1;
    shared s: f32x2[4];
    shared h: Hit[4];

    var a: f32x2[2];
    a[1] = f32x2(f32(local), 0.5);
    a[0].y = a[1].x;
    s[local] = a[1] + a[0];
    h[local].at = a[1];
    h[local].id = local + 254;
    barrier;
    let other = s[3 - local];
    y[lane] = other.x * 10.0 + other.y + h[local].at.x * 100.0;
    z[lane] = h[3 - local].id;
}
