//! after checks
//! checks: fact none none fact full fact full full full fact none fact
//! facts: x 1,0,0+0; y 1,0,0+0; y 2,0,0+0; o 1,0,0+5; y 1,4,0+0
// Groups: local ids are below the size of the group.
program p(n: u32, x: read u32[], y: update u32[], o: update u32[]) {
    group 32, 2;
    groups n, n;
    shared s: u32[64];
    s[local.y * 32u + local.x] = x[lane.x];
    barrier;
    y[group_id.x * 32u + local.x] = s[63u - local.x];
    y[group_id.x * 64u + local.x] = s[local.y * 32u + local.x + 1u];
    o[group_id.x] = s[n];
    o[group_id.x * 32u + local.x + 5u] = o[group_id.x * 33u];
    y[lane.x + lane.y * 4u] = s[group_rank(n, 4)];
}
