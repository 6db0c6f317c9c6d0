//! program: q
//! error: VY0123
// no program of that name
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1;
}
