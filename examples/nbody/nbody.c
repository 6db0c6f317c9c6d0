// W13, n-body: ten steps of 2^-8, against plain C, bits compared. The
// workload has 16384 bodies, the default is fewer; at 512 the committed digest
// is checked too.
#include "common.h"
#include "digests.h"

#include <math.h>

enum { STEPS = 10 };
static const float DT = 0x1p-8f;

typedef struct vec {
  float x, y, z;
} vec;

static void model_step(uint32_t n, const vec *from, vec *velocity, vec *to) {
  for (uint32_t i = 0; i < n; i++) {
    vec a = {0, 0, 0};
    for (uint32_t j = 0; j < n; j++) {
      float x = from[j].x - from[i].x;
      float y = from[j].y - from[i].y;
      float z = from[j].z - from[i].z;
      float r2 = (x * x + y * y + z * z) + 0x1p-10f;
      float f = 1.0f / (r2 * sqrtf(r2));
      a.x += x * f;
      a.y += y * f;
      a.z += z * f;
    }
    vec *v = &velocity[i];
    *v = (vec){v->x + a.x * DT, v->y + a.y * DT, v->z + a.z * DT};
    to[i] = (vec){from[i].x + v->x * DT, from[i].y + v->y * DT,
                  from[i].z + v->z * DT};
  }
}

// Both take positions and velocities, and leave what they are at the end.
static void model(uint32_t n, vec *position, vec *velocity) {
  vec *spare = example_alloc(n * sizeof *spare);
  for (int step = 0; step < STEPS; step++) {
    model_step(n, position, velocity, spare);
    memcpy(position, spare, n * sizeof *spare);
  }
  free(spare);
}

static void run(example *e, uint32_t n, vec *position, vec *velocity) {
  vy_pipeline *p = example_pipeline(e, "nbody/nbody.vy", "advance");
  vy_buffer at[2] = {example_upload(e, position, n * sizeof *position),
                     example_buffer(e, n * sizeof *position)};
  vy_buffer v = example_upload(e, velocity, n * sizeof *velocity);
  for (int step = 0; step < STEPS; step++) {
    vy_arg args[] = {vy_arg_f32(DT), vy_arg_buffer(at[step % 2]),
                     vy_arg_buffer(v), vy_arg_buffer(at[1 - step % 2])};
    example_run(e, p, args, 4);
  }
  example_download(e, at[STEPS % 2], position, n * sizeof *position);
  example_download(e, v, velocity, n * sizeof *velocity);
  example_free(e, v);
  example_free(e, at[1]);
  example_free(e, at[0]);
  vy_pipeline_release(p);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "nbody", argc, argv);
  uint32_t n = (uint32_t)example_size(&e, 50, 512);
  size_t bytes = n * sizeof(vec);
  vec *got = example_alloc(2 * bytes), *want = example_alloc(2 * bytes);
  for (uint32_t i = 0; i < n; i++)
    want[i] = (vec){mix_f32(3 * i), mix_f32(3 * i + 1), mix_f32(3 * i + 2)};
  memcpy(got, want, bytes);
  run(&e, n, got, got + n);
  model(n, want, want + n);
  example_same(&e, "position", got, want, bytes, 4);
  example_same(&e, "velocity", got + n, want + n, bytes, 4);
  uint64_t fnv = fnv1a64(got, 2 * bytes);
  if (n == 512)
    example_equal(&e, "digest", fnv, DIGEST_NBODY);
  printf("%u bodies, %d steps: digest %016llx\n", n, STEPS,
         (unsigned long long)fnv);
  free(want);
  free(got);
  return example_close(&e);
}
