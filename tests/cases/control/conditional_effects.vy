//! in c: 0*8
//! out c: 1 0 0 1 1 1 0 0
//! out y: 10 13 14
// ?: evaluates one side's effects, select both
fn bump(c: update u32[], i: u32) -> u32 {
    c[i] += 1;
    return i + 10;
}

program p(c: update u32[], y: write u32[3]) {
    lanes 1;

    y[0] = c[7] == 0 ? bump(c, 0) : bump(c, 1);
    y[1] = c[7] != 0 ? bump(c, 2) : bump(c, 3);
    y[2] = select(c[7] == 0, bump(c, 4), bump(c, 5));
}
