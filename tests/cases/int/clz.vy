//! in ai: 0 1 -1 7 -3 -2147483648 2147483647 -2147483647 15771075 -2147483648
//! out yi: 32 31 0 29 0 0 1 0 8 0
//! in au: 0 1 2 7 4294967295 4294967294 2147483648 305419896 15771075
//! in au: 2147483648
//! out yu: 32 31 30 29 0 0 0 3 8 0
//! in al: 0 1 -1 7 -3 -9223372036854775808 9223372036854775807
//! in al: -9223372036854775807 15771075 -9223372036854775808
//! out yl: 64 63 0 61 0 0 1 0 40 0
//! in aq: 0 1 2 7 18446744073709551615 18446744073709551614
//! in aq: 9223372036854775808 305419896 15771075 9223372036854775808
//! out yq: 64 63 62 61 0 0 0 35 40 0
//! clean
// clz(a) on edge values of all four integer types
program p(ai: read i32[], yi: write i32[len(ai)],
          au: read u32[], yu: write u32[len(au)],
          al: read i64[], yl: write i64[len(al)],
          aq: read u64[], yq: write u64[len(aq)]) {
    lanes len(ai);

    yi[lane] = clz(ai[lane]);
    yu[lane] = clz(au[lane]);
    yl[lane] = clz(al[lane]);
    yq[lane] = clz(aq[lane]);
}
