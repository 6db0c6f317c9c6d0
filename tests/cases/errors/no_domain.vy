//! error: VY0116
// a program without lanes or groups
program p(y: write u32[1]) {
    y[0] = 1;
}
