//! after checks
//! checks: fact none none fact fact fact fact full fact fact
//! facts: x 1,0,0+0; y 1,0,0+0; z 4,0,0+3; b 4,0,0+3; z 8,0,0+3
// Indices that go with the lane: one fact for each buffer and stride.
struct Pair { a: f32; b: f32; }
program p(n: u32, x: read u32[], y: write f32[len(x)], z: update Pair[],
          b: update u8[], w: read f32[3]) {
    lanes len(x);
    y[lane] = f32(x[lane]) + w[2u] + w[n & 1u];
    z[lane * 4u + 1u].a = z[(lane << 2u) + (n & 3u)].b;
    store_u32(b, lane * 4u, x[lane]);
    y[u64(lane)] = z[lane * n].a;
    for j in 0u .. 4u { z[lane * 8u + j].a = 1.0f; }
}
