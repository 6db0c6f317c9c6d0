//! in y: 5 6 -32768 8 9
//! out y: 4 6 32767 8 9
// update is in and out; untouched elements stay
program p(y: update i16[]) {
    lanes len(y) / 2;

    y[lane * 2] = y[lane * 2] - 1;
}
