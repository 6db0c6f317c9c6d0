//! error: VY0203
// no implicit conversion
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1.5f;
}
