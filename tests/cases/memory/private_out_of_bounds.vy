//! in x: 0 1 2 -1
//! out y: 15 10 7 10
//! bounds
// outside a private array: load 0, store dropped
program p(x: read i32[], y: write i32[len(x)]) {
    lanes len(x);

    var a: i32[2] = {3, 4};
    a[x[lane]] = 7;
    y[lane] = a[0] + a[1] + a[x[lane] + 1];
}
