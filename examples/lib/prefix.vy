// Exclusive prefix sums of counts, and their total as one more element. The
// counts are taken in parts of 1024, four neighbours a lane: part_sums adds up
// each, then prefix_sum adds up the sums of the parts before its own.

program part_sums(counts: read u32[], sums: write u32[len(counts) / 1024 + 1]) {
    group 256;
    groups len(counts) / 1024 + 1;

    var own = 0u;
    if (group_id < len(counts) / 1024) {
        unroll for k in 0u .. 4u {
            own += counts[1024 * group_id + 256 * k + local];
        }
    } else {
        unroll for k in 0u .. 4u {
            let i = 1024 * group_id + 256 * k + local;
            if (i < len(counts)) {
                own += counts[i];
            }
        }
    }
    let sum = group_reduce_add(own);
    if (local == 0) {
        sums[group_id] = sum;
    }
}

program prefix_sum(counts: read u32[], sums: read u32[],
                   offsets: write u32[len(counts) + 1]) {
    group 256;
    groups len(counts) / 1024 + 1;

    var v: u32[4];
    let first = 4 * lane;
    if (group_id < len(counts) / 1024) {
        unroll for k in 0u .. 4u {
            v[k] = counts[first + k];
        }
    } else {
        unroll for k in 0u .. 4u {
            if (first + k < len(counts)) {
                v[k] = counts[first + k];
            }
        }
    }
    var part = 0u;
    for base in 0u .. min(group_id, len(sums)) step 256u {
        if (base + local < min(group_id, len(sums))) {
            part += sums[base + local];
        }
    }
    let own = ((v[0] + v[1]) + v[2]) + v[3];
    let before = group_reduce_add(part);
    var sum = before + group_scan_excl_add(own);
    if (group_id < len(offsets) / 1024) {
        unroll for k in 0u .. 4u {
            offsets[first + k] = sum;
            sum += v[k];
        }
    } else {
        unroll for k in 0u .. 4u {
            if (first + k < len(offsets)) {
                offsets[first + k] = sum;
            }
            sum += v[k];
        }
    }
}
