//! in x: 1
//! error: VY0312
// what an atomic returns is divergent
program p(x: update u32[], y: write u32[4]) {
    group 4;
    groups 1;

    if (atomic_load(x, 0) == 1) {
        barrier;
    }
    y[lane] = 1;
}
