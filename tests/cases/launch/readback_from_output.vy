//! in x: 4 5 6 7 9
//! out n: 3
//! out y: 5 7 9
// a bound may be an element of another output
program p(x: read u32[], n: write u32[1],
          y: write u32[len(x)] readback [0, n[0])) {
    lanes 1;

    var k = 0u;
    for i in 0u .. len(x) {
        if (x[i] % 2 == 1) {
            y[k] = x[i];
            k += 1;
        }
    }
    n[0] = k;
}
