//! program: second
//! out y: 2
//! clean
// one of several programs of a file
program first(y: write u32[1]) {
    lanes 1;
    y[0] = 1;
}

program second(y: write u32[1]) {
    lanes 1;
    y[0] = 2;
}
