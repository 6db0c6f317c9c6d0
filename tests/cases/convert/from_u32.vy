//! in x: 0 1 4294967295 2147483648 16777217 4294967167 4294967168 123456789
//! out y_i32: 0 1 -1 -2147483648 16777217 -129 -128 123456789
//! out y_i64: 0 1 4294967295 2147483648 16777217 4294967167 4294967168
//! out y_i64: 123456789
//! out y_u64: 0 1 4294967295 2147483648 16777217 4294967167 4294967168
//! out y_u64: 123456789
//! out y_f32: 0x00000000 0x3f800000 0x4f800000 0x4f000000 0x4b800000
//! out y_f32: 0x4f7fffff 0x4f800000 0x4ceb79a3
//! out y_f64: 0x0000000000000000 0x3ff0000000000000 0x41efffffffe00000
//! out y_f64: 0x41e0000000000000 0x4170000010000000 0x41efffffefe00000
//! out y_f64: 0x41effffff0000000 0x419d6f3454000000
//! out y_bool: 0 1 1 1 1 1 1 1
//! clean
// u32 to every other type: extend or truncate, round once, saturate
program p(x: read u32[],
          y_i32: write i32[len(x)],
          y_i64: write i64[len(x)],
          y_u64: write u64[len(x)],
          y_f32: write f32[len(x)],
          y_f64: write f64[len(x)],
          y_bool: write u8[len(x)]) {
    lanes len(x);

    y_i32[lane] = i32(x[lane]);
    y_i64[lane] = i64(x[lane]);
    y_u64[lane] = u64(x[lane]);
    y_f32[lane] = f32(x[lane]);
    y_f64[lane] = f64(x[lane]);
    y_bool[lane] = u32(bool(x[lane]));
}
