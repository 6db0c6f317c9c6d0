// four columns a lane in group memory, stored and loaded as vectors; copies of
// the loop's body interleaved, addresses that move along with it
program columns(n: u32, a: read f32[n * 64], y: write f32[n * 4]) {
    group 16, 2;
    groups 1, n / 2;
    shared left: f32[2 * 4];
    shared right: f32[4 * 64];

    let x = local.x;
    let row = local.y;
    if (x < 4) {
        left[row * 4 + x] = f32(row + x);
    }
    for i in 0u .. 2u {
        var part: f32[4];
        unroll for j in 0u .. 4u {
            let column = x + 16 * j;
            if (column < n) {
                part[j] = a[min(row + 2 * i, n - 1) * n + column];
            }
        }
        unroll for j in 0u .. 4u {
            right[(row + 2 * i) * 64 + x + 16 * j] = part[j];
        }
    }
    barrier;
    var acc: f32[4];
    var far: f32[4];
    for k in 0u .. min(n, 4u) {
        let l = left[row * 4 + k];
        unroll for j in 0u .. 4u {
            let r = right[k * 64 + x + 16 * j];
            acc[j] = fma(l, r, acc[j]);
            far[j] = max(far[j], abs(acc[j] - l * r + 1.0) * l);
            far[j] = min(far[j], floor(far[j] + r) * l + r * l - 3.0 * acc[j]);
            far[j] = max(far[j], ceil(far[j] * 8.0) - far[j] * l);
        }
    }
    unroll for j in 0u .. 4u {
        if (x + 16 * j < n) {
            y[(group_id.y * 2 + row) * n + x + 16 * j] = acc[j] + far[j];
        }
    }
}
