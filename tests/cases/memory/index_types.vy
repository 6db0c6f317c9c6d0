//! in x: 4 5 6 7
//! out y: 7 6 5 4
//! clean
// i32, u32, i64 and u64 are indices
program p(x: read u32[], y: write u32[4]) {
    lanes 1;

    let a = 0;
    let b = 1u;
    let c = 2il;
    let d = 3ul;
    y[a] = x[d];
    y[b] = x[c];
    y[c] = x[b];
    y[d] = x[a];
}
