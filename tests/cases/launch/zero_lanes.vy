//! in n: 0
//! in x: 1 2
//! out x: 1 2
//! out y: 0 0 0
// no lanes: a `write` is zeros, an `update` stays
program p(n: u32, x: update u32[], y: write u32[3]) {
    lanes n;

    x[lane] = 9;
    y[lane] = 9;
}
