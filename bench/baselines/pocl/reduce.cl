// W7 in OpenCL C.
#pragma OPENCL FP_CONTRACT OFF

kernel void prefix_sum(global const uint *counts, uint n,
                       global uint *offsets) {
  uint sum = 0;
  for (uint i = 0; i < n; i++) {
    offsets[i] = sum;
    sum += counts[i];
  }
  offsets[n] = sum;
}

// Equal parts of [0, n), in whole groups of 16.
uint part(uint n, uint p, uint parts) {
  uint blocks = (n + 15) / 16;
  return min(blocks / parts * p + min(p, blocks % parts), blocks) * 16;
}

kernel void sum_u32(global const uint *x, uint n, global uint *sums) {
  uint p = get_global_id(0), parts = get_global_size(0);
  uint i = part(n, p, parts), end = min(part(n, p + 1, parts), n);
  uint16 v = 0;
  for (; i + 16 <= end; i += 16)
    v += vload16(0, x + i);
  uint8 a = v.lo + v.hi;
  uint4 b = a.lo + a.hi;
  uint sum = b.x + b.y + b.z + b.w;
  for (; i < end; i++)
    sum += x[i];
  sums[p] = sum;
}

kernel void scan_u32(global const uint *x, uint n, global const uint *sums,
                     global uint *y) {
  uint p = get_global_id(0), parts = get_global_size(0), sum = 0;
  for (uint q = 0; q < p; q++)
    sum += sums[q];
  uint end = min(part(n, p + 1, parts), n);
  for (uint i = part(n, p, parts); i < end; i++)
    y[i] = sum += x[i];
}

// The canonical tree: neighbours, then neighbours of those. One work-item a
// group of 256.
float tree16(float16 v) {
  float8 a = v.even + v.odd;
  float4 b = a.even + a.odd;
  float2 c = b.even + b.odd;
  return c.x + c.y;
}

float16 load16(global const float *x, uint at, uint n) {
  if (at + 16 <= n)
    return vload16(0, x + at);
  float v[16];
  for (uint i = 0; i < 16; i++)
    v[i] = at + i < n ? x[at + i] : 0.0f;
  return vload16(0, v);
}

kernel void sum_f32(global const float *x, uint n, global float *sums) {
  uint g = get_global_id(0);
  float top[16];
  for (uint i = 0; i < 16; i++)
    top[i] = tree16(load16(x, g * 256 + i * 16, n));
  sums[g] = tree16(vload16(0, top));
}

// Inclusive or exclusive, after Sklansky.
kernel void scan_f32(global const float *x, uint n,
                     global const float *offsets, uint inclusive,
                     global float *y) {
  uint g = get_global_id(0), begin = g * 256, here = min(n - begin, 256u);
  float v[256];
  for (uint i = 0; i < 256; i++)
    v[i] = i < here ? x[begin + i] : 0.0f;
  for (uint d = 1; d < 256; d *= 2)
    for (uint i = 0; i < 256; i += 2 * d) {
      float left = v[i + d - 1];
      for (uint k = 0; k < d; k++)
        v[i + d + k] = left + v[i + d + k];
    }
  float offset = offsets[g];
  if (inclusive) {
    for (uint i = 0; i < here; i++)
      y[begin + i] = offset + v[i];
  } else {
    y[begin] = offset + 0.0f;
    for (uint i = 1; i < here; i++)
      y[begin + i] = offset + v[i - 1];
  }
}

// One work-item a thread, each with bins of its own.
kernel void histogram(global const uint *x, uint n, uint bins,
                      global uint *own) {
  uint p = get_global_id(0), parts = get_global_size(0);
  global uint *mine = own + p * bins;
  for (uint b = 0; b < bins; b++)
    mine[b] = 0;
  uint end = min(part(n, p + 1, parts), n);
  for (uint i = part(n, p, parts); i < end; i++)
    mine[x[i] & (bins - 1)]++;
}

kernel void histogram_join(global const uint *own, uint parts,
                           global uint *bins) {
  uint b = get_global_id(0), sum = 0;
  for (uint p = 0; p < parts; p++)
    sum += own[p * get_global_size(0) + b];
  bins[b] = sum;
}

kernel void compact_count(global const uint *x, uint n, global uint *counts) {
  uint begin = get_global_id(0) * 256, end = min(begin + 256, n), keep = 0;
  for (uint i = begin; i < end; i++)
    keep += x[i] % 3 == 0;
  counts[get_global_id(0)] = keep;
}

kernel void compact_write(global const uint *x, uint n,
                          global const uint *offsets, global uint *kept) {
  uint begin = get_global_id(0) * 256, end = min(begin + 256, n);
  uint slot = offsets[get_global_id(0)];
  for (uint i = begin; i < end; i++)
    if (x[i] % 3 == 0)
      kept[slot++] = x[i];
}
