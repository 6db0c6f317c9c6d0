//! error: VY0211
// a function that calls itself
fn f(x: u32) -> u32 {
    return f(x - 1);
}

program p(y: write u32[1]) {
    lanes 1;

    y[0] = f(3);
}
