//! in x: u16 1 2 3
//! error: VY0605
// bytes that are no whole number of elements
program p(x: read u32[], y: write u32[1]) {
    lanes 1;

    y[0] = x[0];
}
