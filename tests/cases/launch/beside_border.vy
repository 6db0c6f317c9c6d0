//! in x: 0..1300
//! out y: 7 2..1300 7
//! len y: 1301
// Neighbours of a lane, but for the first and the last.
program beside_border(x: read u32[], y: write u32[]) {
    lanes len(x);
    let i = lane;
    if (i > 0 && i + 1 < len(x)) {
        y[i] = x[i + 1] + x[i - 1] - x[i] + 1;
    } else {
        y[i] = 7;
    }
}
