//! error: VY0309
// at most 1024 lanes a group
program p(y: write u32[4]) {
    group 33, 32;
    groups 1, 1;

    y[0] = 1;
}
