//! budget: 100
// a budget in a divergent loop; atomics with and without a use
program atomics(x: read u32[], sum: update u32[1], last: write u32[len(x)]) {
    lanes len(x);

    var n = x[lane];
    while (n > 1) {
        n = (n & 1) == 0 ? n / 2 : 3 * n + 1;
        atomic_add(sum, 0, 1);
    }
    last[lane] = atomic_max(sum, 0, n);
}
