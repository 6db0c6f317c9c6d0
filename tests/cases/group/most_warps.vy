//! in x: 7 3 11 2 5 13 1 9
//! out bad: u32 0*1024
//! clean
// collectives of a group of 1024 lanes, the most, in turn and in loops, against what the
// lanes work out one by one from group memory
program p(x: read u32[8], bad: write u32[1024]) {
    group 1024;
    groups 1;
    shared v: u32[1024];

    let i = local;
    let looks = i % 37 == 0 || i > 1020; // the others take part only
    var wrong = 0u;
    for round in 0u .. 3 {
        let a = x[i % 8] * (i + round) + i / 7;
        v[i] = a;
        barrier;
        var sum = 0u;
        var before = 0u;
        var least = 0xffffffffu;
        var most = 0u;
        var bits = 0u;
        var place = 0u;
        for j in 0u .. select(looks, 1024u, 0u) {
            sum += v[j];
            before += j < i ? v[j] : 0;
            least = min(least, v[j]);
            most = max(most, v[j]);
            bits ^= v[j];
            let k = v[j] & 255;
            let own = a & 255;
            place += k < own || (k == own && j < i) ? 1 : 0;
        }
        wrong |= group_reduce_add(a) == sum ? 0 : 1;
        wrong |= group_scan_excl_add(a) == before ? 0 : 2;
        wrong |= group_scan_incl_add(a) == before + a ? 0 : 4;
        wrong |= group_reduce_min(a) == least ? 0 : 8;
        wrong |= group_reduce_max(i32(a)) == i32(most) ? 0 : 16;
        wrong |= group_reduce_xor(u64(a)) == u64(bits) ? 0 : 32;
        wrong |= group_rank(a, 8) == place ? 0 : 64;
        let next = i < 1023 ? v[i + 1] : 0;
        wrong |= group_shuffle(a, i + 1) == next ? 0 : 128;
        wrong |= group_broadcast(u64(a), 1023 - round) == u64(v[1023 - round])
                     ? 0 : 256;
        let top = group_reduce_max(a);
        wrong |= group_any(a == top) && group_all(a <= top) && top == most
                     ? 0 : 512;
        wrong |= group_rank(a, 8) == place ? 0 : 1024;
        wrong |= group_rank(i, 1) == ((i & 1) == 0 ? i / 2 : 512 + i / 2)
                     ? 0 : 2048;
        let mask = group_ballot((a & 1) == 1);
        wrong |= (mask >> (i & 31) & 1) == (a & 1) ? 0 : 4096;
        barrier;
    }
    bad[i] = looks ? wrong : 0;
}
