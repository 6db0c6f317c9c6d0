//! in x: 1
//! out y: 4294967297 1099511627776 5999999999
//! out f: 1.5 3
//! out h: 0x3800
//! clean
// a literal takes its type from its context
program p(x: read u64[], y: write u64[3], f: write f64[2], h: write f16[1]) {
    lanes 1;

    y[0] = x[0] + 4294967296;
    y[1] = 1 << 40;
    let z: u64 = 6000000000;
    y[2] = z - 1;
    f[0] = 1 + 0.5;
    f[1] = 3;
    h[0] = 0.5;
}
