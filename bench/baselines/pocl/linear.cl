// W11 and W13 in OpenCL C, each the program's own algorithm.
#pragma OPENCL FP_CONTRACT OFF

float nibble(uint word, uint i) { return (float)((word >> (4 * i)) & 15); }

kernel void one_row(uint inputs, uint outputs,
                    global const uint *restrict weights,
                    global const float *restrict scales,
                    global const uchar *restrict zeros,
                    global const float *restrict bias,
                    global const float *restrict x, global float *restrict y) {
  uint n = get_global_id(0);
  float sum = bias[n];
  for (uint g = 0; g < inputs / 64; g++) {
    float zero = zeros[g * outputs + n];
    float p0 = 0, p1 = 0, p2 = 0, p3 = 0;
    for (uint w = g * 8; w < (g + 1) * 8; w++) {
      uint word = weights[w * outputs + n];
      global const float *at = x + 8 * w;
      p0 = fma(nibble(word, 0) - zero, at[0], p0);
      p1 = fma(nibble(word, 1) - zero, at[1], p1);
      p2 = fma(nibble(word, 2) - zero, at[2], p2);
      p3 = fma(nibble(word, 3) - zero, at[3], p3);
      p0 = fma(nibble(word, 4) - zero, at[4], p0);
      p1 = fma(nibble(word, 5) - zero, at[5], p1);
      p2 = fma(nibble(word, 6) - zero, at[6], p2);
      p3 = fma(nibble(word, 7) - zero, at[7], p3);
    }
    sum = fma(scales[g * outputs + n], (p0 + p1) + (p2 + p3), sum);
  }
  y[n] = sum;
}

kernel void eight_rows(uint inputs, uint outputs,
                       global const uint *restrict weights,
                       global const float *restrict scales,
                       global const uchar *restrict zeros,
                       global const float *restrict bias,
                       global const float *restrict x,
                       global float *restrict y) {
  uint n = get_global_id(0), row = 8 * get_global_id(1);
  float sum[8];
  for (uint r = 0; r < 8; r++)
    sum[r] = bias[n];
  for (uint g = 0; g < inputs / 64; g++) {
    float zero = zeros[g * outputs + n], scale = scales[g * outputs + n];
    float part[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    for (uint w = g * 8; w < (g + 1) * 8; w++) {
      uint word = weights[w * outputs + n];
#pragma unroll
      for (uint i = 0; i < 8; i++) {
        float weight = nibble(word, i) - zero;
#pragma unroll
        for (uint r = 0; r < 8; r++)
          part[r] = fma(weight, x[(row + r) * inputs + 8 * w + i], part[r]);
      }
    }
#pragma unroll
    for (uint r = 0; r < 8; r++)
      sum[r] = fma(scale, part[r], sum[r]);
  }
  for (uint r = 0; r < 8; r++)
    y[(row + r) * outputs + n] = sum[r];
}

kernel void advance(uint n, float dt, global const float *restrict position,
                    global float *restrict velocity,
                    global float *restrict moved) {
  uint i = get_global_id(0);
  float px = position[3 * i], py = position[3 * i + 1],
        pz = position[3 * i + 2], ax = 0, ay = 0, az = 0;
  for (uint j = 0; j < n; j++) {
    float x = position[3 * j] - px, y = position[3 * j + 1] - py,
          z = position[3 * j + 2] - pz;
    float r2 = (x * x + y * y + z * z) + 0x1p-10f;
    float f = 1.0f / (r2 * sqrt(r2));
    ax += x * f;
    ay += y * f;
    az += z * f;
  }
  float vx = velocity[3 * i] + ax * dt, vy = velocity[3 * i + 1] + ay * dt,
        vz = velocity[3 * i + 2] + az * dt;
  velocity[3 * i] = vx;
  velocity[3 * i + 1] = vy;
  velocity[3 * i + 2] = vz;
  moved[3 * i] = px + vx * dt;
  moved[3 * i + 1] = py + vy * dt;
  moved[3 * i + 2] = pz + vz * dt;
}
