//! in x: 1
//! error: VY0312
// after a divergent continue the rest of the body is divergent
program p(x: read u32[], y: write u32[8]) {
    group 4;
    groups 2;
    shared s: u32[4];

    for i in 0u .. 3u {
        if (i == local) {
            continue;
        }
        barrier;
    }
    y[lane] = 1;
}
