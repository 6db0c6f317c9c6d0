//! in c: true
//! out i: 1 0
//! out q: 1 0
//! out f: 1.0 0.0
//! out d: 1 0
//! clean
// true is 1, false is 0, in every type
program p(c: bool, i: write i32[2], q: write u64[2], f: write f32[2],
          d: write f64[2]) {
    lanes 1;

    i[0] = i32(c);
    i[1] = i32(!c);
    q[0] = u64(c);
    q[1] = u64(!c);
    f[0] = f32(c);
    f[1] = f32(!c);
    d[0] = f64(c);
    d[1] = f64(!c);
}
