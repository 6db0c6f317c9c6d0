//! in a: 1
//! error: VY0204
// operands of two types
program p(a: i32, y: write u32[1]) {
    lanes 1;

    y[0] = 1u + a;
}
