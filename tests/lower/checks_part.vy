//! after checks
//! checks: none-here none-here fact fact none-here none-here fact fact fact fact fact fact fact none-here full fact full fact none-here full fact none-here fact fact none-here full full fact none-here full full fact fact fact fact fact fact
//! facts: x 8,0,0+8; y 0,0,0+9; x 0,0,0+256; x 16,0,0+0; x 9,0,0+0; y 8,0,0+0; x 4,0,0+0
// Ids against a part of a length: whole blocks are inside.
program p(n: u32, x: read u32[], y: update u32[]) {
    group 32;
    groups n;
    if (group_id < len(x) / 256u) {
        y[0u] = x[8u * lane] + x[8u * lane + 7u] + x[8u * lane + 8u];
        y[1u] = x[256u * group_id + 8u * local + 7u] + x[256u * group_id + 255u];
        y[2u] = x[255u] + x[256u] + x[512u * group_id] + x[9u * lane];
        y[3u] = x[group_id + 255u] + x[group_id + 256u] + y[8u * lane];
        y[4u] = x[256u * group_id + n];
    }
    if (lane < len(x) >> 3u) { y[5u] = x[8u * lane + 7u] + x[8u * lane + 8u]; }
    if (lane < len(x) / 3u) { y[6u] = x[3u * lane + 2u] + x[4u * lane]; }
    for b in 0u .. len(x) / 64u {
        y[7u] = x[64u * b + (n & 63u)] + x[64u * b + (n & 63u) + 1u] + x[65u * b];
        y[n] = x[32u * b + (n & 31u) + 32u] + x[64u * b + 64u * b];
    }
    if (group_id <= len(x) / 256u) { y[7u] = x[8u * lane]; }
    if (group_id < len(x) / n) { y[8u] = x[8u * lane]; }
    if (u64(group_id) < len64(x) / 256ul) { y[9u] = x[8u * lane]; }
}
