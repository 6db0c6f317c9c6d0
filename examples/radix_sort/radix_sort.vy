// One pass of a stable radix sort by 8 bits, least digit first. A group owns
// a tile of `tile` keys. `count` counts the digits of each tile, laid out so
// that one prefix sum over all counts gives every (digit, tile) its place;
// `scatter` moves the keys of a tile, 256 at a time, keeping their order.

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
    counts[local * num_groups + group_id] = bins[local];
}

program scatter(keys: read u32[], values: read u32[], shift: u32, tile: u32,
                offsets: read u32[], out_keys: write u32[len(keys)],
                out_values: write u32[len(keys)]) {
    group 256;
    groups (len(keys) + tile - 1) / tile;
    shared starts: u32[256]; // where each digit starts among 256 keys, sorted
    shared places: u32[256]; // where the next key of each digit goes

    let begin = group_id * tile;
    let end = min(begin + tile, len(keys));
    places[local] = offsets[local * num_groups + group_id];
    for base in begin .. end step 256u {
        let i = base + local;
        // Lanes past the end stand last and count as the largest digit, so
        // they change no other lane's rank.
        var key = 0u;
        var digit = 255u;
        if (i < end) {
            key = keys[i];
            digit = (key >> shift) & 255;
        }
        starts[local] = 256;
        barrier;
        let rank = group_rank(digit, 8);
        atomic_min(starts, digit, rank);
        barrier;
        if (i < end) {
            let to = places[digit] + (rank - starts[digit]);
            out_keys[to] = key;
            out_values[to] = values[i];
        }
        barrier;
        if (i < end) {
            atomic_add(places, digit, 1u);
        }
    }
}

// The same for devices that run few lanes at a time: a tile is one lane's, who
// keeps the places to itself. Tiles should be large.

program count_alone(keys: read u32[], shift: u32, tile: u32,
                    counts: write u32[256 * ((len(keys) + tile - 1) / tile)]) {
    lanes (len(keys) + tile - 1) / tile;

    let begin = lane * tile;
    var bins: u32[256];
    for i in begin .. min(begin + tile, len(keys)) {
        bins[(keys[i] >> shift) & 255] += 1;
    }
    for digit in 0u .. 256u {
        counts[digit * num_lanes + lane] = bins[digit];
    }
}

program scatter_alone(keys: read u32[], values: read u32[], shift: u32,
                      tile: u32, offsets: read u32[],
                      out_keys: write u32[len(keys)],
                      out_values: write u32[len(keys)]) {
    lanes (len(keys) + tile - 1) / tile;

    let begin = lane * tile;
    var places: u32[256];
    for digit in 0u .. 256u {
        places[digit] = offsets[digit * num_lanes + lane];
    }
    for i in begin .. min(begin + tile, len(keys)) {
        let key = keys[i];
        let digit = (key >> shift) & 255;
        let to = places[digit];
        places[digit] = to + 1;
        out_keys[to] = key;
        out_values[to] = values[i];
    }
}
