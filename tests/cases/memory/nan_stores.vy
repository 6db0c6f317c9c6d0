//! in x: 0x7f800001 0xffffffff 0x7fc00000 1
//! in u: 0x7f800001 0xffffffff 5 6
//! out y: nan nan nan 1
//! out v: 0x7f800001 0xffffffff 5 6
//! out h: 0x7e00 0x7e00 0x7e00 0x3c00
//! out b: 0x7fc0 0x7fc0 0x7fc0 0x3f80
//! clean
// a float store makes every NaN the one NaN; copies through u32 keep bits
program p(x: read f32[], u: read u32[], y: write f32[len(x)],
          v: write u32[len(u)], h: write f16[len(x)], b: write bf16[len(x)]) {
    lanes len(x);

    y[lane] = x[lane];
    v[lane] = u[lane];
    h[lane] = x[lane];
    b[lane] = x[lane];
}
