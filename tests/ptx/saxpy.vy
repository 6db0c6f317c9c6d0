// checks that launch facts remove, and the same with them
program saxpy(a: f32, x: read f32[], y: update f32[]) {
    lanes len(y);

    y[lane] = fma(a, x[lane], y[lane]);
}
