//! in x: 1..40
//! out y: 0 1..39
//! out z: 2..40 0
//! out w: 0 0 0 1..37
//! bounds
// neighbours under a condition: the index of a lane that does not run wraps,
// and with it that of the lanes beside it
program p(x: read u32[], y: write u32[len(x)], z: write u32[len(x)],
          w: write u32[len(x)]) {
    group 16;
    groups (len(x) + 15) / 16;

    if (lane >= 1 && lane - 1 < len(x)) {
        if (lane < len(y)) {
            y[lane] = x[lane - 1];
        }
        z[lane - 1] = lane + 1 < len(x) + 1 ? x[lane] : 0;
    }
    if (lane < len(w)) {
        let i = i32(lane) - 3;
        if (i >= 0) {
            w[lane] = x[i];
        }
    }
}
