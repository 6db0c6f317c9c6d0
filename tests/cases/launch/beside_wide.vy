//! in x: 0..1300
//! in k: 3
//! out y: 3..1303
//! out s: 0*600 600..1300
//! len y: 1301
//! len s: 1301
// Elements of eight bytes and of two, and a condition that some of the lanes
// side by side meet.
program beside_wide(x: read u16[], k: u64, y: write u64[], s: write u32[]) {
    lanes len(x);
    var v = 0u;
    if (x[lane] >= 600) {
        v = x[lane];
    }
    y[lane] = u64(x[lane]) + k;
    s[lane] = v;
}
