//! error: VY0201
// a name that hides another
program p(y: write u32[1]) {
    lanes 1;

    let a = 1u;
    if (y[0] == 0) {
        let a = 2u;
        y[0] = a;
    }
}
