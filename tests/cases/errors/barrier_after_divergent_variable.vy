//! in x: 1
//! error: VY0312
// a variable assigned under divergent control is divergent
program p(x: read u32[], y: write u32[8]) {
    group 4;
    groups 2;
    shared s: u32[4];

    var n = 0u;
    if (local == 1) {
        n = 1;
    }
    if (n == 0) {
        barrier;
    }
    y[lane] = n;
}
