//! in x: 1 2 3 4
//! out y: 16090401 1071319 23
//! clean
// unroll for: copies with literal bounds
program p(x: read u32[], y: write u32[3]) {
    lanes 1;

    var a: u32[4];
    unroll for i in 0 .. 4 {
        a[i] = x[i] * u32(i + 1);
    }
    var n = 0u;
    unroll for i in 0 .. 4 {
        n = n * 100 + a[3 - i];
    }
    y[0] = n;
    n = 0;
    unroll for i in 1 .. 20 step 6 {
        n = n * 100 + u32(i);
    }
    y[1] = n;
    n = 0;
    unroll for i in 0 .. 8 {
        if (i == 1) {
            continue;
        }
        if (i == 4) {
            break;
        }
        n = n * 10 + u32(i);
    }
    y[2] = n;
}
