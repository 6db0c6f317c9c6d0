//! error: VY0210
// a component that a vector lacks
program p(y: write u32[1]) {
    lanes 1;

    y[0] = u32x2(1, 2).z;
}
