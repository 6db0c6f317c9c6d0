//! in x: 1
//! error: VY0312
// a barrier under divergent control
program p(x: read u32[], y: write u32[8]) {
    group 4;
    groups 2;
    shared s: u32[4];

    if (local < 2) {
        barrier;
    }
    y[lane] = 1;
}
