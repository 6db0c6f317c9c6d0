//! in x: 1 2 3 7 27
//! out y: 0 1 7 16 51
//! clean
// while with break and continue
program p(x: read u32[], y: write u32[len(x)]) {
    lanes len(x);

    var n = x[lane];
    var steps = 0u;
    while (n != 1) {
        steps += 1;
        if (steps > 50) {
            break;
        }
        if (n % 2 == 0) {
            n /= 2;
            continue;
        }
        n = 3 * n + 1;
    }
    y[lane] = steps;
}
