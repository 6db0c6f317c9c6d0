//! in ai: 0 1 -1 7 -3 -2147483648 2147483647 -2147483647 15771075 -2147483648
//! out yi: 32 0 0 0 0 31 0 0 0 31
//! in au: 0 1 2 7 4294967295 4294967294 2147483648 305419896 15771075
//! in au: 2147483648
//! out yu: 32 0 1 0 0 1 31 3 0 31
//! in al: 0 1 -1 7 -3 -9223372036854775808 9223372036854775807
//! in al: -9223372036854775807 15771075 -9223372036854775808
//! out yl: 64 0 0 0 0 63 0 0 0 63
//! in aq: 0 1 2 7 18446744073709551615 18446744073709551614
//! in aq: 9223372036854775808 305419896 15771075 9223372036854775808
//! out yq: 64 0 1 0 0 1 63 3 0 63
//! clean
// ctz(a) on edge values of all four integer types
program p(ai: read i32[], yi: write i32[len(ai)],
          au: read u32[], yu: write u32[len(au)],
          al: read i64[], yl: write i64[len(al)],
          aq: read u64[], yq: write u64[len(aq)]) {
    lanes len(ai);

    yi[lane] = ctz(ai[lane]);
    yu[lane] = ctz(au[lane]);
    yl[lane] = ctz(al[lane]);
    yq[lane] = ctz(aq[lane]);
}
