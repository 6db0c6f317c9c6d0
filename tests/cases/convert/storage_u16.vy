//! in a: 0 1 32767 65535 32768 200
//! in b: 0 4294967295 65536 65539 4294934527 300 70000 4294967167
//! out wide: 0 1 32767 65535 32768 200
//! out narrow: 0 65535 0 3 32767 300 4464 65407
//! clean
// u16 loads as u32 and is truncated when stored
program p(a: read u16[], b: read u32[], wide: write u32[len(a)],
          narrow: write u16[len(b)]) {
    lanes max(len(a), len(b));

    if (lane < len(a)) {
        wide[lane] = a[lane];
    }
    if (lane < len(b)) {
        narrow[lane] = b[lane];
    }
}
