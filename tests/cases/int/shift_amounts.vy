//! out y: 2147483648 4 1 2 2147483649 1
//! out z: -4 -9223372036854775808
//! clean
// a shift amount may have any integer type; its low bits count
program p(y: write u32[6], z: write i64[2]) {
    lanes 1;

    let a = -1;
    let b = 4294967297il;
    let c = 18446744073709551615ul;
    let e = -32;
    y[0] = 1u << a;
    y[1] = 2u << u32(b);
    y[2] = 0x80000000u >> c;
    y[3] = 1u << 33;
    y[4] = rotate_left(3u, b + 30);
    y[5] = 1u << e;
    z[0] = -16il >> 2u;
    z[1] = 1il << 63;
}
