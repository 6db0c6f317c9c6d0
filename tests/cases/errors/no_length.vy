//! error: VY0603
// an unsized write without a length
program p(y: write u32[]) {
    lanes 1;

    y[0] = 1;
}
