//! out y: 55 50
//! bounds
// outside group memory: load 0, store dropped
program p(y: write u32[2]) {
    group 2;
    groups 1;
    shared s: u32[2];

    s[local] = 5;
    s[local + 2] = 9;
    barrier;
    y[lane] = s[local + 1] + s[local] * 10;
}
