//! in x: 5 6
//! out y: 0 0 5 6 0 0
//! bounds
// a negative i32 or i64 index is out of bounds, whatever its bits
program p(x: read u32[], y: write u32[6]) {
    lanes 1;

    let a = -1;
    let b: i64 = -4294967296;
    y[0] = x[a];
    y[1] = x[b];
    y[a] = 7;
    y[b + 4] = 8;
    y[2] = x[a + 1];
    y[3] = x[b + 4294967297];
    y[4] = x[u64(b)];
    y[5] = x[18446744073709551615ul];
}
