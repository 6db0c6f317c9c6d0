//! after checks
//! checks: fact full fact
//! facts: x 1,0,0+0; y 1,0,0+0
// The domain and a length may be written alike.
program p(n: u32, x: read u32[n * 4], y: write u32[]) {
    lanes n * 4;
    y[lane] = x[lane] + x[lane + 1u];
}
