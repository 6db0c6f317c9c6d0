//! in x: 0 1 2 3
//! out y: 9000 900 90 9
//! out z: 5 6 7 5
//! clean
// private arrays: zeroed where declared, indexed by values
program p(x: read u32[], y: write u32[len(x)], z: write u32[len(x)]) {
    lanes len(x);

    var a: u32[4];
    var b: u32[3] = {5, 6, 7};
    a[x[lane]] = 9;
    y[lane] = a[0] * 1000 + a[1] * 100 + a[2] * 10 + a[3];
    z[lane] = b[x[lane] % 3];
}
