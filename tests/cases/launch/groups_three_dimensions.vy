//! out y: 0 1 100 101 10 11 110 111 1000 1001 1100 1101 1010 1011 1110 1111
//! clean
// three dimensions of groups
program p(y: write u32[16]) {
    group 2, 1, 2;
    groups 1, 2, 2;

    let at = (lane.z * num_lanes.y + lane.y) * num_lanes.x + lane.x;
    y[at] = group_id.z * 1000 + group_id.y * 100 + local.z * 10 + local.x;
}
