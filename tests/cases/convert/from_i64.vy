//! in x: 0 1 -1 -9223372036854775808 9223372036854775807 9007199254740993
//! in x: -9007199254740995 4886718345
//! out y_i32: 0 1 -1 0 -1 1 -3 591751049
//! out y_u32: 0 1 4294967295 0 4294967295 1 4294967293 591751049
//! out y_u64: 0 1 18446744073709551615 9223372036854775808 9223372036854775807
//! out y_u64: 9007199254740993 18437736874454810621 4886718345
//! out y_f32: 0x00000000 0x3f800000 0xbf800000 0xdf000000 0x5f000000
//! out y_f32: 0x5a000000 0xda000000 0x4f91a2b4
//! out y_f64: 0x0000000000000000 0x3ff0000000000000 0xbff0000000000000
//! out y_f64: 0xc3e0000000000000 0x43e0000000000000 0x4340000000000000
//! out y_f64: 0xc340000000000002 0x41f2345678900000
//! out y_bool: 0 1 1 1 1 1 1 1
//! clean
// i64 to every other type: extend or truncate, round once, saturate
program p(x: read i64[],
          y_i32: write i32[len(x)],
          y_u32: write u32[len(x)],
          y_u64: write u64[len(x)],
          y_f32: write f32[len(x)],
          y_f64: write f64[len(x)],
          y_bool: write u8[len(x)]) {
    lanes len(x);

    y_i32[lane] = i32(x[lane]);
    y_u32[lane] = u32(x[lane]);
    y_u64[lane] = u64(x[lane]);
    y_f32[lane] = f32(x[lane]);
    y_f64[lane] = f64(x[lane]);
    y_bool[lane] = u32(bool(x[lane]));
}
