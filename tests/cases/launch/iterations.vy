//! iterations: 3
//! in x: 1 5
//! out x: 8 40
//! out y: 14 70
// iterations run over the same buffers; `write` is zeroed once
program p(x: update u32[], y: write u32[2]) {
    lanes 2;

    x[lane] = x[lane] * 2;
    y[lane] = y[lane] + x[lane];
}
