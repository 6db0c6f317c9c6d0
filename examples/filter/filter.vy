// A fused filter: compute a value of each item, keep a few, in order. A pass
// over the items makes a bit of each and counts; after a prefix sum, those
// whose bits are set are written.

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
    if (i >= len(items)) {
        return 0;
    }
    let state = items[i].state;
    let score = items[i].score;
    let x = items[i].token ^ (state * 2654435761);
    if ((x & 31) != 0 || score < 500 + ((state >> 8) & 127)
        || ((x >> 5) & 3) != (state & 3)) {
        return 0;
    }
    return (x & 0xffff) + score;
}

// keeps: bit i % 32 of word i / 32 is item i.
program count(items: read Item[], keeps: write u32[(len(items) + 31) / 32],
              counts: write u32[(len(items) + 255) / 256]) {
    group 256;
    groups (len(items) + 255) / 256;

    let keep = filtered(items, lane) != 0;
    let word = group_ballot(keep);
    if (local % 32 == 0) {
        keeps[lane / 32] = word;
    }
    let n = group_reduce_add(u32(keep));
    if (local == 0) {
        counts[group_id] = n;
    }
}

program collect(items: read Item[], keeps: read u32[], offsets: read u32[],
                kept: write Kept[]) {
    group 256;
    groups (len(items) + 255) / 256;

    let keep = ((keeps[lane / 32] >> (lane % 32)) & 1) != 0;
    let place = group_scan_excl_add(u32(keep));
    if (keep) {
        let to = offsets[group_id] + place;
        kept[to].index = lane;
        kept[to].value = filtered(items, lane);
    }
}
