//! in x: 9*12  0*4  9*28  0*4  9*16
//! out y: 3*4  11*8  19*4
// A condition that loads four neighbours, others each time.
program seek(x: read u32[64], y: write u32[16]) {
  lanes 16;
  var i = lane;
  while (x[(i & 15) * 4] + x[(i & 15) * 4 + 1] + x[(i & 15) * 4 + 2] +
         x[(i & 15) * 4 + 3] > 20) {
    i = i + 1;
  }
  y[lane] = i;
}
