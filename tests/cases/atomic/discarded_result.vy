//! out n: 4950
//! clean
// an atomic's result need not be used
program p(n: write u32[1]) {
    lanes 100;

    atomic_add(n, 0, lane);
}
