//! error: VY0216
// a function that can end without its result
fn f(x: u32) -> u32 {
    if (x == 0) {
        return 1;
    }
}

program p(y: write u32[1]) {
    lanes 1;

    y[0] = f(3);
}
