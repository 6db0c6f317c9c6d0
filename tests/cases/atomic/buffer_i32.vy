//! in big: -1
//! in x: 10 10 10 10 12 12 12 10 10 10 3
//! out x: 15 -10 -1 10 8 15 6 77 5 10 8
//! out old: 10 10 10 10 12 12 12 10 10 10 3 0
//! bounds
// every atomic on i32 in a buffer: the old value, the new one
program p(big: i32, x: update i32[], old: write i32[12]) {
    lanes 1;

    old[0] = atomic_add(x, 0, 5);
    old[1] = atomic_sub(x, 1, 20);
    old[2] = atomic_min(x, 2, big);
    old[3] = atomic_max(x, 3, big);
    old[4] = atomic_and(x, 4, 10);
    old[5] = atomic_or(x, 5, 3);
    old[6] = atomic_xor(x, 6, 10);
    old[7] = atomic_exchange(x, 7, 77);
    old[8] = atomic_compare_exchange(x, 8, 10, 5);
    old[9] = atomic_compare_exchange(x, 9, 11, 6);
    old[10] = atomic_load(x, 10);
    atomic_store(x, 10, 8);
    old[11] = atomic_add(x, 11, 1) + atomic_load(x, 12)
        + atomic_compare_exchange(x, 13, 0, 1);
    atomic_store(x, -1, 9);
}
