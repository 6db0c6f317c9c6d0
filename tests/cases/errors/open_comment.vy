//! error: VY0102
// a comment that is not closed
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1;
}
/* open
