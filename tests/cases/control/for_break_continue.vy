//! out y: 134 1012
//! clean
// break and continue in for; the variable is each trip's own
program p(y: write u32[2]) {
    lanes 1;

    var n = 0u;
    for i in 0u .. 10u {
        if (i == 2) {
            continue;
        }
        if (i == 5) {
            break;
        }
        n = n * 10 + i;
    }
    y[0] = n;
    n = 0;
    for i in 0u .. 3u {
        for j in 0u .. 3u {
            if (j > i) {
                break;
            }
            n = n * 10 + j;
        }
    }
    y[1] = n;
}
