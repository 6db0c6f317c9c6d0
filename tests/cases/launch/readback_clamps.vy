//! out y: 8 9
// a bound above the length clamps
program p(n: write u32[1], y: write u32[3] readback [1, n[0])) {
    lanes 3;

    y[lane] = lane + 7;
    if (lane == 0) {
        n[0] = 4000000000;
    }
}
