//! error: VY0104
// a malformed number
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 0x;
}
