//! in b: true
//! in i: -2147483648
//! in u: 4294967295
//! in l: -9007199254740993
//! in q: 18446744073709551615
//! in f: 0.1
//! in d: 0.1
//! out y: 1 -2147483648 4294967295 -9007199254740992 18446744073709551616
//! out y: 0.10000000149011612 0.1
//! clean
// scalar parameters of every value type
program p(b: bool, i: i32, u: u32, l: i64, q: u64, f: f32, d: f64,
          y: write f64[7]) {
    lanes 1;

    y[0] = b ? 1.0 : 0.0;
    y[1] = f64(i);
    y[2] = f64(u);
    y[3] = f64(l);
    y[4] = f64(q);
    y[5] = f64(f);
    y[6] = d;
}
