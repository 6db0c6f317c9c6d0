//! out y: 1227133513*32 242*8
//! out r: 1 0 1 0
//! clean
// any, all, ballot: blocks of 32 lanes
program p(y: write u32[40], r: write u32[4]) {
    group 40;
    groups 1;

    y[lane] = group_ballot(local % 3 == 0 || local >= 36);
    let a = group_any(local == 39);
    let b = group_any(local == 40);
    let c = group_all(local < 40);
    let d = group_all(local < 39);
    if (local == 7) {
        r[0] = u32(a);
        r[1] = u32(b);
        r[2] = u32(c);
        r[3] = u32(d);
    }
}
