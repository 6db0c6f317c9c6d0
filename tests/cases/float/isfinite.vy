//! in af: 0x00000000 0x80000000 0x3f800000 0xbfc00000 0x40400000 0x00000001
//! in af: 0x80000003 0x00800000 0x007fffff 0x7f7fffff 0xff7fffff 0x7f800000
//! in af: 0xff800000 0x7fc00000 0x7f800001 0xff800005 0x3f000000 0x40200000
//! in af: 0x501502f9 0x3eaaaaab
//! out yf: 1 1 1 1 1 1 1 1 1 1 1 0 0 0 0 0 1 1 1 1
//! in ad: 0x0000000000000000 0x8000000000000000 0x3ff0000000000000
//! in ad: 0xbff8000000000000 0x4008000000000000 0x0000000000000001
//! in ad: 0x8000000000000003 0x0010000000000000 0x000fffffffffffff
//! in ad: 0x7fefffffffffffff 0xffefffffffffffff 0x7ff0000000000000
//! in ad: 0xfff0000000000000 0x7ff8000000000000 0x7ff0000000000001
//! in ad: 0xfff0000000000005 0x3fe0000000000000 0x4004000000000000
//! in ad: 0x4202a05f20000000 0x3fd5555555555555
//! out yd: 1 1 1 1 1 1 1 1 1 1 1 0 0 0 0 0 1 1 1 1
//! clean
// isfinite
program p(af: read f32[], yf: write u8[len(af)],
          ad: read f64[], yd: write u8[len(ad)]) {
    lanes len(af);

    yf[lane] = u32(isfinite(af[lane]));
    yd[lane] = u32(isfinite(ad[lane]));
}
