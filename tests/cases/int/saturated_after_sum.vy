//! in x: 0x7ffffff0 0x80000005 5 -7
//! out a: -48 -27 2147483621 2147483609
//! out b: 2147483621 -2147483648 -6 -18
//! out c: 2147483643 -2147483632 16 4
//! clean
// a sum that wraps, and then one that does not
program p(x: read i32[], a: write i32[4], b: write i32[4], c: write i32[4]) {
    lanes 4;

    a[lane] = add_sat(x[lane] + 0x7ffffff0i, -16);
    b[lane] = sub_sat(x[lane] + 5, 16);
    c[lane] = sub_sat(x[lane] - 5, -16);
}
