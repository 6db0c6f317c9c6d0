//! in x: 1 2 3 4 5 6
//! in v: 6 1 5 7
//! out y: u32 2 1 0 0 1 1 99 99
//! clean
// return from nested loops, of vectors, with lane in a function
fn search(x: read u32[], w: u32, v: u32) -> u32x2 {
    for r in 0u .. len(x) / w {
        for q in 0u .. w {
            if (x[r * w + q] == v + lane * 0) {
                return u32x2(q, r);
            }
        }
    }
    return u32x2(99, 99);
}

program p(x: read u32[], v: read u32[], y: write u32x2[len(v)]) {
    lanes len(v);

    y[lane] = search(x, 3, v[lane]);
}
