//! error: VY0203
// a condition must be a bool
program p(y: write u32[1]) {
    lanes 1;

    if (y[0]) {
        y[0] = 1;
    }
}
