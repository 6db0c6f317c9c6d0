//! in n: 6
//! in x: 0 7 3 10 6 2 9 5 1 8 4 0 7 3 10 6 2 9 5 1 8
//! in s: 100 200 300 400
//! out y: 0 307 3 310 306 2 309 5 1 308 4 0 307 3 310 306 2 309 5 1 308
//! out z: 0 207 3 210 6 202 9 205 1 208 4 200 7 203 10 206 2 209 5 201 8
// what is alike for lanes side by side, loaded by some of them only
program p(n: u32, x: read u32[], s: read u32[], y: write u32[len(x)],
          z: write u32[len(x)]) {
  lanes len(x);
  var v = x[lane];
  var w = v;
  if (v > 5) {
    v = s[n & 3] + v;
  }
  if ((lane & 1) == 1) {
    w = s[n - 5] + w;
  }
  y[lane] = v;
  z[lane] = w;
}
