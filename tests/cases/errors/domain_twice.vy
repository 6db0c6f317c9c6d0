//! error: VY0115
// two domains
program p(y: write u32[1]) {
    lanes 1;
    lanes 2;

    y[0] = 1;
}
