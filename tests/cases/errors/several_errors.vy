//! error: VY0200
//! error: VY0203
//! error: VY0215
// all errors of a file in one go
program p(y: write u32[1]) {
    lanes 1;

    let a = b;
    y[0] = 1.5f;
    break;
}
