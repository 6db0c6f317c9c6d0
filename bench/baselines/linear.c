// W11 and W13: a linear layer with weights of 4 bits, n-body.
#include "baselines.h"

#include <math.h>
#include <string.h>

enum { GROUP = 64, WIDE = 64, ROWS = 8 };

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// Outputs [n0, n0 + WIDE) of some rows: weights are unpacked once for all of
// them. Every sum is exact, so their order is free.
static void int4_block(const layer *l, uint32_t n0, uint32_t row0,
                       uint32_t rows, float *y) {
  float sum[ROWS][WIDE], part[ROWS][WIDE], weight[WIDE];
  for (uint32_t r = 0; r < rows; r++)
    memcpy(sum[r], l->bias + n0, sizeof sum[r]);
  for (uint32_t g = 0; g < l->inputs / GROUP; g++) {
    const uint8_t *zeros = l->zeros + (size_t)g * l->outputs + n0;
    const float *scales = l->scales + (size_t)g * l->outputs + n0;
    memset(part, 0, rows * sizeof part[0]);
    for (uint32_t k = g * GROUP; k < (g + 1) * GROUP; k++) {
      const uint32_t *words = l->weights + (size_t)(k / 8) * l->outputs + n0;
      for (uint32_t i = 0; i < WIDE; i++)
        weight[i] =
            (float)((int32_t)(words[i] >> k % 8 * 4 & 15) - (int32_t)zeros[i]);
      for (uint32_t r = 0; r < rows; r++) {
        float x = l->x[(size_t)(row0 + r) * l->inputs + k];
        for (uint32_t i = 0; i < WIDE; i++)
          part[r][i] = fmaf(weight[i], x, part[r][i]);
      }
    }
    for (uint32_t r = 0; r < rows; r++)
      for (uint32_t i = 0; i < WIDE; i++)
        sum[r][i] = fmaf(scales[i], part[r][i], sum[r][i]);
  }
  for (uint32_t r = 0; r < rows; r++)
    memcpy(y + (size_t)(row0 + r) * l->outputs + n0, sum[r], sizeof sum[r]);
}

// outputs is a multiple of WIDE.
void BASE(int4)(const layer *l, uint32_t rows, float *y) {
#pragma omp parallel for schedule(static) collapse(2)
  for (uint32_t row = 0; row < rows; row += ROWS)
    for (uint32_t n = 0; n < l->outputs; n += WIDE)
      int4_block(l, n, row, least(ROWS, rows - row), y);
}

// ---- n-body

enum { BODIES = 32 };

// BODIES of them side by side, each summing in index order.
static void nbody_block(uint32_t n, uint32_t first, float dt,
                        const vec3 *position, vec3 *velocity, vec3 *moved) {
  uint32_t here = least(BODIES, n - first);
  float px[BODIES] = {0}, py[BODIES] = {0}, pz[BODIES] = {0};
  float ax[BODIES] = {0}, ay[BODIES] = {0}, az[BODIES] = {0};
  for (uint32_t i = 0; i < here; i++) {
    px[i] = position[first + i].x;
    py[i] = position[first + i].y;
    pz[i] = position[first + i].z;
  }
  for (uint32_t j = 0; j < n; j++) {
    vec3 p = position[j];
    for (uint32_t i = 0; i < BODIES; i++) {
      float x = p.x - px[i], y = p.y - py[i], z = p.z - pz[i];
      float r2 = (x * x + y * y + z * z) + 0x1p-10f;
      float f = 1.0f / (r2 * sqrtf(r2));
      ax[i] += x * f;
      ay[i] += y * f;
      az[i] += z * f;
    }
  }
  for (uint32_t i = 0; i < here; i++) {
    vec3 v = velocity[first + i];
    v = (vec3){v.x + ax[i] * dt, v.y + ay[i] * dt, v.z + az[i] * dt};
    velocity[first + i] = v;
    moved[first + i] =
        (vec3){px[i] + v.x * dt, py[i] + v.y * dt, pz[i] + v.z * dt};
  }
}

void BASE(nbody)(uint32_t n, float dt, const vec3 *position, vec3 *velocity,
                 vec3 *moved) {
#pragma omp parallel for schedule(static)
  for (uint32_t first = 0; first < n; first += BODIES)
    nbody_block(n, first, dt, position, velocity, moved);
}
