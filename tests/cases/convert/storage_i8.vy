//! in a: 0 1 127 -1 -128 -7
//! in b: 0 -1 256 259 -129 300 70000 -129
//! out wide: 0 1 127 -1 -128 -7
//! out narrow: 0 -1 0 3 127 44 112 127
//! clean
// i8 loads as i32 and is truncated when stored
program p(a: read i8[], b: read i32[], wide: write i32[len(a)],
          narrow: write i8[len(b)]) {
    lanes max(len(a), len(b));

    if (lane < len(a)) {
        wide[lane] = a[lane];
    }
    if (lane < len(b)) {
        narrow[lane] = b[lane];
    }
}
