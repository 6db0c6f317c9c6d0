//! in x: f32 1 2 3 4 5 6
//! out y: f32 3 2 1 6 5 4
//! out z: u32 1 2 4 5
//! clean
// vectors in buffers are packed as in C
program p(x: read f32x3[], y: write f32x3[len(x)], z: write u32x2[len(x)]) {
    lanes len(x);

    let v = x[lane];
    y[lane] = v.zyx;
    z[lane].x = u32(v.x);
    z[lane].y = u32(v.y);
}
