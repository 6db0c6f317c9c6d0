//! in x: {f32 f32 f32 f32 u16 _2} 0 0 3 4 5 1 1 1 2 40000
//! out y: 25 1
//! out w: {f32 f32 f32 f32 u16 _2} 0 0 3 4 10 1 1 1 2 14464
//! clean
// structs in structs, vectors in structs
struct Point {
    at: f32x2;
}

struct Line {
    a: Point;
    b: Point;
    width: u16;
}

program p(x: read Line[], y: write f32[len(x)], w: write Line[len(x)]) {
    lanes len(x);

    let d = x[lane].b.at - x[lane].a.at;
    y[lane] = d.x * d.x + d.y * d.y;
    w[lane] = x[lane];
    w[lane].width = x[lane].width * 2;
}
