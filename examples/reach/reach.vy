// Reachability: one sweep along the edges of a graph. Sets are bitsets, node
// n is bit n%32 of word n/32. `next` must start as a copy of `current`;
// `changed` becomes 1 when a node was found that `current` does not hold.
program sweep(first_edge: read u32[], targets: read u32[],
              current: read u32[], next: update u32[], changed: write u32[1]) {
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
