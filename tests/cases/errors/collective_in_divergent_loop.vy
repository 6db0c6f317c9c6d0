//! in x: 1
//! error: VY0312
// a collective in a loop whose trips differ between lanes
program p(x: read u32[], y: write u32[8]) {
    group 4;
    groups 2;
    shared s: u32[4];

    for i in 0u .. local {
        y[lane] += group_reduce_add(i);
    }
}
