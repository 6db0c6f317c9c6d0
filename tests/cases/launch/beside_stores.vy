//! len y: 19
//! out y: 0 5 10 15 20 25 30 35 40 45 50 55 60 65 70 75 80 85 90
//! out z: 3*19
// lanes side by side that load nothing, and some that are left over
program p(y: write u32[], z: write u32[len(y)]) {
  lanes len(y);
  y[lane] = lane * 5;
  z[lane] = 3;
}
