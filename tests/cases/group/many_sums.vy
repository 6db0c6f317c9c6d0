//! in x: f32 1 2 4
//! out y: 0 7 14 21 28 35 42 49 56 63 70 77 84 91 98 105 112 119 126 133 140 147 154 161
//! out y: 7 14 21 28 35 42 49 56 63 70 77 84 91 98 105 112 119 126 133 140 147 154 161 168
//! out y: 14 21 28 35 42 49 56 63 70 77 84 91 98 105 112 119 126 133 140 147 154 161 168 175
//! out y: 21 28 35 42 49 56 63 70 77 84 91 98 105 112 119 126 133 140 147 154 161 168 175 182
//! out y: 28 35 42 49 56 63 70 77 84 91 98 105 112 119 126 133 140 147 154 161 168 175 182 189
// more sums in a loop than a processor has registers: each takes x[k] times
// its own number, in groups whose lanes meet before and after
program many_sums(x: read f32[], y: write f32[120]) {
    group 5;
    groups 1;
    shared all: f32[120];

    var acc: f32[24];
    barrier;
    for k in 0u .. len(x) {
        let v = x[k];
        unroll for i in 0u .. 24u {
            acc[i] = fma(f32(local + i), v, acc[i]);
        }
    }
    barrier;
    unroll for i in 0u .. 24u {
        all[24 * local + i] = acc[i];
    }
    barrier;
    unroll for i in 0u .. 24u {
        y[24 * local + i] = all[24 * local + i];
    }
}
