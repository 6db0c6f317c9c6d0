//! error: VY0215
// break outside a loop
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1;
    break;
}
