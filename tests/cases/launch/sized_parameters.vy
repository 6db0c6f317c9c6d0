//! in n: 2
//! in x: 5 6
//! in y: 10 10 20 20
//! out y: 15 5 26 14
//! clean
// read T[n] and update T[n] fix a length
program p(n: u32, x: read u32[n], y: update u32[2 * n]) {
    lanes n;

    y[2 * lane] += x[lane];
    y[2 * lane + 1] -= x[lane];
}
