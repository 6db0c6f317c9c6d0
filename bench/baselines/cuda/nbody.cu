// W13: one step of an n-body system, a thread a body, the others by blocks
// through shared memory, summed in index order.
#include "support.cuh"

enum { THREADS = 128 };

static __device__ inline void draw(vec3 here, vec3 p, vec3 *a) {
  float x = p.x - here.x, y = p.y - here.y, z = p.z - here.z;
  float r2 = (x * x + y * y + z * z) + 0x1p-10f;
  float f = 1.0f / (r2 * sqrtf(r2));
  a->x += x * f;
  a->y += y * f;
  a->z += z * f;
}

static __global__ void __launch_bounds__(THREADS)
    advance(uint32_t n, float dt, const vec3 *__restrict__ position,
            vec3 *__restrict__ velocity, vec3 *__restrict__ moved) {
  __shared__ vec3 others[THREADS];
  uint32_t i = blockIdx.x * THREADS + threadIdx.x;
  vec3 here = position[i < n ? i : 0], a = {0, 0, 0};
  for (uint32_t base = 0; base < n; base += THREADS) {
    if (base + threadIdx.x < n)
      others[threadIdx.x] = position[base + threadIdx.x];
    __syncthreads();
    if (n - base >= THREADS) {
#pragma unroll 8
      for (uint32_t j = 0; j < THREADS; j++)
        draw(here, others[j], &a);
    } else {
      for (uint32_t j = 0; j < n - base; j++)
        draw(here, others[j], &a);
    }
    __syncthreads();
  }
  if (i >= n)
    return;
  vec3 v = velocity[i];
  v = {v.x + a.x * dt, v.y + a.y * dt, v.z + a.z * dt};
  velocity[i] = v;
  moved[i] = {here.x + v.x * dt, here.y + v.y * dt, here.z + v.z * dt};
}

void BASE(nbody)(cuda_side *s, uint32_t n, float dt, const vec3 *position,
                 vec3 *velocity, vec3 *moved) {
  launch(s, blocks_of(n, THREADS), THREADS, advance, n, dt, position, velocity,
         moved);
}
