//! error: VY0308
// a barrier needs groups
program p(y: write u32[4]) {
    lanes 4;

    barrier;
    y[lane] = 1;
}
