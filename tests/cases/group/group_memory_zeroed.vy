//! out y: 0 0 1 1 2 2
//! clean
// group memory is zero on entry, in every group
program p(y: write u32[6]) {
    group 2;
    groups 3;
    shared s: u32[2];

    y[lane] = s[local] * 100 + group_id;
    s[local] = 7;
}
