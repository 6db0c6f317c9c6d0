//! out y: 0 1 1 2 100 101 101 102
//! clean
// collectives and group ids work in functions
fn place(keep: bool) -> u32 {
    return group_scan_excl_add(u32(keep)) + group_id * 100;
}

program p(y: write u32[8]) {
    group 4;
    groups 2;

    let at = place(local != 1);
    y[lane] = at;
}
