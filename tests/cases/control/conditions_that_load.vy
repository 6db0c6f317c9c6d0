//! in x: 3 0 7 1 5 2 4 6 1 3
//! in a: 9 1 7 4 0 0 2 10 9 7 11 5 5 0 4 7 3 11 6 8 8 10 1 3
//! in b: 9 8 11 11 4 10 9 10 1 6 5 1 5 6 4 7 11 1 3 11 10 4 1 0
//! in c: 9 3 10 5 7 3 8 9 10 11 8 0 10 5 3 9 6 4 5 9 1 1 8 10
//! in d: 8 3 1 9 10 4 4 11 3 6 7 3 2 9 3 11 8 0 3 2 0 10 5 8
//! out y: 2 146 4 84 4 10 2 80 133 139 132 10 64 241 0 112 2 16 3 144 162 178
//! out y: 162 178
//! bounds
// parts of conditions load by what was loaded; some of the indices are outside
fn at(x: read u32[], index: read u32[], i: u32) -> u32 {
    return x[index[i & 31]];
}

program p(x: read u32[], a: read u32[], b: read u32[], c: read u32[],
          d: read u32[], y: write u32[len(a)]) {
    lanes len(a);

    let i = lane;
    var r = 0u;
    if (at(x, a, i) > 2 && i > 3 && at(x, b, i) < 5 && at(x, c, i) != 1) {
        r |= 1;
    }
    r |= select(at(x, a, i + 1) == 0 || i < 2 || at(x, b, i + 1) == 3
                    || at(x, d, i + 1) > 6, 2u, 0u);
    r |= select((at(x, a, i + 2) > 1 || at(x, b, i + 2) > 1) && i != 7
                    && (at(x, c, i + 2) > 4 || at(x, d, i + 2) > 4), 4u, 0u);
    if ((i & 1) != 0) {
        r |= select(at(x, a, i + 3) > 1 && i > 2 && x[at(x, b, i + 3)] > 1,
                    8u, 16u);
    }
    let both = at(x, c, i + 4) > 2;
    r |= select(both && at(x, d, i + 4) > 2, 32u, 0u);
    r |= select(both && !(at(x, a, i + 4) > 2 && at(x, b, i + 4) > 2), 64u,
                0u);
    if (at(x, a, i + 5) > 2 && at(x, b, i + 5) > 0 && at(x, c, i + 5) > 0) {
        r |= 128;
    }
    y[i] = r;
}
