//! error: VY0111
// a word of the language as a name
program p(y: write u32[1]) {
    lanes 1;

    let lane = 1u;
}
