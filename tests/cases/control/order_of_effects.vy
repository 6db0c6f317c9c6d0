//! in c: 0 0
//! out c: 51 51
//! out y: 12 3 50 51
// effects happen left to right, a let when it stands
fn next(c: update u32[]) -> u32 {
    let old = c[0];
    c[0] = old + 1;
    return old;
}

program p(c: update u32[], y: write u32[4]) {
    lanes 1;

    y[0] = next(c) * 100 + next(c) * 10 + next(c);
    let before = c[0];
    c[0] = 50;
    y[1] = before;
    y[2] = c[0];
    c[1] = 1;
    c[c[1]] += next(c);
    y[3] = c[1];
}
