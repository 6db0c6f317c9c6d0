//! out y: 1 1 1 0
//! warning: VY0902
// elements of a `write` buffer that nothing wrote
program p(y: write u32[4]) {
    lanes 3;

    y[lane] = 1;
}
