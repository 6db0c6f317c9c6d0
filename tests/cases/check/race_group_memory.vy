//! racy
//! race: VY0900
// a missing barrier in group memory
program p(y: write u32[2]) {
    group 2;
    groups 1;
    shared s: u32[2];

    s[local] = local;
    y[lane] = s[1 - local];
}
