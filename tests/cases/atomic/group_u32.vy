//! in x: 10 10 10 10 12 12 12 10 10 10 3
//! out y: 15 4294967286 4 99 8 15 6 77 5 10 8
//! out old: 10 10 10 10 12 12 12 10 10 10 3
//! clean
// every atomic on u32 in group memory
program p(x: read u32[], y: write u32[11], old: write u32[11]) {
    group 1;
    groups 1;
    shared s: u32[11];

    for i in 0u .. 11u {
        s[i] = x[i];
    }
    old[0] = atomic_add(s, 0, 5);
    old[1] = atomic_sub(s, 1, 20);
    old[2] = atomic_min(s, 2, 4);
    old[3] = atomic_max(s, 3, 99);
    old[4] = atomic_and(s, 4, 10);
    old[5] = atomic_or(s, 5, 3);
    old[6] = atomic_xor(s, 6, 10);
    old[7] = atomic_exchange(s, 7, 77);
    old[8] = atomic_compare_exchange(s, 8, 10, 5);
    old[9] = atomic_compare_exchange(s, 9, 11, 6);
    old[10] = atomic_load(s, 10);
    atomic_store(s, 10, 8);
    for i in 0u .. 11u {
        y[i] = s[i];
    }
}
