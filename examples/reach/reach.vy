// Reachability: one sweep along the edges of a graph. Sets are bitsets, node
// n is bit n%32 of word n/32. `next` must start as a copy of `current`;
// `changed` becomes 1 when a node was found that `current` does not hold.
program sweep(first_edge: read u32[], targets: read u32[],
              current: read u32[], next: update u32[len(current)], changed: write u32[1]) {
    lanes len(first_edge) - 1;

    let node = lane;
    var found = false;
    if (((current[node >> 5] >> (node & 31)) & 1) != 0) {
        for e in first_edge[node] .. first_edge[node + 1] {
            let t = targets[e];
            let bit = 1u << (t & 31);
            if ((current[t >> 5] & bit) == 0) {
                atomic_or(next, t >> 5, bit);
                found = true;
            }
        }
        if (found) { // once a node: every lane writes here
            atomic_or(changed, 0, 1u);
        }
    }
}

// The same for devices that run few lanes at a time: a lane takes a word of
// the set, and passes over 32 nodes that are not in it at once.
program sweep_words(first_edge: read u32[], targets: read u32[],
                    current: read u32[], next: update u32[len(current)],
                    changed: write u32[1]) {
    lanes len(current);

    var set = current[lane];
    var found = false;
    while (set != 0) {
        let node = 32 * lane + ctz(set);
        set &= set - 1;
        for e in first_edge[node] .. first_edge[node + 1] {
            let t = targets[e];
            let bit = 1u << (t & 31);
            if ((current[t >> 5] & bit) == 0) {
                atomic_or(next, t >> 5, bit);
                found = true;
            }
        }
    }
    if (found) {
        atomic_or(changed, 0, 1u);
    }
}

// All targets of a set's nodes, those included that are in it.
program targets_of(first_edge: read u32[], targets: read u32[],
                   set: read u32[], reached: write u32[len(set)]) {
    lanes len(first_edge) - 1;

    let node = lane;
    if (((set[node >> 5] >> (node & 31)) & 1) != 0) {
        for e in first_edge[node] .. first_edge[node + 1] {
            let t = targets[e];
            atomic_or(reached, t >> 5, 1u << (t & 31));
        }
    }
}
