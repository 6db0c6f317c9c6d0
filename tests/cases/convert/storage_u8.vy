//! in a: 0 1 127 255 128 200
//! in b: 0 4294967295 256 259 4294967167 300 70000 4294967167
//! out wide: 0 1 127 255 128 200
//! out narrow: 0 255 0 3 127 44 112 127
//! clean
// u8 loads as u32 and is truncated when stored
program p(a: read u8[], b: read u32[], wide: write u32[len(a)],
          narrow: write u8[len(b)]) {
    lanes max(len(a), len(b));

    if (lane < len(a)) {
        wide[lane] = a[lane];
    }
    if (lane < len(b)) {
        narrow[lane] = b[lane];
    }
}
