//! error: VY0110
// a missing semicolon
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1
}
