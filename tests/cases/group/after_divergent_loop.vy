//! out y: 60 61 62 63
//! clean
// after a loop with a divergent break, control is uniform again
program p(y: write u32[4]) {
    group 4;
    groups 1;

    var n = 0u;
    for i in 0u .. 10u {
        if (i == local) {
            break;
        }
        n += 1;
    }
    y[lane] = group_reduce_add(n) * 10 + n;
}
