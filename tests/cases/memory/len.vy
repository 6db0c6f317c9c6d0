//! in x: 1 2 3
//! in q: {u32 u8 _3} 1 2 3 4
//! in e:
//! out n: 3 2 0 6 8 0 0 0
// len and len64 of every kind of buffer
struct P3 {
    a: u32;
    b: u8;
}

program p(x: read u16[], q: read P3[], e: read f64[], y: write u32[len(x) * 2],
          n: write u64[8]) {
    lanes 1;

    n[0] = len64(x);
    n[1] = u64(len(q));
    n[2] = len64(e);
    n[3] = u64(len(y));
    n[4] = len64(n);
}
