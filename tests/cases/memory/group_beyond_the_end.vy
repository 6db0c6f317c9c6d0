//! in n: 49
//! in x: u32 1..48
//! out y: u32 2..48 0
//! bounds
// Groups of which all lanes meet the condition, and the last of which goes one
// beyond the end, where there is nothing.
program beyond(n: u32, x: read u32[], y: write u32[48]) {
    groups 3;
    group 16;
    if (lane + 1u < n) {
        y[lane] = x[lane + 1u];
    }
}
