//! in x: 1
//! error: VY0208
// a read buffer is stored to
program p(x: read u32[], y: write u32[1]) {
    lanes 1;

    x[0] = 1;
    y[0] = 2;
}
