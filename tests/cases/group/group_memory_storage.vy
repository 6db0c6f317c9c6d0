//! out y: 44 -56 100 0
//! out z: 256 258 258 260
//! clean
// group memory of storage types
program p(y: write i32[4], z: write f32[4]) {
    group 4;
    groups 1;
    shared s: i8[4];
    shared h: bf16[4];

    s[local] = i32(local) * 100;
    h[local] = f32(local) + 256.5;
    barrier;
    y[lane] = s[3 - local];
    z[lane] = h[local];
}
