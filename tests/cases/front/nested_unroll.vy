//! in x: 1 2 3 4
//! out y: 10 30 20 40
//! clean
// unrolled loops nest, with arrays that become registers
program p(x: read u32[], y: write u32[4]) {
    lanes 1;

    var m: u32[4];
    unroll for i in 0 .. 2 {
        unroll for j in 0 .. 2 {
            m[j * 2 + i] = x[i * 2 + j] * 10;
        }
    }
    unroll for i in 0 .. 4 {
        y[i] = m[i];
    }
}
