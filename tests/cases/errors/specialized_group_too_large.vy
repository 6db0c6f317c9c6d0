//! const N = 2000
//! error: VY0309
// the validator runs again when constants are fixed
const N: u32 = 4;

program p(y: write u32[4]) {
    group N;
    groups 1;

    y[0] = N;
}
