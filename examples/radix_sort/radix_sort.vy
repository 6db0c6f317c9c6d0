// One pass of a stable radix sort by 8 bits, least digit first. A group owns
// a tile of `tile` keys. `count` counts the digits of each tile, `starts` sums
// what the tiles before have of a digit, `scatter` moves the keys of a tile,
// 256 at a time, keeping their order. What is stored in full is `update`, for
// `write` would be zeroed first.

program count(keys: read u32[], shift: u32, tile: u32,
              counts: write u32[256 * ((len(keys) + tile - 1) / tile)]) {
    group 256;
    groups (len(keys) + tile - 1) / tile;
    shared bins: u32[256];

    let begin = group_id * tile;
    let end = min(begin + tile, len(keys));
    for base in begin .. end step 256u {
        let i = base + local;
        if (i < end) {
            atomic_add(bins, (keys[i] >> shift) & 255, 1u);
        }
    }
    barrier;
    counts[lane] = bins[local];
}

// Of each digit: how many keys the tiles before have, and how many there are.
program starts(counts: read u32[], before: update u32[len(counts)],
               totals: write u32[256]) {
    group 256;
    groups 256;

    let tiles = len(counts) / 256;
    var sum = 0u;
    for base in 0u .. tiles step 256u {
        let t = base + local;
        var n = 0u;
        if (t < tiles) {
            n = counts[256 * t + group_id];
        }
        let least = sum + group_scan_excl_add(n);
        if (t < tiles) {
            before[256 * t + group_id] = least;
        }
        sum += group_reduce_add(n);
    }
    if (local == 0) {
        totals[group_id] = sum;
    }
}

// Which of its 32 neighbours have the lane's digit.
fn alike(digit: u32, there: bool) -> u32 {
    var mask = group_ballot(there);
    unroll for bit in 0u .. 8u {
        let one = (digit >> bit & 1) != 0;
        let ones = group_ballot(one);
        mask &= one ? ones : ~ones;
    }
    return mask;
}

program scatter(keys: read u32[], values: read u32[len(keys)], shift: u32,
                tile: u32, before: read u32[], totals: read u32[256],
                out_keys: update u32[len(keys)],
                out_values: update u32[len(keys)]) {
    group 256;
    groups (len(keys) + tile - 1) / tile;
    // By 32 neighbours and digit: how many have it, and where they go.
    shared counts: u32[2048];
    shared places: u32[2048];

    let begin = group_id * tile;
    let end = min(begin + tile, len(keys));
    let row = local / 32 * 256;
    // Where the next key with the digit `local` goes.
    var place = group_scan_excl_add(totals[local]) + before[lane];
    // The next keys are on their way while these are moved.
    var next_key = 0u;
    var next_value = 0u;
    if (begin + local < end) {
        next_key = keys[begin + local];
        next_value = values[begin + local];
    }
    for base in begin .. end step 256u {
        let there = base + local < end;
        let key = next_key;
        let value = next_value;
        let next = base + local + 256;
        if (next < end) {
            next_key = keys[next];
            next_value = values[next];
        }
        let digit = (key >> shift) & 255;
        let mask = alike(digit, there);
        let rank = popcount(mask & ((1u << (local % 32)) - 1));
        if (there && rank == 0) {
            counts[row + digit] = popcount(mask);
        }
        barrier;
        var n: u32[8];
        unroll for k in 0u .. 8u {
            n[k] = counts[256 * k + local];
        }
        unroll for k in 0u .. 8u {
            counts[256 * k + local] = 0;
            places[256 * k + local] = place;
            place += n[k];
        }
        barrier;
        if (there) {
            let to = places[row + digit] + rank;
            out_keys[to] = key;
            out_values[to] = value;
        }
    }
}

// The same for devices that run few lanes at a time: a tile is one lane's, who
// keeps the places to itself. Tiles should be large.

program count_alone(keys: read u32[], shift: u32, tile: u32,
                    counts: write u32[256 * ((len(keys) + tile - 1) / tile)]) {
    lanes (len(keys) + tile - 1) / tile;

    let begin = lane * tile;
    let end = min(begin + tile, len(keys));
    // Four tables by turns: a count does not wait for that of the key before,
    // which may be the same.
    var bins: u32[1024];
    for base in begin .. end step 4u {
        unroll for k in 0u .. 4u {
            if (base + k < end) {
                bins[256 * k + ((keys[base + k] >> shift) & 255)] += 1;
            }
        }
    }
    for digit in 0u .. 256u {
        counts[256 * lane + digit] = bins[digit] + bins[256 + digit] +
                                     bins[512 + digit] + bins[768 + digit];
    }
}

program scatter_alone(keys: read u32[], values: read u32[len(keys)],
                      shift: u32, tile: u32, before: read u32[],
                      totals: read u32[256], out_keys: update u32[len(keys)],
                      out_values: update u32[len(keys)]) {
    lanes (len(keys) + tile - 1) / tile;

    let begin = lane * tile;
    let end = min(begin + tile, len(keys));
    var places: u32[256];
    var less = 0u;
    for digit in 0u .. 256u {
        places[digit] = less + before[256 * lane + digit];
        less += totals[digit];
    }
    // Two keys at a time: where the second one goes is not to wait for the
    // place that the first one stores, though it be the same digit's.
    for base in begin .. end step 2u {
        let key = keys[base];
        let digit = (key >> shift) & 255;
        let to = places[digit];
        var next_to = to + 1;
        if (base + 1 < end) {
            let next = keys[base + 1];
            let next_digit = (next >> shift) & 255;
            if (digit != next_digit) {
                places[digit] = to + 1;
                next_to = places[next_digit];
            }
            places[next_digit] = next_to + 1;
            if (next_to < len(keys)) { // it is; said once, it is checked once
                out_keys[next_to] = next;
                out_values[next_to] = values[base + 1];
            }
        }
        if (to < len(keys)) {
            out_keys[to] = key;
            out_values[to] = values[base];
        }
    }
}
