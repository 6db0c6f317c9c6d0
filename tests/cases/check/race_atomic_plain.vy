//! racy
//! in x: 1
//! race: VY0900
//! warning: VY0902
// an atomic and a plain access to one element race
program p(x: update u32[], y: write u32[2]) {
    lanes 2;

    if (lane == 0) {
        atomic_add(x, 0, 1u);
    } else {
        y[1] = x[0];
    }
}
