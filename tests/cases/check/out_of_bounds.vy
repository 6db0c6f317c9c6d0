//! in x: 1 2 3
//! out y: 1 2 3 0
//! bounds
//! warning: VY0901
// vy_check reports an access outside, as a warning
program p(x: read u32[], y: write u32[4]) {
    lanes 4;

    y[lane] = x[lane];
}
