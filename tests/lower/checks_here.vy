//! after checks
//! checks: none-here none fact none-here fact full full fact fact full fact
//! facts: y 0,0,0+3
// Proofs that need the control around a load pin it there; a load that is used
// outside, too, is not inside.
const T: u32[8] = { 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u };
program p(n: u32, x: read u32[], y: update u32[]) {
    lanes 100;
    let i = lane * n;
    for j in 0u .. 4u {
        if (i < len(x)) { y[j] = x[i] + T[n & 7u]; }
    }
    if (i < len(x)) { y[0u] = x[i + 0u * n]; } else { y[1u] = x[i] + x[n]; }
    if (n < len(x)) { y[2u] = 5u; }
    y[3u] = x[n];
}
