// y = a*x + y
program saxpy(a: f32, x: read f32[], y: update f32[]) {
    lanes len(y);

    let i = lane;
    y[i] = fma(a, x[i], y[i]);
}
