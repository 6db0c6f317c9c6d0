//! after checks
//! checks: none-here none full none full none none-here none-here none-here none-here none full full none full none full full
// Rows and columns of a matrix, and its neighbours, as far as control says that
// they are there; either factor of the length may be the width.
program p(n: u32, m: u32, a: read u32[m * n], b: update u32[m * n]) {
    lanes n, m;
    let x = lane.x;
    let y = lane.y;
    let i = y * n + x;
    if (x < n && y < m) { b[i] = a[i]; }
    if (x < n && y < m) { b[i] = a[i + 1u]; }
    if (x < n && y < m) { b[i] = a[i - n]; }
    if (x + 1u < n && y + 1u < m && x > 0u && y > 0u) {
        b[i] = a[i - 1u] + a[i + n + 1u] + a[i - n] + a[i + n - 1u];
        b[i] = a[i + 2u] + a[i + n + n];
    }
    if (x < m && y < n) { b[y * m + x] = a[i]; }
    if (x < n && y < n) { b[i] = 1u; }
    if (x < n && y >= m) { b[i] = 1u; }
}
