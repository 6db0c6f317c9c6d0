//! in f: 1.0 -0.0 0x7f800001 0xffffffff
//! in u: 0x3f800000 0x80000000 0x7fc01234 7
//! in d: -2.0 nan 0x7ff0000000000001 1e-300
//! out fu: 0x3f800000 0x80000000 0x7fc00000 0x7fc00000
//! out uf: 0x3f800000 0x80000000 0x7fc00000 0x00000007
//! out fi: 1065353216 -2147483648 2143289344 2143289344
//! out dq: 0xc000000000000000 0x7ff8000000000000 0x7ff8000000000000
//! out dq: 0x01a56e1fc2f8f359
//! out ui: 1065353216 -2147483648 2143294004 7
//! clean
// the same bits in another type of the width; NaN becomes the one NaN
program p(f: read f32[], u: read u32[], d: read f64[], fu: write u32[4],
          uf: write f32[4], fi: write i32[4], dq: write u64[4],
          ui: write i32[4]) {
    lanes 4;

    fu[lane] = bitcast<u32>(f[lane]);
    uf[lane] = bitcast<f32>(u[lane]);
    fi[lane] = bitcast<i32>(f[lane]);
    dq[lane] = bitcast<u64>(d[lane]);
    ui[lane] = bitcast<i32>(u[lane]);
}
