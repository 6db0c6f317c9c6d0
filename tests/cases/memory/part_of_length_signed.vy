//! in off: u32 2
//! in b: u32 7
//! out y: u32 0*16
//! bounds
// A number below a part of a length may be so by being negative: that says
// nothing of what lies above it. Here -1 < 1 / 4, and there is no element 1.
program below(off: u32, b: read u32[], y: write u32[16]) {
    lanes 16;
    let x = i64(lane) - i64(off & 3u);
    if (x < i64(len(b) / 4u)) {
        if (x >= -1il) {
            y[lane] = b[x + 2il];
        }
    }
}
