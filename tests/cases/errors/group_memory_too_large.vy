//! error: VY0310
// at most 32 KiB of group memory
program p(y: write u32[4]) {
    group 4;
    groups 1;
    shared s: f64[4097];

    s[local] = 1.0;
    y[lane] = 1;
}
