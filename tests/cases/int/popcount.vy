//! in ai: 0 1 -1 7 -3 -2147483648 2147483647 -2147483647 15771075 -2147483648
//! out yi: 0 1 32 3 31 1 31 2 12 1
//! in au: 0 1 2 7 4294967295 4294967294 2147483648 305419896 15771075
//! in au: 2147483648
//! out yu: 0 1 1 3 32 31 1 13 12 1
//! in al: 0 1 -1 7 -3 -9223372036854775808 9223372036854775807
//! in al: -9223372036854775807 15771075 -9223372036854775808
//! out yl: 0 1 64 3 63 1 63 2 12 1
//! in aq: 0 1 2 7 18446744073709551615 18446744073709551614
//! in aq: 9223372036854775808 305419896 15771075 9223372036854775808
//! out yq: 0 1 1 3 64 63 1 13 12 1
//! clean
// popcount(a) on edge values of all four integer types
program p(ai: read i32[], yi: write i32[len(ai)],
          au: read u32[], yu: write u32[len(au)],
          al: read i64[], yl: write i64[len(al)],
          aq: read u64[], yq: write u64[len(aq)]) {
    lanes len(ai);

    yi[lane] = popcount(ai[lane]);
    yu[lane] = popcount(au[lane]);
    yl[lane] = popcount(al[lane]);
    yq[lane] = popcount(aq[lane]);
}
