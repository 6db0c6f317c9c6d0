//! in x: 5 2 7 2 5 0 2 9
//! out a: 4 1 6 2 5 0 3 7
//! out b: 4 0 5 1 6 2 3 7
//! out c: 6 3 2 4 7 0 5 1
//! clean
// the place of a lane's key among the group's, equal keys in lane order
program p(x: read u32[], a: write u32[8], b: write u32[8], c: write u32[8]) {
    group 8;
    groups 1;

    a[lane] = group_rank(x[lane], 4);
    b[lane] = group_rank(x[lane], 1);
    c[lane] = group_rank(x[lane] * 97, 8);
}
