//! error: VY0124
// several programs, none chosen
program p(y: write u32[1]) {
    lanes 1;

    y[0] = 1;
}

program q(y: write u32[1]) {
    lanes 1;

    y[0] = 2;
}
