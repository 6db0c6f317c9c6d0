//! in x: 5 -3 17 2 16
//! in best: -100
//! out best: 17
// a maximum by compare and exchange
program p(x: read i32[], best: update i32[]) {
    lanes len(x);

    var seen = atomic_load(best, 0);
    while (x[lane] > seen) {
        let old = atomic_compare_exchange(best, 0, seen, x[lane]);
        if (old == seen) {
            break;
        }
        seen = old;
    }
}
