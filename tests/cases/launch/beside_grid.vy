//! in w: 264
//! in h: 12
//! in a: 0..3167
//! out b: 0..264 270..531 527..528 534..795 791..792 798..1059 1055..1056
//! out b: 1062..1323 1319..1320 1326..1587 1583..1584 1590..1851 1847..1848
//! out b: 1854..2115 2111..2112 2118..2379 2375..2376 2382..2643 2639..2640
//! out b: 2646..2907 2903..3167
// Five neighbours in a grid, of whose rows every one is aligned.
program beside_grid(w: u32, h: u32, a: read u32[w * h], b: write u32[h * w]) {
    lanes w, h;
    let x = lane.x;
    let y = lane.y;
    let i = y * w + x;
    if (x > 0 && x + 1 < w && y > 0 && y + 1 < h) {
        b[i] = a[i] + a[i - 1] + a[i + 1] + a[i - w] + a[i + w] - 4 * a[i] + 5;
    } else {
        b[i] = a[i];
    }
}
