// Three things to do with n x n matrices of f32, rows first.

// Five-point stencil; the border is copied.
program stencil(n: u32, a: read f32[n * n], b: write f32[n * n]) {
    lanes n, n;

    let i = lane.y * n + lane.x;
    if (lane.x == 0 || lane.y == 0 || lane.x == n - 1 || lane.y == n - 1) {
        b[i] = a[i];
    } else {
        b[i] = 0.2 * ((((a[i] + a[i - 1]) + a[i + 1]) + a[i - n]) + a[i + n]);
    }
}

// Through group memory, so that reads and writes both go along rows. The
// column of padding keeps a device's memory banks apart.
program transpose(n: u32, a: read f32[n * n], b: write f32[n * n]) {
    group 16, 16;
    groups (n + 15) / 16, (n + 15) / 16;
    shared tile: f32[16 * 17];

    if (lane.x < n && lane.y < n) {
        tile[local.y * 17 + local.x] = a[lane.y * n + lane.x];
    }
    barrier;
    let x = group_id.y * 16 + local.x;
    let y = group_id.x * 16 + local.y;
    if (x < n && y < n) {
        b[y * n + x] = tile[local.x * 17 + local.y];
    }
}

// c = a * b. Each element is acc = fma(a, b, acc) for k upward from +0, tiled
// so that a group reads each of its elements once.
program multiply(n: u32, a: read f32[n * n], b: read f32[n * n],
                 c: write f32[n * n]) {
    group 16, 16;
    groups (n + 15) / 16, (n + 15) / 16;
    shared left: f32[256];
    shared right: f32[256];

    let inside = lane.x < n && lane.y < n;
    let at = local.y * 16 + local.x;
    var acc = 0.0f;
    for base in 0u .. n step 16u {
        if (lane.y < n && base + local.x < n) {
            left[at] = a[lane.y * n + base + local.x];
        }
        if (lane.x < n && base + local.y < n) {
            right[at] = b[(base + local.y) * n + lane.x];
        }
        barrier;
        if (inside) {
            for k in 0u .. min(16u, n - base) {
                acc = fma(left[local.y * 16 + k], right[k * 16 + local.x], acc);
            }
        }
        barrier;
    }
    if (inside) {
        c[lane.y * n + lane.x] = acc;
    }
}
