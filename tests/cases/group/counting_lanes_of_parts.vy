//! in x: 11 48 85 25 62 2 39 76 16 53 90 30 67 7 44 81
//! in x: 21 58 95 35 72 12 49 86 26 63 3 40 77 17 54 91
//! in x: 31 68 8 45 82 22 59 96 36 73 13 50 87 27 64 4
//! in x: 41 78 18 55 92 32 69 9 46 83 23 60 0 37 74 14
//! in x: 51 88 28 65 5 42 79 19 56 93 33 70 10 47 84 24
//! in x: 61 1 38 75 15 52 89 29 66 6 43 80 20 57 94 34
//! in x: 71 11 48 85 25 62 2 39 76 16 53 90 30 67 7 44
//! in x: 81 21 58 95 35 72 12 49 86 26 63 3 40 77 17 54
//! in x: 91 31 68 8 45 82 22
//! out inc: 0 0 1 2 2 2 2 3 4 4 4 4 5 6 6 6
//! out inc: 6 7 7 7 7 7 8 8 8 8 8 9 9 9 9 10
//! out inc: 11 11 11 11 12 13 13 13 13 14 15 15 15 0 1 2
//! out inc: 2 2 2 3 3 3 3 3 4 4 4 4 4 5 5 5
//! out inc: 5 6 7 7 7 7 8 9 9 9 9 10 11 11 11 11
//! out inc: 12 13 13 13 13 14 14 14 14 14 1 1 1 1 2 3
//! out inc: 3 3 3 4 5 5 5 5 6 7 7 7 7 8 9 9
//! out inc: 9 9 10 10 10 10 10 11 11 11 11 11 12 12 12 12
//! out inc: 13 14 14 14 14 15 16
//! out exc: 0 0 0 1 2 2 2 2 3 4 4 4 4 5 6 6
//! out exc: 6 6 7 7 7 7 7 8 8 8 8 8 9 9 9 9
//! out exc: 10 11 11 11 11 12 13 13 13 13 14 15 15 0 0 1
//! out exc: 2 2 2 2 3 3 3 3 3 4 4 4 4 4 5 5
//! out exc: 5 5 6 7 7 7 7 8 9 9 9 9 10 11 11 11
//! out exc: 11 12 13 13 13 13 14 14 14 14 0 1 1 1 1 2
//! out exc: 3 3 3 3 4 5 5 5 5 6 7 7 7 7 8 9
//! out exc: 9 9 9 10 10 10 10 10 11 11 11 11 11 12 12 12
//! out exc: 12 13 14 14 14 14 15
//! out all: 15 14 16
//! out more: 41 38 40
//! clean
// lanes are counted in groups whose last warp is not whole, of three dimensions
program p(x: read u32[], inc: write u32[len(x)], exc: write u32[len(x)],
          all: write i32[len(x) / 45], more: write u32[len(x) / 45]) {
    group 5, 3, 3;
    groups 1, 1, len(x) / 45;

    let i = local.x + local.y * 5 + local.z * 15;
    let at = group_id.z * 45 + i;
    let is = x[at] % 3 == 1;
    inc[at] = group_scan_incl_add(u32(is));
    exc[at] = group_scan_excl_add(u32(is));
    let sum = group_reduce_add(i32(is));
    var other = 0u;
    for k in 0u .. 2u {
        other += group_reduce_add(u32(k == 0 ? !is : x[at] % 5 == 2));
    }
    if (i == 44) {
        all[group_id.z] = sum;
        more[group_id.z] = other;
    }
}
