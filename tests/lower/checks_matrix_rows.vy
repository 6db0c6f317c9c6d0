//! after checks
//! checks: none-here none full full none-here none full fact none-here full
//! facts: b 2,0,0+0
// Rows that stop at the last one, where there is one; columns that are sums of
// several, of which only the whole is known to be inside.
program p(n: u32, m: u32, a: read u32[m * n], b: write u32[m * n]) {
    group 32;
    groups n / 64 + 1;

    let x = group_id * 64 + local;
    for y in 0u .. m {
        if (x + 32 < n) { b[y * n + (x + 32)] = a[min(y + 1u, m - 1u) * n + (x + 32)]; }
        if (x + 32 < n) { b[y * n + x] = a[min(y + 1u, m) * n + (x + 32)]; }
        if (x < n) { b[y * n + x] = a[min(y, m - 2u) * n + x]; }
    }
    if (x < n) { b[x] = a[min(local, m - 1u) * n + x]; }
    if (x < n && m > 4u) { b[2u * n + x] = a[(m - 5u) * n + x]; }
}
