//! after checks
//! checks: none-here none-here none none-here none full full none-here none
// A length declared as another's is that one: a comparison with either is
// proof for both, but none for a length that is only built from it.
program p(n: u32, x: read u32[], v: read u32[len(x)], y: update u32[len(v)],
          z: update u32[len(x) + 1]) {
    lanes 100;
    let i = lane * n;
    if (i < len(x)) { y[i] = x[i] + v[i]; }
    if (i < len(y)) { y[i] = x[i]; }
    if (i < len(z)) { y[i] = x[i]; }
    for b in 0u .. len(y) / 64u {
        y[64u * b + (n & 63u)] = v[64u * b + (n & 63u)];
    }
}
