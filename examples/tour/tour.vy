// Small programs for the tour of the API.

// y = a*x + y
program saxpy(a: f32, x: read f32[], y: update f32[]) {
    lanes len(y);

    y[lane] = fma(a, x[lane], y[lane]);
}

program square(x: read f32[], y: write f32[len(x)]) {
    lanes len(x);

    y[lane] = x[lane] * x[lane];
}

// The odd values, in order; only as many as there are return.
program odd(x: read u32[], n: write u32[1],
            y: write u32[len(x)] readback [0, n[0])) {
    lanes 1;

    var k = 0u;
    for i in 0u .. len(x) {
        if (x[i] % 2 == 1) {
            y[k] = x[i];
            k += 1;
        }
    }
    n[0] = k;
}
