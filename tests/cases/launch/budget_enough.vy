//! budget: 100
//! out y: 0 3 6
// a budget that suffices changes nothing
program p(y: write u32[3]) {
    lanes 3;

    var n = 0u;
    while (n < lane * 3) {
        n += 1;
    }
    y[lane] = n;
}
