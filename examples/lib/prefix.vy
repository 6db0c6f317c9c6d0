// Exclusive prefix sums of counts, and their total as one more element. One
// group walks the array, carrying the sum of what it has passed.
program prefix_sum(counts: read u32[], offsets: write u32[len(counts) + 1]) {
    group 256;
    groups 1;

    var carry = 0u;
    for base in 0u .. len(counts) step 256u {
        let i = base + local;
        var v = 0u;
        if (i < len(counts)) {
            v = counts[i];
        }
        let before = group_scan_excl_add(v);
        if (i < len(counts)) {
            offsets[i] = carry + before;
        }
        carry += group_reduce_add(v);
    }
    if (local == 0) {
        offsets[len(counts)] = carry;
    }
}
