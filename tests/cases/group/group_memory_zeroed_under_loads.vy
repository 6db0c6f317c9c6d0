//! in x: 11 12 13 14 15 16 17 18 19 20 21
//! out y: 11000 18 16000 17 13000 16 18000 15 0 21000 0 0 0 0 0 20000 0 0 0 0
//! out y: 0 0 0 0
//! clean
// what lanes of a guarded store leave out is zero, whoever loads it
program p(x: read u32[], y: write u32[24]) {
    group 8;
    groups 3;
    shared s: u32[16];

    if (lane < len(x)) {
        s[(2 * local + group_id) & 15] = x[lane];
    }
    barrier;
    y[lane] = s[(5 * local) & 15] * 1000 + s[15 - local];
}
