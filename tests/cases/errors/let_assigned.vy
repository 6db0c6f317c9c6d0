//! error: VY0207
// a let never changes
program p(y: write u32[1]) {
    lanes 1;

    let a = 1u;
    a = 2;
    y[0] = a;
}
