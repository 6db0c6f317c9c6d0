//! in c: 0
//! out c: 4
//! out y: 7 4
//! clean
// the condition of a while has effects, once a trip
fn next(c: update u32[]) -> u32 {
    c[0] += 1;
    return c[0];
}

program p(c: update u32[], y: write u32[2]) {
    lanes 1;

    var n = 0u;
    while (next(c) < 4 && n < 10) {
        if (n == 1) {
            n += 5;
            continue;
        }
        n += 1;
    }
    y[0] = n;
    y[1] = c[0];
}
