// Exclusive prefix sums of counts, and their total as one more element. One
// group walks the array, carrying the sum of what it has passed: eight
// neighbours a lane while there are enough, then one.
program prefix_sum(counts: read u32[], offsets: write u32[len(counts) + 1]) {
    group 1024;
    groups 1;

    var carry = 0u;
    let whole = min(len(counts) / 8192, len(offsets) / 8192);
    for block in 0u .. whole {
        let first = 8192 * block + 8 * local;
        var v: u32[8];
        var own = 0u;
        unroll for k in 0u .. 8u {
            v[k] = counts[first + k];
            own += v[k];
        }
        let before = carry + group_scan_excl_add(own);
        var sum = before;
        unroll for k in 0u .. 8u {
            offsets[first + k] = sum;
            sum += v[k];
        }
        carry = group_broadcast(before + own, 1023u);
    }
    for base in 8192 * whole .. len(counts) step 1024u {
        let i = base + local;
        var v = 0u;
        if (i < len(counts)) {
            v = counts[i];
        }
        let before = carry + group_scan_excl_add(v);
        if (i < len(counts)) {
            offsets[i] = before;
        }
        carry = group_broadcast(before + v, 1023u);
    }
    if (local == 0) {
        offsets[len(counts)] = carry;
    }
}
