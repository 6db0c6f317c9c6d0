//! len y: 4
//! out y: 4 3 2 1
//! clean
// the caller gives the length of an unsized `write`
program p(y: write u32[]) {
    lanes len(y);

    y[lane] = len(y) - lane;
}
