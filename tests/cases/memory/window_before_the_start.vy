//! in x: u32 1..36
//! out y: u32 10 26 42 58 74 90 106 122  6 22 38 54 70 86 102 118
//! bounds
// A window of four whose last element is inside for sure, and whose first one
// is before the start.
program p(x: read u32[36], y: write u32[16]) {
    groups 2;
    group 8;
    let b = i32(local) * 4 - i32(group_id & 1u);
    y[lane] = x[b] + x[b + 1] + x[b + 2] + x[b + 3];
}
