//! strict
//! in x: 1 2 3
//! error: VY0700
// strict bounds report the first access outside
program p(x: read u32[], y: write u32[4]) {
    lanes 4;

    y[lane] = x[lane];
}
