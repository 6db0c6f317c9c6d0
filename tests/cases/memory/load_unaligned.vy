//! in x: 1 2 3 4 5 6 7 8 9
//! out a: 513 770 1027 1284 1541 1798 2055 2312 9
//! out b: 67305985 84148994 100992003 117835012 134678021 151521030 591879 2312
//! out b: 9
//! out c: 578437695752307201 650777868590383874 2542101049181187 9930082223364
//! out c: 38789383685 151521030 591879 2312 9
//! bounds
// load_u16, load_u32, load_u64: any offset, little-endian, 0 for bytes outside
program p(x: read u8[], a: write u32[len(x)], b: write u32[len(x)],
          c: write u64[len(x)]) {
    lanes len(x);

    a[lane] = load_u16(x, lane);
    b[lane] = load_u32(x, lane);
    c[lane] = load_u64(x, lane);
}
