//! in x: -0.0 1 2
//! out y: -0.0 1 2
//! out z: 0 0 0
//! clean
// a group of one lane
program p(x: read f32[], y: write f32[3], z: write f32[3]) {
    group 1;
    groups 3;

    y[lane] = group_reduce_add(x[lane]);
    barrier;
    z[lane] = group_scan_excl_add(x[lane]);
}
