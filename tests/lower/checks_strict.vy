//! after checks
//! checks: full none-here full fact
//! facts: y 1,0,0+0
//! strict
// With strict bounds nothing but the checks is done.
program p(n: u32, x: read u32[], y: update u32[]) {
    lanes len(y);
    let unused = y[n];
    if (lane < len(x)) { y[lane] = x[lane] + x[lane * 2u / 2u]; }
}
