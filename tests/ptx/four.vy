// eight neighbours a lane, four at a time; y's loads and stores take turns
program four(x: read f32[], y: update f32[]) {
    group 32;
    groups (len(x) + 255) / 256;

    if (group_id < min(len(x) / 256, len(y) / 256)) {
        var v: f32[8];
        unroll for k in 0u .. 8u {
            v[k] = x[8 * lane + k];
        }
        unroll for k in 0u .. 4u {
            y[8 * lane + k] = v[k] * v[7 - k];
        }
        unroll for k in 4u .. 8u {
            y[8 * lane + k] += v[k];
        }
    }
}
