//! out y: 369 2 2 0 0 19 1 3 3
// for: bounds evaluated once, trips over unbounded integers; a zero or negative
// step never runs
program p(y: write u32[9]) {
    lanes 1;

    var n = 0u;
    for i in 0 .. 10 step 3 {
        n = n * 10 + u32(i);
    }
    y[0] = n;
    n = 0;
    for i in 4294967290u .. 4294967295u step 4u {
        n += 1;
    }
    y[1] = n;
    n = 0;
    for i in 2147483640 .. 2147483647 step 5 {
        n += 1;
    }
    y[2] = n;
    n = 0;
    for i in 5 .. 0 {
        n += 1;
    }
    y[3] = n;
    for i in 0 .. 5 step 0 {
        n += 1;
    }
    for i in 0 .. 5 step -1 {
        n += 1;
    }
    y[4] = n;
    for i in -3il .. 3il {
        n += u32(i * i);
    }
    y[5] = n;
    n = 0;
    for i in 18446744073709551614ul .. 18446744073709551615ul {
        n += 1;
    }
    y[6] = n;
    n = 0;
    for i in -2147483648 .. 2147483647 step 2147483647 {
        n += 1;
    }
    y[7] = n;
    var end = 3u;
    n = 0;
    for i in 0u .. end {
        end = 100;
        n += 1;
    }
    y[8] = n;
}
