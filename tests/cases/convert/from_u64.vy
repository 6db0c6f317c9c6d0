//! in x: 0 1 18446744073709551615 9223372036854775808 9007199254740993
//! in x: 9223372036854776832 9223372036854776833 18446744073709550591
//! out y_i32: 0 1 -1 0 1 1024 1025 -1025
//! out y_u32: 0 1 4294967295 0 1 1024 1025 4294966271
//! out y_i64: 0 1 -1 -9223372036854775808 9007199254740993
//! out y_i64: -9223372036854774784 -9223372036854774783 -1025
//! out y_f32: 0x00000000 0x3f800000 0x5f800000 0x5f000000 0x5a000000
//! out y_f32: 0x5f000000 0x5f000000 0x5f800000
//! out y_f64: 0x0000000000000000 0x3ff0000000000000 0x43f0000000000000
//! out y_f64: 0x43e0000000000000 0x4340000000000000 0x43e0000000000000
//! out y_f64: 0x43e0000000000001 0x43efffffffffffff
//! out y_bool: 0 1 1 1 1 1 1 1
//! clean
// u64 to every other type: extend or truncate, round once, saturate
program p(x: read u64[],
          y_i32: write i32[len(x)],
          y_u32: write u32[len(x)],
          y_i64: write i64[len(x)],
          y_f32: write f32[len(x)],
          y_f64: write f64[len(x)],
          y_bool: write u8[len(x)]) {
    lanes len(x);

    y_i32[lane] = i32(x[lane]);
    y_u32[lane] = u32(x[lane]);
    y_i64[lane] = i64(x[lane]);
    y_f32[lane] = f32(x[lane]);
    y_f64[lane] = f64(x[lane]);
    y_bool[lane] = u32(bool(x[lane]));
}
