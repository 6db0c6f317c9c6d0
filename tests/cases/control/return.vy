//! in x: 0 1 3 9
//! out y: 1 12 32 3
//! clean
// return ends the lane
program p(x: read u32[], y: write u32[len(x)]) {
    lanes len(x);

    y[lane] = 1;
    if (x[lane] == 0) {
        return;
    }
    y[lane] = 2;
    for i in 0u .. 5u {
        if (i == x[lane]) {
            return;
        }
        y[lane] += 10;
    }
    y[lane] = 3;
}
