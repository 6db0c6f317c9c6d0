//! error: VY0205
// a literal that does not fit
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 4294967296;
}
