//! in x: 0x3f800800 0xbf801000 1e8 -1e8 1
//! out y: 0 0x33800000 1 0
//! clean
// a*b + c rounds twice, fma once, sums from left to right
program p(x: read f32[], y: write f32[4]) {
    lanes 1;

    y[0] = x[0] * x[0] + x[1];
    y[1] = fma(x[0], x[0], x[1]);
    y[2] = x[2] + x[3] + x[4];
    y[3] = x[2] + (x[3] + x[4]);
}
