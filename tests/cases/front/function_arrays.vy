//! out y: 3 6 9 12
//! out z: 30 20 10 0
//! clean
// functions take private and group arrays
fn total(a: var u32[3]) -> u32 {
    return a[0] + a[1] + a[2];
}

fn fill(a: var u32[3], v: u32) {
    for i in 0u .. 3u {
        a[i] = v + i;
    }
}

fn turn(s: shared u32[], i: u32) -> u32 {
    return s[len(s) - 1 - i];
}

program p(y: write u32[4], z: write u32[4]) {
    group 4;
    groups 1;
    shared s: u32[4];

    var a: u32[3];
    fill(a, lane);
    y[lane] = total(a);
    s[local] = lane * 10;
    barrier;
    z[lane] = turn(s, local);
}
