//! in x: {f32 u8 _3 u32 _4 f64} 1.5 255 7 2.25 -3 1 256 0
//! out y: {f32 u8 _3 u32 _4 f64} 3 0 248 -2.25 -6 2 511 -0.0
//! out n: 2
//! clean
// elements with fields keep their C layout
struct Particle {
    mass: f32;
    kind: u8;
    id: u32;
    pos: f64;
}

program p(x: read Particle[], y: write Particle[len(x)], n: write u32[1]) {
    lanes len(x);

    y[lane].mass = x[lane].mass * 2.0;
    y[lane].kind = x[lane].kind + 1;
    y[lane].id = x[lane].id ^ 0xff;
    y[lane].pos = -x[lane].pos;
    if (lane == 0) {
        n[0] = len(x);
    }
}
