//! racy
//! in x: 1 2 3
//! race: VY0900
// one lane reads what another writes
program p(x: update u32[]) {
    lanes len(x) - 1;

    x[lane] = x[lane + 1];
}
