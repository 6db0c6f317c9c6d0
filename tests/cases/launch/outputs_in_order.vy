//! in a: 255 1
//! in x: 65535 7
//! in k: 1
//! in c: 3 -1
//! out a: 0 2
//! out b: 0 8
//! out c: 1.5 -0.5
//! clean
// write and update outputs mixed with inputs
program p(a: update u8[], x: read u32[], b: write u16[len(a)], k: u32,
          c: update f32[]) {
    lanes len(a);

    b[lane] = x[lane] + k;
    a[lane] += 1;
    c[lane] = c[lane] / 2.0;
}
