//! in a: 2
//! in x: 1 2 3
//! in y: 10 20 30
//! out y: 12 24 36
//! clean
// y = a*x + y
program saxpy(a: f32, x: read f32[], y: update f32[]) {
    lanes len(y);

    let i = lane;
    y[i] = fma(a, x[i], y[i]);
}
