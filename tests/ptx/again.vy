// a loop whose condition stands twice, each loading four neighbours
program seek(x: read u32[64], y: write u32[16]) {
  lanes 16;
  var i = lane;
  while (x[(i & 15) * 4] + x[(i & 15) * 4 + 1] + x[(i & 15) * 4 + 2] +
         x[(i & 15) * 4 + 3] > 20) {
    i = i + 1;
  }
  y[lane] = i;
}
