//! out y: 1 3 6 10 15 21 28 36
//! clean
// barriers in a uniform loop
program p(y: write u32[8]) {
    group 8;
    groups 1;
    shared s: u32[8];

    s[local] = local + 1;
    barrier;
    var d = 1u;
    while (d < 8) {
        var v = 0u;
        if (local >= d) {
            v = s[local - d];
        }
        barrier;
        s[local] += v;
        barrier;
        d *= 2;
    }
    y[lane] = s[local];
}
