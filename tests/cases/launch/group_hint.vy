//! out y: 1 2 3 4 5 6 0 0
// a group size with lanes is a hint: no padding lanes exist
program p(y: write u32[8]) {
    group 4;
    lanes 6;

    y[lane] = lane + 1;
}
