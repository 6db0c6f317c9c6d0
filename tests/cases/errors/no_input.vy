//! error: VY0603
// a read buffer must be given
program p(x: read u32[], y: write u32[1]) {
    lanes 1;

    y[0] = x[0];
}
