//! in c: 0*8
//! out c: 1 1 1 0 1 0 1 1
//! out y: 0 0 1 1
// && and || skip the effects of the right operand
fn touch(c: update u32[], i: u32, v: bool) -> bool {
    atomic_add(c, i, 1u);
    return v;
}

program p(c: update u32[], y: write u32[4]) {
    lanes 1;

    y[0] = u32(touch(c, 0, true) && touch(c, 1, false));
    y[1] = u32(touch(c, 2, false) && touch(c, 3, true));
    y[2] = u32(touch(c, 4, true) || touch(c, 5, true));
    y[3] = u32(touch(c, 6, false) || touch(c, 7, true));
}
