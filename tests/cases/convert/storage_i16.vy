//! in a: 0 1 32767 -1 -32768 -7
//! in b: 0 -1 65536 65539 -32769 300 70000 -129
//! out wide: 0 1 32767 -1 -32768 -7
//! out narrow: 0 -1 0 3 32767 300 4464 -129
//! clean
// i16 loads as i32 and is truncated when stored
program p(a: read i16[], b: read i32[], wide: write i32[len(a)],
          narrow: write i16[len(b)]) {
    lanes max(len(a), len(b));

    if (lane < len(a)) {
        wide[lane] = a[lane];
    }
    if (lane < len(b)) {
        narrow[lane] = b[lane];
    }
}
