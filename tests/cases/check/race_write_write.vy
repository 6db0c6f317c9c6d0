//! racy
//! race: VY0900
// two lanes write one element
program p(y: write u32[1]) {
    lanes 2;

    y[0] = 1;
}
