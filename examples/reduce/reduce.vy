// Reduce, scan, histogram, compact: the parts that larger programs are made
// of. Arrays are taken in blocks of 256, level by level: a level's sums are
// the next level's array, until one is left. Float sums follow the group
// tree, so their bits are the same everywhere.
//
// A block is taken by a group of 32 lanes, each of which takes 8 neighbours:
// then most of the tree is in a lane.

// A block of x, zeros behind its end.
fn take_u32(x: read u32[], block: u32, v: var u32[8]) {
    let first = 256 * block + 8 * local;
    if (block < len(x) / 256) {
        unroll for k in 0u .. 8u {
            v[k] = x[first + k];
        }
    } else {
        unroll for k in 0u .. 8u {
            if (first + k < len(x)) {
                v[k] = x[first + k];
            }
        }
    }
}

fn put_u32(y: write u32[], block: u32, v: var u32[8]) {
    let first = 256 * block + 8 * local;
    if (block < len(y) / 256) {
        unroll for k in 0u .. 8u {
            y[first + k] = v[k];
        }
    } else {
        unroll for k in 0u .. 8u {
            if (first + k < len(y)) {
                y[first + k] = v[k];
            }
        }
    }
}

fn take_f32(x: read f32[], v: var f32[8]) {
    if (group_id < len(x) / 256) {
        unroll for k in 0u .. 8u {
            v[k] = x[8 * lane + k];
        }
    } else {
        unroll for k in 0u .. 8u {
            let i = 8 * lane + k;
            if (i < len(x)) {
                v[k] = x[i];
            }
        }
    }
}

// Integers may be added in any order: a lane takes every 32nd.
program sum_u32(x: read u32[], sums: write u32[(len(x) + 255) / 256]) {
    group 32;
    groups (len(x) + 255) / 256;

    var own = 0u;
    if (group_id < len(x) / 256) {
        unroll for k in 0u .. 8u {
            own += x[256 * group_id + 32 * k + local];
        }
    } else {
        unroll for k in 0u .. 8u {
            let i = 256 * group_id + 32 * k + local;
            if (i < len(x)) {
                own += x[i];
            }
        }
    }
    let sum = group_reduce_add(own);
    if (local == 0) {
        sums[group_id] = sum;
    }
}

program sum_f32(x: read f32[], sums: write f32[(len(x) + 255) / 256]) {
    group 32;
    groups (len(x) + 255) / 256;

    var v: f32[8];
    take_f32(x, v);
    let own = ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
    let sum = group_reduce_add(own);
    if (local == 0) {
        sums[group_id] = sum;
    }
}

// y[i] = offsets[block of i] + the sum of what stands before i in its block,
// x[i] included or not.
program scan_u32(x: read u32[], offsets: read u32[], inclusive: bool,
                 y: write u32[len(x)]) {
    group 32;
    groups (len(x) + 255) / 256;

    var v: u32[8];
    take_u32(x, group_id, v);
    var own = 0u;
    unroll for k in 0u .. 8u {
        own += v[k];
    }
    var sum = offsets[group_id] + group_scan_excl_add(own);
    unroll for k in 0u .. 8u {
        let before = sum;
        sum += v[k];
        v[k] = inclusive ? sum : before;
    }
    put_u32(y, group_id, v);
}

// The same in two dispatches, for devices that run many lanes at a time: sums
// of blocks of 4096, then y[i] = the sum of x[0] to x[i]; a group adds up the
// sums before its own itself. A lane has four neighbours in each of four rows.
program block_sums_u32(x: read u32[],
                       sums: write u32[(len(x) + 4095) / 4096]) {
    group 256;
    groups (len(x) + 4095) / 4096;

    var own = 0u;
    if (group_id < len(x) / 4096) {
        unroll for k in 0u .. 16u {
            own += x[4096 * group_id + 256 * k + local];
        }
    } else {
        unroll for k in 0u .. 16u {
            let i = 4096 * group_id + 256 * k + local;
            if (i < len(x)) {
                own += x[i];
            }
        }
    }
    let sum = group_reduce_add(own);
    if (local == 0) {
        sums[group_id] = sum;
    }
}

program scan_u32_wide(x: read u32[], sums: read u32[],
                      y: write u32[len(x)]) {
    group 256;
    groups (len(x) + 4095) / 4096;

    let first = 4096 * group_id + 4 * local;
    var v: u32[16];
    if (group_id < len(x) / 4096) {
        unroll for k in 0u .. 16u {
            v[k] = x[first + 1024 * (k / 4) + k % 4];
        }
    } else {
        unroll for k in 0u .. 16u {
            let i = first + 1024 * (k / 4) + k % 4;
            if (i < len(x)) {
                v[k] = x[i];
            }
        }
    }
    var part = 0u;
    for base in 0u .. min(group_id, len(sums)) step 256u {
        if (base + local < min(group_id, len(sums))) {
            part += sums[base + local];
        }
    }
    var before = group_reduce_add(part);
    unroll for row in 0u .. 4u {
        unroll for k in 1u .. 4u {
            v[4 * row + k] += v[4 * row + k - 1];
        }
        let to_here = before + group_scan_incl_add(v[4 * row + 3]);
        before = group_broadcast(to_here, 255);
        unroll for k in 0u .. 3u {
            v[4 * row + k] += to_here - v[4 * row + 3];
        }
        v[4 * row + 3] = to_here;
    }
    if (group_id < len(y) / 4096) {
        unroll for k in 0u .. 16u {
            y[first + 1024 * (k / 4) + k % 4] = v[k];
        }
    } else {
        unroll for k in 0u .. 16u {
            let i = first + 1024 * (k / 4) + k % 4;
            if (i < len(y)) {
                y[i] = v[k];
            }
        }
    }
}

// y[i] = the sum of x up to x[i], for devices that run few lanes at a time: a
// group takes `blocks` blocks one after another, on top of the sums of all
// blocks before them. One group that takes all of them needs no sums. (For up
// to 2^31 values: the last group's blocks may go past the end.)
program scan_u32_runs(x: read u32[], sums: read u32[], blocks: u32,
                      y: write u32[len(x)]) {
    group 32;
    groups ((len(x) + 255) / 256 + blocks - 1) / blocks;

    var part = 0u;
    for base in 0u .. min(blocks * group_id, len(sums)) step 32u {
        if (base + local < min(blocks * group_id, len(sums))) {
            part += sums[base + local];
        }
    }
    var before = group_reduce_add(part);
    for b in 0u .. blocks {
        var v: u32[8];
        take_u32(x, blocks * group_id + b, v);
        var own = 0u;
        unroll for k in 0u .. 8u {
            own += v[k];
        }
        var sum = before + group_scan_excl_add(own);
        unroll for k in 0u .. 8u {
            sum += v[k];
            v[k] = sum;
        }
        put_u32(y, blocks * group_id + b, v);
        before += group_reduce_add(own);
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

// The same for devices that run many lanes at a time: a lane has eight
// neighbours, and a group's lanes exchange the last of theirs, by the same tree.
program scan_f32_wide(x: read f32[], offsets: read f32[], inclusive: bool,
                      y: write f32[len(x)]) {
    group 32;
    groups (len(x) + 255) / 256;

    var v: f32[8];
    take_f32(x, v);
    unroll for d in 0u .. 3u {
        unroll for k in 0u .. 8u {
            if ((k >> d & 1) != 0) {
                v[k] = v[(k >> d << d) - 1] + v[k];
            }
        }
    }
    unroll for d in 0u .. 5u {
        let left = group_shuffle(v[7], (local >> d << d) - 1);
        if ((local >> d & 1) != 0) {
            unroll for k in 0u .. 8u {
                v[k] = left + v[k];
            }
        }
    }
    var before = group_shuffle(v[7], local - 1);
    unroll for k in 0u .. 8u {
        let own = v[k];
        v[k] = offsets[group_id] + (inclusive ? own : before);
        before = own;
    }
    if (group_id < len(y) / 256) {
        unroll for k in 0u .. 8u {
            y[8 * lane + k] = v[k];
        }
    } else {
        unroll for k in 0u .. 8u {
            let i = 8 * lane + k;
            if (i < len(y)) {
                y[i] = v[k];
            }
        }
    }
}

// Exclusive prefix sums of the sums of an array's blocks, 2^24 at most, in one
// dispatch instead of one a level: a group finds out itself what stands before
// it, from the sums of its likes. (Of one block the sum is not looked at.)
program scan_sums_f32(x: read f32[], sums: read f32[(len(x) + 255) / 256],
                      y: write f32[len(x)]) {
    group 256;
    groups (len(x) + 255) / 256;

    let above = group_id / 256;
    var v = 0.0f;
    if (lane < len(x)) {
        v = x[lane];
    }
    var own = 0.0f;
    if (256 * above + local < len(sums)) {
        own = sums[256 * above + local];
    }
    var whole = 0.0f;
    for b in 0u .. above {
        let sum = group_reduce_add(sums[256 * b + local]);
        if (local == b) {
            whole = sum;
        }
    }
    let first = 0.0f + group_broadcast(group_scan_excl_add(whole), above);
    let offset = first
        + group_broadcast(group_scan_excl_add(own), group_id % 256);
    let before = group_scan_excl_add(v);
    if (lane < len(x)) {
        y[lane] = offset + before;
    }
}

// Few bins: a group counts a share of the rows of 512 values in its own memory
// first.
program histogram_256(x: read u32[], bins: write u32[256]) {
    group 512;
    groups min((len(x) + 4095) / 4096, 512);
    shared own: u32[256];

    let rows = len(x) / 512 + u32(len(x) % 512 != 0);
    let share = (rows + num_groups - 1) / num_groups;
    let begin = group_id * share;
    for row in begin .. min(begin + share, rows) {
        let i = 512 * row + local;
        if (i < len(x)) {
            atomic_add(own, x[i] & 255, 1u);
        }
    }
    barrier;
    if (local < 256) {
        let n = own[local];
        if (n != 0) {
            atomic_add(bins, local, n);
        }
    }
}

// Many bins: straight to the buffer.
program histogram_65536(x: read u32[], bins: write u32[65536]) {
    lanes len(x);

    atomic_add(bins, x[lane] & 65535, 1u);
}

// Keep the multiples of three, in order: count them by blocks of 1024, sum the
// counts, then write.
program compact_count(x: read u32[], counts: write u32[(len(x) + 1023) / 1024]) {
    group 32;
    groups (len(x) + 1023) / 1024;

    var own = 0u;
    if (group_id < len(x) / 1024) {
        unroll for k in 0u .. 32u {
            own += u32(x[1024 * group_id + 32 * k + local] % 3 == 0);
        }
    } else {
        for k in 0u .. 32u {
            let i = 1024 * group_id + 32 * k + local;
            if (i < len(x)) {
                own += u32(x[i] % 3 == 0);
            }
        }
    }
    let sum = group_reduce_add(own);
    if (local == 0) {
        counts[group_id] = sum;
    }
}

program compact_write(x: read u32[], offsets: read u32[], kept: update u32[]) {
    group 32;
    groups (len(x) + 1023) / 1024;

    var place = offsets[group_id];
    for j in 0u .. 4u {
        let first = 1024 * group_id + 256 * j + local;
        var v: u32[8];
        if (group_id < len(x) / 1024) {
            unroll for k in 0u .. 8u {
                v[k] = x[first + 32 * k];
            }
        } else {
            unroll for k in 0u .. 8u {
                let i = first + 32 * k;
                v[k] = i < len(x) ? x[i] : 1;
            }
        }
        unroll for k in 0u .. 8u {
            let keep = v[k] % 3 == 0;
            let before = group_scan_excl_add(u32(keep));
            if (keep) {
                kept[place + before] = v[k];
            }
            place += group_reduce_add(u32(keep));
        }
    }
}
