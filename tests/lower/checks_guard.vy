//! after checks
//! checks: none-here full none-here none-here full full none-here full full none-here none-here full none-here full none-here full full full full full none-here fact full none-here full full
//! facts: x 0,0,0+4
// Conditions around an access. (i + 1 may be 0 when i is the largest u32.)
program p(n: u32, k: i32, x: read u32[], y: update u32[]) {
    lanes 100;
    let i = lane * n;
    if (i < len(x)) { y[i] = x[i]; }
    if (len(x) > i && i > 0u) { y[i] = x[i - 1u] + x[i] + x[i + 1u]; }
    if (lane < 1000u && i + 1u < len(x)) { y[i] = x[i + 1u] + x[i]; }
    if (lane + 1u < len(x)) { y[i] = x[lane + 1u] + x[lane]; }
    if (i < min(n, len(x))) { y[i] = x[i]; }
    if (u64(i) < len64(x)) { y[i] = x[i]; }
    if (i <= len(x)) { y[i] = x[i]; }
    if (i < len(x) || n > 3u) { y[i] = x[i]; }
    if (len(x) >= 4u) { y[i] = x[3u] + x[4u]; }
    if (k >= 0 && k < 4 && len(x) > 3u) { y[i] = x[k] + x[k + 1]; }
}
