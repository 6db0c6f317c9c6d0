//! in x: 7 8 9
//! in q: 8 9 1 7
//! out y: 1 2 9 100
//! clean
// functions call functions, return from the middle, take buffers
fn square(x: u32) -> u32 {
    return x * x;
}

fn find(x: read u32[], v: u32) -> u32 {
    for i in 0u .. len(x) {
        if (x[i] == v) {
            return i;
        }
    }
    return square(len(x));
}

fn put(y: write u32[], i: u32, v: u32) {
    if (v == 0) {
        y[i] = 100;
        return;
    }
    y[i] = v;
}

program p(x: read u32[], q: read u32[], y: write u32[len(q)]) {
    lanes len(q);

    put(y, lane, find(x, q[lane]));
}
