//! in x: 1 0x7fffffff 0x80000000 0xc0d8b7a7 0xffffffff
//! in y: 1 -1 0x80000000 0x7fffffff -2
//! in z: 100 200 300 400 500
//! out a: 32768 70368744144896 70368744177664 106018513321984 140737488322560
//! out b: 8 17179869176 17179869184 25883426104 34359738360
//! out c: 104 8589934788 8589934892 12941713452 17179869680
//! out d: 0x8000 0xffffffffffff8000 0xffffc00000000000 0x3fffffff8000
//! out d: 0xffffffffffff0000
//! clean
// a u32 has no sign where it becomes an i64 and is shifted or multiplied, and
// an i32 has one where it becomes a u64
program p(x: read u32[], y: read i32[], z: read i64[], a: write i64[5],
          b: write i64[5], c: write i64[5], d: write u64[5]) {
    lanes 5;

    a[lane] = i64(x[lane]) << 15;
    b[lane] = i64(x[lane]) * 8;
    c[lane] = z[lane] + i64(x[lane]) * 4;
    d[lane] = u64(y[lane]) << 15;
}
