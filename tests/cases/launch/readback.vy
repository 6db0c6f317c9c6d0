//! in n: 4
//! in z: 0..7
//! out y: 1 4 9
//! out z: 5 6 7 8
// readback narrows what returns
program p(n: u32, y: write u32[8] readback [1, n),
          z: update u32[] readback [n, len(z))) {
    lanes 8;

    y[lane] = lane * lane;
    z[lane] += 1;
}
