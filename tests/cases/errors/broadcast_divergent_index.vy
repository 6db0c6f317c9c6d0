//! in x: 1
//! error: VY0313
// a broadcast from a lane that lanes disagree on
program p(x: read u32[], y: write u32[8]) {
    group 4;
    groups 2;
    shared s: u32[4];

    y[lane] = group_broadcast(lane, local);
}
