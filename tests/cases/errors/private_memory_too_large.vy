//! error: VY0311
// at most 16 KiB of private arrays a lane
program p(y: write u32[4]) {
    lanes 4;

    var a: u32[4097];
    a[lane] = 1;
    y[lane] = a[lane];
}
