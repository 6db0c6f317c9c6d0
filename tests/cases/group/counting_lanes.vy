//! in x: 7 13 19 2 8 14 20 3 9 15 21 4 10 16 22 5
//! in x: 11 17 0 6 12 18 1 7 13 19 2 8 14 20 3 9
//! in x: 15 21 4 10 16 22 5 11 17 0 6 12 18 1 7 13
//! in x: 19 2 8 14 20 3 9 15 21 4 10 16 22 5 11 17
//! out inc: 1 2 3 3 3 3 3 3 3 3 3 4 5 6 7 7
//! out inc: 7 7 7 7 7 7 8 9 10 11 11 11 11 11 11 11
//! out inc: 0 0 1 2 3 4 4 4 4 4 4 4 4 5 6 7
//! out inc: 8 8 8 8 8 8 8 8 8 9 10 11 12 12 12 12
//! out exc: 0 1 2 3 3 3 3 3 3 3 3 3 4 5 6 7
//! out exc: 7 7 7 7 7 7 7 8 9 10 11 11 11 11 11 11
//! out exc: 0 0 0 1 2 3 4 4 4 4 4 4 4 4 5 6
//! out exc: 7 8 8 8 8 8 8 8 8 8 9 10 11 12 12 12
//! out all: 11 12
//! clean
// scans and sums that count lanes, in groups of 32
program p(x: read u32[], inc: write u32[len(x)], exc: write u32[len(x)], all: write i32[len(x) / 32]) {
    group 32;
    groups len(x) / 32;

    let is = x[lane] % 3 == 1;
    inc[lane] = group_scan_incl_add(u32(is));
    exc[lane] = group_scan_excl_add(u32(is));
    let sum = group_reduce_add(i32(is));
    if (local == 0) {
        all[group_id] = sum;
    }
}
