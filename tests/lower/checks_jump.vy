//! after checks
//! checks: none-here full none-here none-here none-here full fact
//! facts: y 0,0,0+0
// Whoever comes past a jump did not take it.
const T: u32[8] = { 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u };
program p(n: u32, k: u32, x: read u32[], y: update u32[]) {
    lanes 100;
    let i = lane * n;
    var s = 0u;
    for j in 0u .. n {
        if (j >= len(x)) { break; }
        s += x[j];
    }
    for j in 0u .. n {
        if (j >= 8u) { if (k > 3u) { continue; } }
        s += T[j];
    }
    for j in 0u .. n {
        if (j >= 8u) { if (k > 3u) { continue; } else { break; } }
        s += T[j];
    }
    if (n < 8u) { s += 1u; } else { return; }
    s += T[n];
    if (i >= len(x)) { return; }
    y[0u] = s + x[i] + T[k];
}
