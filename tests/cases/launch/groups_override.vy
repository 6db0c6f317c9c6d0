//! groups: 3
//! out y: 30 30 31 31 32 32 0 0
// a dispatch gives another number of groups
program p(y: write u32[8]) {
    group 2;
    groups 1;

    y[lane] = num_groups * 10 + group_id;
}
