//! in n: 15
//! in m: 16
//! out y: u32 7*15 9 7 5*31
// Conditions that turn within a row, one at the first lane of a vector.
program turns(n: u32, m: u32, y: write u32[48]) {
    lanes 48;
    var v: u32 = 5u;
    if (lane <= m) {
        v = 7u;
    }
    if (lane == n) {
        v = v + 2u;
    }
    y[lane] = v;
}
