//! const N = 3
//! const FLIP = true
//! out y: 3 1.5 0
//! clean
// constants are fixed at compile time; sizes and group use them
const N: u32 = 4;
const SCALE: f32 = 1.5;
const FLIP: bool = false;

program p(y: write f32[N]) {
    group N;
    groups 1;
    shared s: f32[N * 2];

    s[local * 2] = f32(local) * SCALE;
    barrier;
    let i = FLIP ? N - 1 - local : local;
    y[i] = s[local * 2];
}
