//! in x: u32 1*20
//! budget: 3
//! error: VY0701
// a group that goes round a loop too often ends, whatever its lanes did
program p(x: read u32[20], y: write u32[20]) {
    group 20;
    groups 1;
    shared t: u32[20];

    var v = x[lane];
    for k in 0u .. 9 {
        t[local] = v + k;
        barrier;
        v = t[19 - local];
        barrier;
    }
    y[lane] = v;
}
