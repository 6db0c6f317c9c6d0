//! budget: 100
//! error: VY0701
// a lane that runs out of steps
program p(y: write u32[3]) {
    lanes 3;

    var n = 0u;
    while (n < 1000 * lane) {
        n += 1;
    }
    y[lane] = n;
}
