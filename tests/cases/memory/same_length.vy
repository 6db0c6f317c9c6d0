//! in x: 1 2 3 4 5
//! in at: 4 5 0 7 4294967295 2 3 1
//! in v: 10 20 30 40 50
//! out y: 55 44 33 0 11
//! out w: 50 40 30 20 10
//! out u: 50 0 10 0 0 30 40 20
//! bounds
// Lengths declared as another's: what is inside of one is inside of all.
program same_length(x: read u32[], at: read u32[], v: read u32[len(x)],
                    y: write u32[len(v)], w: write u32[len(x)],
                    u: write u32[len(at)]) {
    lanes len(at);
    let from = at[lane];
    if (from < len(w)) {
        let to = 4 - from;
        if (from != 1) {
            y[to] = x[from] + v[from];
        }
        w[from] = v[to];
    }
    u[lane] = v[from];
}
