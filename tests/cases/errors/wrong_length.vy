//! in n: 3
//! in x: 1 2
//! error: VY0605
// T[n] is exactly n elements
program p(n: u32, x: read u32[n], y: write u32[1]) {
    lanes 1;

    y[0] = x[0];
}
