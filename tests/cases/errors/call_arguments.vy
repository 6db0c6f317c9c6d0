//! error: VY0209
// too few arguments
program p(y: write u32[1]) {
    lanes 1;

    y[0] = min(1u);
}
