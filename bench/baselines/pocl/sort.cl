// W8 in OpenCL C: one work-item a thread, as the C baseline.

kernel void prefix_sum(global const uint *counts, uint n,
                       global uint *offsets) {
  uint sum = 0;
  for (uint i = 0; i < n; i++) {
    offsets[i] = sum;
    sum += counts[i];
  }
  offsets[n] = sum;
}

uint part(uint n, uint p, uint parts) {
  return n / parts * p + min(p, n % parts);
}

kernel void count(global const uint *keys, uint n, uint shift,
                  global uint *counts) {
  uint p = get_global_id(0), parts = get_global_size(0);
  uint bins[256];
  for (uint b = 0; b < 256; b++)
    bins[b] = 0;
  uint end = part(n, p + 1, parts);
  for (uint i = part(n, p, parts); i < end; i++)
    bins[(keys[i] >> shift) & 255]++;
  for (uint b = 0; b < 256; b++)
    counts[b * parts + p] = bins[b];
}

kernel void scatter(global const uint *keys, global const uint *values, uint n,
                    uint shift, global const uint *offsets,
                    global uint *to_keys, global uint *to_values) {
  uint p = get_global_id(0), parts = get_global_size(0);
  uint places[256];
  for (uint b = 0; b < 256; b++)
    places[b] = offsets[b * parts + p];
  uint end = part(n, p + 1, parts);
  for (uint i = part(n, p, parts); i < end; i++) {
    uint to = places[(keys[i] >> shift) & 255]++;
    to_keys[to] = keys[i];
    to_values[to] = values[i];
  }
}
