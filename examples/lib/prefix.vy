// Exclusive prefix sums of counts, and their total as one more element. One
// group walks the array, carrying the sum of what it has passed.
program prefix_sum(counts: read u32[], offsets: write u32[len(counts) + 1]) {
    group 1024;
    groups 1;

    var carry = 0u;
    for base in 0u .. len(counts) step 1024u {
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
