//! in x: 0x00800000 0x00000001
//! in d: 1e-45 0x0010000000000000
//! out y: 0x00400000 0x00800001 0x00000001
//! out z: 0x0008000000000000 0x36a0000000000000
//! clean
// subnormals are kept in and out
program p(x: read f32[], d: read f64[], y: write f32[3], z: write f64[2]) {
    lanes 1;

    y[0] = x[0] * 0.5;
    y[1] = x[0] + x[1];
    y[2] = f32(d[0]);
    z[0] = d[1] / 2.0;
    z[1] = f64(x[1]);
}
