//! in x: 1 256 511 2049
//! out y: 1 0 255 1
//! out z: 1 256 511 2048
//! clean
// private arrays may have storage types, which narrow
program p(x: read u32[], y: write u32[len(x)], z: write f32[len(x)]) {
    lanes len(x);

    var a: u8[2];
    var h: f16[2];
    a[1] = x[lane];
    h[0] = f32(x[lane]);
    y[lane] = a[1];
    z[lane] = h[0];
}
