//! in n: 0
//! error: VY0608
// a size that divides by zero
program p(n: u32, y: write u32[12 / n]) {
    lanes 1;

    y[0] = 1;
}
