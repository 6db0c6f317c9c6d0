//! in k: 3
//! in x: 4
//! out y: 7 6 0 0 11 10
// barriers and collectives in uniform branches and loops, and after a uniform
// return
program p(k: u32, x: read u32[], y: write u32[6]) {
    group 2;
    groups 3;
    shared s: u32[2];

    if (group_id == 1) {
        return;
    }
    var n = 0u;
    if (x[0] > 3) {
        s[local] = lane;
        barrier;
        n = s[1 - local];
    }
    for i in 0u .. k {
        n += group_reduce_max(local + i);
    }
    y[lane] = n;
}
