// ranks among 256 lanes: counters by warp, and columns of them
program rank(x: read u32[], y: write u32[len(x)]) {
    group 256;
    groups (len(x) + 255) / 256;

    y[lane] = group_rank(x[lane], 8);
}
