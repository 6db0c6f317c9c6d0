//! in n: 9223372036854775808
//! error: VY0608
// sizes are computed in signed 128 bits, and must lie below 2^63
program p(n: u64, y: write u32[n]) {
    lanes 1;

    y[0] = 1;
}
