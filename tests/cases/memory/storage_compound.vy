//! in a: 10 255 0
//! in b: 20000 -3
//! in c: 0x6800 0x0001
//! out a: 4 240 255
//! out b: -5536 -2
//! out c: 0x6800 0x0000
//! clean
// compound assignment in storage types: computed wide, narrowed when stored
program p(a: update u8[], b: update i16[], c: update f16[]) {
    lanes 1;

    a[0] += 250;
    a[1] <<= 4;
    a[2] -= 1;
    b[0] *= 3;
    b[1] >>= 1;
    c[0] += 1.0;
    c[1] *= 0.5;
}
