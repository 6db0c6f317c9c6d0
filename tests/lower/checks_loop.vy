//! after checks
//! checks: none-here none-here none-here none-here none full full none full none none-here fact
//! facts: y 0,0,0+0
// Loop variables lie between their bounds, on a step.
const T: u32[8] = { 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u };
program p(n: u32, k: i32, x: read u32[], y: update u32[]) {
    lanes 100;
    var s = 0u;
    for j in 0u .. len(x) { s += x[j]; }
    for j in 1u .. len(x) { s += x[j - 1u] + x[j]; }
    for j in 0u .. min(n, len(x)) { s += x[j]; }
    for j in 0u .. 8u { s += T[j]; }
    for j in 0u .. 9u { s += T[j]; }
    for j in 0u .. 9u step 4u { s += T[j]; }
    for j in 0u .. 8u step 4u { s += T[j + 3u]; }
    for j in k .. 8 { s += T[j]; }
    for j in max(k, 0) .. 8 { s += T[j]; }
    var w = 0u;
    while (w < 8u) { s += T[w]; w += 1u; }
    y[0u] = s;
}
