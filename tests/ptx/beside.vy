// Lanes of a thread beside each other: vectors, what neighbours have loaded,
// and the ways for rows that are not aligned and for borders.
program beside(n: u32, a: read f32[n * n], b: write f32[n * n]) {
    lanes n, n;

    let x = lane.x;
    let i = lane.y * n + x;
    if (x > 0 && x < n && lane.y < n) {
        b[i] = a[i] - a[i - 1];
    } else {
        b[i] = 0.0;
    }
}
