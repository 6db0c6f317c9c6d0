//! error: VY0200
// a name that is not declared
program p(y: write u32[1]) {
    lanes 1;

    y[0] = z;
}
