// Goes outside x when `at` is small, and round its loop `at` times.
program outside(x: update u32[], at: u32) {
    lanes 6;

    var n = 0u;
    for k in 0u .. at { n += 1; }
    x[lane + 5 - n] = 1;
}
