//! in x: 0 1 2 -1
//! out y: -3 4 0 0
//! bounds
// outside a table: 0
const T: i32[2] = {-3, 4};

program p(x: read i32[], y: write i32[len(x)]) {
    lanes len(x);

    y[lane] = T[x[lane]];
}
