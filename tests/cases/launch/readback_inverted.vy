//! error: VY0702
// a readback range with lo > hi fails the run
program p(n: write u32[1], y: write u32[8] readback [5, n[0])) {
    lanes 1;

    n[0] = 2;
    y[0] = 1;
}
