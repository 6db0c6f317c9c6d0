//! in n: 2
//! error: VY0608
// a size below zero names its expression
program p(n: i32, y: write u32[n - 5]) {
    lanes 1;

    y[0] = 1;
}
