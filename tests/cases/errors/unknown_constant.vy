//! const N = 1
//! error: VY0625
// a constant that the program lacks
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1;
}
