// a float sum over eight warps: the fixed tree, by shuffles and then memory
program sum(x: read f32[], y: write f32[(len(x) + 255) / 256]) {
    group 256;
    groups (len(x) + 255) / 256;

    let s = group_reduce_add(x[lane]);
    if (local == 0) {
        y[group_id] = s;
    }
}
