//! out y: 0 1 100 101 10 11 110 111 1000 1001 1100 1101 1010 1011 1110 1111
//! out n: 2 2 2 2 4 4
//! clean
// group_id, local, group_size, num_groups in two dimensions
program p(y: write u32[16], n: write u32[6]) {
    group 2, 2;
    groups 2, 2;

    let at = lane.y * 4 + lane.x;
    y[at] = group_id.y * 1000 + group_id.x * 100 + local.y * 10 + local.x;
    if (at == 0) {
        n[0] = group_size.x;
        n[1] = group_size.y;
        n[2] = num_groups.x;
        n[3] = num_groups.y;
        n[4] = num_lanes.x;
        n[5] = num_lanes.y;
    }
}
