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

// Through group memory, so that reads and writes both go along rows. A group
// makes 32 rows of 32 columns of b; the column of padding keeps a device's
// memory banks apart.
program transpose(n: u32, a: read f32[n * n], b: write f32[n * n]) {
    group 32, 8;
    groups (n + 31) / 32, (n + 31) / 32;
    shared tile: f32[32 * 33];

    let x = group_id.y * 32 + local.x;
    unroll for i in 0u .. 4u {
        let row = 4 * local.y + i;
        let y = group_id.x * 32 + row;
        if (x < n && y < n) {
            tile[row * 33 + local.x] = a[y * n + x];
        }
    }
    barrier;
    unroll for i in 0u .. 4u {
        let y = 4 * lane.y + i;
        if (lane.x < n && y < n) {
            b[y * n + lane.x] = tile[local.x * 33 + 4 * local.y + i];
        }
    }
}

// c = a * b. Each element is acc = fma(a, b, acc) for k upward from +0. A
// group makes 32 rows of 64 columns of c from tiles in its memory; a lane
// makes 8 rows of one column, so that what it reads serves 8 times.
program multiply(n: u32, a: read f32[n * n], b: read f32[n * n],
                 c: write f32[n * n]) {
    group 64, 4;
    groups (n + 63) / 64, (n + 31) / 32;
    shared left: f32[32 * 64];
    shared right: f32[64 * 64];

    let x = local.x;
    let top = group_id.y * 32;
    var acc: f32[8];
    for base in 0u .. n step 64u {
        for y in 0u .. 8u {
            let row = 4 * y + local.y;
            if (top + row < n && base + x < n) {
                left[row * 64 + x] = a[(top + row) * n + base + x];
            }
        }
        for y in 0u .. 16u {
            let row = 4 * y + local.y;
            if (base + row < n && lane.x < n) {
                right[row * 64 + x] = b[(base + row) * n + lane.x];
            }
        }
        barrier;
        for k in 0u .. min(64u, n - base) {
            let r = right[k * 64 + x];
            unroll for i in 0u .. 8u {
                acc[i] = fma(left[(8 * local.y + i) * 64 + k], r, acc[i]);
            }
        }
        barrier;
    }
    unroll for i in 0u .. 8u {
        let y = 8 * lane.y + i;
        if (lane.x < n && y < n) {
            c[y * n + lane.x] = acc[i];
        }
    }
}
