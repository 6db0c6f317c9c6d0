//! in x: -5 0 4 5
//! out y: -1 10 1 2
//! clean
// if, else if, else
program p(x: read i32[], y: write i32[len(x)]) {
    lanes len(x);

    if (x[lane] < 0) {
        y[lane] = -1;
    } else if (x[lane] == 0) {
        y[lane] = 10;
    } else if (x[lane] < 5) {
        y[lane] = 1;
    } else {
        y[lane] = 2;
    }
}
