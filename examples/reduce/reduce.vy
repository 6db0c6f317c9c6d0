// Reduce, scan, histogram, compact: the parts that larger programs are made
// of. Arrays are taken in groups of 256, level by level: a level's sums are
// the next level's array, until one is left. Float sums follow the group
// tree, so their bits are the same everywhere.

// Integers may be added in any order: a lane takes every 32nd of its group's.
program sum_u32(x: read u32[], sums: write u32[(len(x) + 255) / 256]) {
    group 32;
    groups (len(x) + 255) / 256;

    var v = 0u;
    unroll for k in 0u .. 8u {
        let i = 256 * group_id + 32 * k + local;
        if (i < len(x)) {
            v += x[i];
        }
    }
    let sum = group_reduce_add(v);
    if (local == 0) {
        sums[group_id] = sum;
    }
}

program sum_f32(x: read f32[], sums: write f32[(len(x) + 255) / 256]) {
    group 256;
    groups (len(x) + 255) / 256;

    var v = 0.0f;
    if (lane < len(x)) {
        v = x[lane];
    }
    let sum = group_reduce_add(v);
    if (local == 0) {
        sums[group_id] = sum;
    }
}

// y[i] = offsets[group of i] + the sum of what stands before i in its group,
// x[i] included or not.
program scan_u32(x: read u32[], offsets: read u32[], inclusive: bool,
                 y: write u32[len(x)]) {
    group 256;
    groups (len(x) + 255) / 256;

    var v = 0u;
    if (lane < len(x)) {
        v = x[lane];
    }
    var before = 0u;
    if (inclusive) {
        before = group_scan_incl_add(v);
    } else {
        before = group_scan_excl_add(v);
    }
    if (lane < len(x)) {
        y[lane] = offsets[group_id] + before;
    }
}

program scan_f32(x: read f32[], offsets: read f32[], inclusive: bool,
                 y: write f32[len(x)]) {
    group 256;
    groups (len(x) + 255) / 256;

    var v = 0.0f;
    if (lane < len(x)) {
        v = x[lane];
    }
    var before = 0.0f;
    if (inclusive) {
        before = group_scan_incl_add(v);
    } else {
        before = group_scan_excl_add(v);
    }
    if (lane < len(x)) {
        y[lane] = offsets[group_id] + before;
    }
}

// Few bins: each group counts 16384 values in its own memory first.
program histogram_256(x: read u32[], bins: write u32[256]) {
    group 256;
    groups (len(x) + 16383) / 16384;
    shared own: u32[256];

    let begin = group_id * 16384;
    for base in begin .. min(begin + 16384, len(x)) step 256u {
        if (base + local < len(x)) {
            atomic_add(own, x[base + local] & 255, 1u);
        }
    }
    barrier;
    let n = own[local];
    if (n != 0) {
        atomic_add(bins, local, n);
    }
}

// Many bins: straight to the buffer.
program histogram_65536(x: read u32[], bins: write u32[65536]) {
    lanes len(x);

    atomic_add(bins, x[lane] & 65535, 1u);
}

// Keep the multiples of three, in order. What is not there counts as 1, which
// is none.
fn at(x: read u32[], i: u32) -> u32 {
    var v = 1u;
    if (i < len(x)) {
        v = x[i];
    }
    return v;
}

program compact_count(x: read u32[], counts: write u32[(len(x) + 255) / 256]) {
    group 256;
    groups (len(x) + 255) / 256;

    let n = group_reduce_add(u32(at(x, lane) % 3 == 0));
    if (local == 0) {
        counts[group_id] = n;
    }
}

program compact_write(x: read u32[], offsets: read u32[], kept: write u32[]) {
    group 256;
    groups (len(x) + 255) / 256;

    let v = at(x, lane);
    let keep = v % 3 == 0;
    let place = group_scan_excl_add(u32(keep));
    if (keep) {
        kept[offsets[group_id] + place] = v;
    }
}
