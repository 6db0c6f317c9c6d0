//! in x: 0 1 -1 -2147483648 2147483647 16777217 -16777219 33554435
//! out y_u32: 0 1 4294967295 2147483648 2147483647 16777217 4278190077 33554435
//! out y_i64: 0 1 -1 -2147483648 2147483647 16777217 -16777219 33554435
//! out y_u64: 0 1 18446744073709551615 18446744071562067968 2147483647
//! out y_u64: 16777217 18446744073692774397 33554435
//! out y_f32: 0x00000000 0x3f800000 0xbf800000 0xcf000000 0x4f000000
//! out y_f32: 0x4b800000 0xcb800002 0x4c000001
//! out y_f64: 0x0000000000000000 0x3ff0000000000000 0xbff0000000000000
//! out y_f64: 0xc1e0000000000000 0x41dfffffffc00000 0x4170000010000000
//! out y_f64: 0xc170000030000000 0x4180000018000000
//! out y_bool: 0 1 1 1 1 1 1 1
//! clean
// i32 to every other type: extend or truncate, round once, saturate
program p(x: read i32[],
          y_u32: write u32[len(x)],
          y_i64: write i64[len(x)],
          y_u64: write u64[len(x)],
          y_f32: write f32[len(x)],
          y_f64: write f64[len(x)],
          y_bool: write u8[len(x)]) {
    lanes len(x);

    y_u32[lane] = u32(x[lane]);
    y_i64[lane] = i64(x[lane]);
    y_u64[lane] = u64(x[lane]);
    y_f32[lane] = f32(x[lane]);
    y_f64[lane] = f64(x[lane]);
    y_bool[lane] = u32(bool(x[lane]));
}
