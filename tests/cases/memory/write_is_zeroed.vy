//! out y: 1 2 0 0
// a `write` buffer is zero on entry and readable
program p(y: write u32[4]) {
    lanes 2;

    y[lane] = y[lane] + y[lane + 2] + lane + 1;
}
