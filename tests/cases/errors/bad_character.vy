//! error: VY0100
// a character that is not part of the language
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1 @ 2;
}
