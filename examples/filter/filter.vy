// A fused filter: compute a value of each item, keep a few, in order. A pass
// over the items makes a bit of each and counts by blocks; after a prefix sum,
// those whose bits are set are written.

struct Item {
    token: u32;
    state: u32;
    score: u32;
}

struct Kept {
    index: u32;
    value: u32;
}

// The item's value, 0 when it is dropped. (Kept values are never 0.)
fn filtered(items: read Item[], i: u32) -> u32 {
    let state = items[i].state;
    let score = items[i].score;
    let x = items[i].token ^ (state * 2654435761);
    let drop = (x & 31) != 0 || score < 500 + ((state >> 8) & 127)
        || ((x >> 5) & 3) != (state & 3);
    return drop ? 0 : (x & 0xffff) + score;
}

// (What is all written is `update`: `write` would have it zeroed first.)

// A block is 2048 items. keeps: bit i % 32 of word i / 32 is item i.
program count(items: read Item[], keeps: update u32[(len(items) + 31) / 32],
              counts: write u32[(len(items) + 2047) / 2048]) {
    group 256;
    groups (len(items) + 2047) / 2048;

    let first = 2048 * group_id + local;
    var value: u32[8];
    if (group_id < len(items) / 2048) {
        unroll for k in 0u .. 8u {
            value[k] = filtered(items, first + 256 * k);
        }
    } else {
        unroll for k in 0u .. 8u {
            if (first + 256 * k < len(items)) {
                value[k] = filtered(items, first + 256 * k);
            }
        }
    }
    var own = 0u;
    unroll for k in 0u .. 8u {
        let word = group_ballot(value[k] != 0);
        if (local % 32 == 0) {
            keeps[(first + 256 * k) / 32] = word;
        }
        own += u32(value[k] != 0);
    }
    let n = group_reduce_add(own);
    if (local == 0) {
        counts[group_id] = n;
    }
}

// A lane takes two words: few of their bits are set.
program collect(items: read Item[], keeps: read u32[], offsets: read u32[],
                kept: update Kept[]) {
    group 32;
    groups (len(items) + 2047) / 2048;

    var low = 0u;
    var high = 0u;
    if (2 * lane < len(keeps)) {
        low = keeps[2 * lane];
    }
    if (2 * lane + 1 < len(keeps)) {
        high = keeps[2 * lane + 1];
    }
    var bits = (u64(high) << 32) | u64(low);
    var to = offsets[group_id] + group_scan_excl_add(u32(popcount(bits)));
    while (bits != 0) {
        let i = 64 * lane + u32(ctz(bits));
        bits &= bits - 1;
        kept[to].index = i;
        kept[to].value = filtered(items, i);
        to += 1;
    }
}
