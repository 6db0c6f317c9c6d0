//! after fold
// An arm that its own condition selects is what it is there.
program p(n: u32, m: u32, f: f32, y: update u32[], g: update f32[]) {
    lanes len(y);

    let i = lane;
    let c = n > i;
    y[i] = select(c, select(c, n, m), i);
    y[i] = select(c, n, select(c, m, i));
    y[i] = select(c, select(c, n, m), select(c, m, n));
    y[i] = select(c, select(m > i, n, m), i);
    y[i] = select(!c, select(c, n, m), i);
    g[i] = select(c, select(c, f, -f), 0.0f);
}
//! gives
program p(n: u32,
        m: u32,
        f: f32,
        y: update u32[],
        g: update f32[]) {
    lanes len(y);
    let i = lane;
    let v = n;
    let c = v > i;
    y[i] = select(c, n, i);
    y[i] = select(c, n, i);
    y[i] = select(c, n, n);
    y[i] = select(c, select(m > i, n, m), i);
    y[i] = select(v <= i, select(c, n, m), i);
    g[i] = select(c, f, 0.0f);
}
