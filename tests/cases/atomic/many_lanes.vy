//! in x: 3..22
//! in r: 0 100 0
//! out bins: 5 5 5 5
//! out r: 22 3 20
// atomics from many lanes and groups add up in any order
program p(x: read u32[], bins: write u32[4], r: update i64[]) {
    group 8;
    groups (len(x) + 7) / 8;
    shared own: u32[4];

    if (lane < len(x)) {
        atomic_add(own, x[lane] % 4, 1u);
        atomic_max(r, 0, i64(x[lane]));
        atomic_min(r, 1, i64(x[lane]));
        atomic_xor(r, 2, i64(x[lane]));
    }
    barrier;
    if (local < 4) {
        atomic_add(bins, local, own[local]);
    }
}
