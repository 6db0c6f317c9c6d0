//! in x: 0 1 2 3 4294967295 4294967294
//! in x: 4294967293 2147483648 858993459 15 21 7
//! in x: 1431655765 2863311530 715827882 255 65535
//! len y: 17
//! out y: 15 0 0 1 3 0 0 0 1 3 5 4 2 2 5 3 3
// multiples of odd constants
program p(x: read u32[], y: write u32[]) {
    lanes len(y);

    let v = x[lane];
    var bits = 0u;
    if (v % 3 == 0) {
        bits |= 1;
    }
    if (v % 5 == 0) {
        bits |= 2;
    }
    if (v % 7 == 0) {
        bits |= 4;
    }
    if (!(v % 641 != 0)) {
        bits |= 8;
    }
    y[lane] = bits;
}
