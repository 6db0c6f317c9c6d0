//! in x: 10 10 10 10 13 10 8 10 10 10
//! out x: 11 8 30 2 3 2 15 2 40 2
//! in q: {u32 u32} 1 1
//! out q: {u32 u32} 6 64
//! clean
// op= on buffers, variables and fields
struct Pair {
    a: u32;
    b: u32;
}

program p(x: update u32[], q: update Pair[]) {
    lanes 1;

    x[0] += 1;
    x[1] -= 2;
    x[2] *= 3;
    x[3] /= 4;
    x[4] %= 5;
    x[5] &= 6;
    x[6] |= 7;
    x[7] ^= 8;
    x[8] <<= 2;
    x[9] >>= 2;
    q[0].a += 5;
    q[0].b <<= q[0].a;
}
