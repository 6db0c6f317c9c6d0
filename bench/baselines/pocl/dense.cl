// W14 and W16 in OpenCL C, each the program's own algorithm.
#pragma OPENCL FP_CONTRACT OFF
#pragma OPENCL EXTENSION cl_khr_fp64 : enable

kernel void mandelbrot_f32(uint w, uint h, global uint *steps) {
  uint x = get_global_id(0), y = get_global_id(1), k = 0;
  float cx = -2.0f + 3.0f * (float)x / (float)w;
  float cy = -1.5f + 3.0f * (float)y / (float)h;
  float zx = 0, zy = 0;
  while (k < 256 && zx * zx + zy * zy <= 4.0f) {
    float t = (zx * zx - zy * zy) + cx;
    zy = 2.0f * zx * zy + cy;
    zx = t;
    k++;
  }
  steps[y * w + x] = k;
}

kernel void mandelbrot_f64(uint w, uint h, global uint *steps) {
  uint x = get_global_id(0), y = get_global_id(1), k = 0;
  double cx = -2.0 + 3.0 * (double)x / (double)w;
  double cy = -1.5 + 3.0 * (double)y / (double)h;
  double zx = 0, zy = 0;
  while (k < 256 && zx * zx + zy * zy <= 4.0) {
    double t = (zx * zx - zy * zy) + cx;
    zy = 2.0 * zx * zy + cy;
    zx = t;
    k++;
  }
  steps[y * w + x] = k;
}

kernel void stencil(uint n, global const float *restrict a,
                    global float *restrict b) {
  uint x = get_global_id(0), y = get_global_id(1), i = y * n + x;
  if (x == 0 || y == 0 || x == n - 1 || y == n - 1)
    b[i] = a[i];
  else
    b[i] = 0.2f * ((((a[i] + a[i - 1]) + a[i + 1]) + a[i - n]) + a[i + n]);
}

kernel __attribute__((reqd_work_group_size(16, 16, 1))) void
transpose(uint n, global const float *restrict a, global float *restrict b) {
  local float tile[16 * 17];
  uint lx = get_local_id(0), ly = get_local_id(1);
  uint gx = get_group_id(0), gy = get_group_id(1);
  uint x = gx * 16 + lx, y = gy * 16 + ly;
  if (x < n && y < n)
    tile[ly * 17 + lx] = a[y * n + x];
  barrier(CLK_LOCAL_MEM_FENCE);
  x = gy * 16 + lx;
  y = gx * 16 + ly;
  if (x < n && y < n)
    b[y * n + x] = tile[lx * 17 + ly];
}

// A group makes 64 rows of 128 columns; an item 8 rows of 4, 32 apart.
kernel __attribute__((reqd_work_group_size(32, 8, 1))) void
multiply(uint n, global const float *restrict a, global const float *restrict b,
         global float *restrict c) {
  local float left[64 * 32], right[32 * 128];
  uint x = get_local_id(0), y = get_local_id(1);
  uint first = get_group_id(0) * 128, top = get_group_id(1) * 64;
  float acc[8][4] = {{0}};
  for (uint base = 0; base < n; base += 32) {
    for (uint row = y; row < 64; row += 8)
      if (top + row < n && base + x < n)
        left[row * 32 + x] = a[(top + row) * n + base + x];
    for (uint row = y; row < 32; row += 8)
      for (uint j = x; j < 128; j += 32)
        if (base + row < n && first + j < n)
          right[row * 128 + j] = b[(base + row) * n + first + j];
    barrier(CLK_LOCAL_MEM_FENCE);
    uint end = min(32u, n - base);
    for (uint k = 0; k < end; k++)
      for (uint i = 0; i < 8; i++)
        for (uint j = 0; j < 4; j++)
          acc[i][j] = fma(left[(8 * y + i) * 32 + k],
                          right[k * 128 + 32 * j + x], acc[i][j]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (uint i = 0; i < 8; i++)
    for (uint j = 0; j < 4; j++) {
      uint row = top + 8 * y + i, column = first + 32 * j + x;
      if (row < n && column < n)
        c[row * n + column] = acc[i][j];
    }
}
