//! after checks
//! checks: full full fact full fact full
//! facts: y 1,0,0+0; z 1,0,0+0
// No facts that would not hold: they would take all others with them.
program p(n: u32, x: read u32[], y: write u32[len(x)], z: update u32[]) {
    lanes len(x);
    y[lane] = x[lane + 1u] + x[lane * 2u];
    y[lane - 1u] = 1u;
    if (lane > 3u) { z[lane + 1u] = z[lane]; }
}
