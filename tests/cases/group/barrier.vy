//! in x: 1 2 3 4 5 6 7 8
//! out y: 4 3 2 1 8 7 6 5
//! clean
// group memory passes values across a barrier
program p(x: read u32[], y: write u32[8]) {
    group 4;
    groups 2;
    shared s: u32[4];

    s[local] = x[lane];
    barrier;
    y[lane] = s[3 - local];
}
