//! in a: 1 -5 7 0x80000000 -1
//! in b: 3 -4 -9 0x80000000 2
//! in c: -8 0 5 -3 -7
//! out most: 1 4 9 -3 -1
//! out least: -8 -5 5 0x80000000 -7
//! out far: 3 4 9 -3 2
//! out both: -1 5 9 -3 1
//! clean
// the largest and the least of three, of which the second has changed its sign
program p(a: read i32[], b: read i32[], c: read i32[], most: write i32[5],
          least: write i32[5], far: write i32[5], both: write i32[5]) {
    lanes 5;

    let x = a[lane];
    let y = b[lane];
    let z = c[lane];
    most[lane] = max(max(x, -y), z);
    least[lane] = min(min(x, -y), z);
    far[lane] = max(abs(y), z);
    both[lane] = max(max(-x, -y), z);
}
