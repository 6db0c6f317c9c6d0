//! in x: 1
//! error: VY0312
// a collective after a divergent return
program p(x: read u32[], y: write u32[8]) {
    group 4;
    groups 2;
    shared s: u32[4];

    if (lane == 3) {
        return;
    }
    y[lane] = group_reduce_add(1u);
}
