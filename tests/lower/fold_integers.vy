//! after fold
// Identities of integers, constants to the right, chains of constants.
program p(n: u32, k: i32, f: f32, q: u64, x: read u32[], y: update u32[],
          g: update f32[], z: update i32[]) {
    lanes len(y);

    let i = lane;
    y[i] = (x[i] + 3u + 4u) * 1u - 0u;
    let m = n;
    y[i] = (m ^ m) | (m - m) | (n & 0u) | (n & 4294967295u);
    y[i] = (n | 0u) ^ 4294967295u;
    y[i] = 7u + n;
    y[i] = 0u - n;
    y[i] = n - 1u;
    y[i] = n % 1u + n / 1u + n / 0u + n % 0u;
    z[i] = k / -1 + k % -1 + k * -1;
    let h = k;
    z[i] = h % h + (h & h) + (h | h);
    z[i] = -(-k) + ~~k;
    y[i] = max(n, 0u) + min(m, m) + abs_diff(m, m) + max(m, m);
    y[i] = add_sat(n, 0u) + sub_sat(m, m);
}
//! gives
program p(n: u32,
        k: i32,
        f: f32,
        q: u64,
        x: read u32[],
        y: update u32[],
        g: update f32[],
        z: update i32[]) {
    lanes len(y);
    let i = lane;
    y[i] = x[i] + 7u;
    y[i] = n;
    y[i] = ~(n);
    y[i] = n + 7u;
    y[i] = -(n);
    y[i] = n + 4294967295u;
    y[i] = n + 4294967295u + n;
    z[i] = -(k) + -(k);
    let h = k;
    z[i] = h + h;
    z[i] = k + k;
    let m = n;
    y[i] = n + m + m;
    y[i] = n;
}
