// Three things to do with n x n matrices of f32, rows first.

// Five-point stencil; the border is copied.
program stencil(n: u32, a: read f32[n * n], b: write f32[n * n]) {
    lanes n, n;

    let x = lane.x;
    let y = lane.y;
    let i = y * n + x;
    if (x > 0 && x + 1 < n && y > 0 && y + 1 < n) {
        b[i] = 0.2 * ((((a[i] + a[i - 1]) + a[i + 1]) + a[i - n]) + a[i + n]);
    } else {
        b[i] = a[i];
    }
}

// Through group memory, so that reads and writes both go along rows. A group
// makes 64 rows of 64 columns of b, a lane 8 rows of one column, all of which
// are on their way before the first is waited for; the column of padding keeps
// a device's memory banks apart.
program transpose(n: u32, a: read f32[n * n], b: write f32[n * n]) {
    group 64, 8;
    groups (n + 63) / 64, (n + 63) / 64;
    shared tile: f32[64 * 65];

    let x = group_id.y * 64 + local.x;
    var part: f32[8];
    unroll for i in 0u .. 8u {
        let y = group_id.x * 64 + 8 * local.y + i;
        if (x < n && y < n) {
            part[i] = a[y * n + x];
        }
    }
    unroll for i in 0u .. 8u {
        tile[(8 * local.y + i) * 65 + local.x] = part[i];
    }
    barrier;
    unroll for i in 0u .. 8u {
        let y = 8 * lane.y + i;
        if (lane.x < n && y < n) {
            b[y * n + lane.x] = tile[local.x * 65 + 8 * local.y + i];
        }
    }
}

// c = a * b. Each element is acc = fma(a, b, acc) for k upward from +0. A
// group makes 64 rows of 128 columns of c from tiles in its memory; a lane
// makes 8 rows of 4 columns, 32 apart, so that what it reads serves often.
// What a tile has beyond the matrix is not used; rows there repeat the last.
program multiply(n: u32, a: read f32[n * n], b: read f32[n * n],
                 c: write f32[n * n]) {
    group 32, 8;
    groups (n + 127) / 128, (n + 63) / 64;
    shared left: f32[64 * 32];
    shared right: f32[32 * 128];

    let x = local.x;
    let y = local.y;
    let top = group_id.y * 64;
    let first = group_id.x * 128;
    var acc: f32[32];
    for base in 0u .. n step 32u {
        for i in 0u .. 8u {
            let row = 8 * i + y;
            if (base + x < n) {
                left[row * 32 + x] = a[min(top + row, n - 1) * n + (base + x)];
            }
        }
        for i in 0u .. 4u {
            let row = 8 * i + y;
            let from = min(base + row, n - 1) * n + (first + x);
            var part: f32[4];
            unroll for j in 0u .. 4u {
                if (first + x + 32 * j < n) {
                    part[j] = b[from + 32 * j];
                }
            }
            unroll for j in 0u .. 4u {
                right[row * 128 + x + 32 * j] = part[j];
            }
        }
        barrier;
        for k in 0u .. min(32u, n - base) {
            var r: f32[4];
            unroll for j in 0u .. 4u {
                r[j] = right[k * 128 + x + 32 * j];
            }
            unroll for i in 0u .. 8u {
                let l = left[y * 256 + k + 32 * i];
                unroll for j in 0u .. 4u {
                    acc[4 * i + j] = fma(l, r[j], acc[4 * i + j]);
                }
            }
        }
        barrier;
    }
    unroll for i in 0u .. 8u {
        let row = top + 8 * y + i;
        unroll for j in 0u .. 4u {
            let column = first + x + 32 * j;
            if (column < n && row < n) {
                c[row * n + column] = acc[4 * i + j];
            }
        }
    }
}
