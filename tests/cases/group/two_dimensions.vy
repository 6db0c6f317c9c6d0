//! out y: 0 1 2 3 4 5 0 1 2 3 4 5
//! out z: 4 4 4 4 4 4 10 10 10 10 10 10
//! clean
// the local index is linear with x fastest
program p(y: write u32[12], z: write u32[12]) {
    group 3, 2;
    groups 1, 2;

    let at = lane.y * 3 + lane.x;
    y[at] = group_scan_excl_add(1u);
    z[at] = group_shuffle(at, 4);
}
