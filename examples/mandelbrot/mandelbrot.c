// W14, the Mandelbrot set in f32 and f64: the same bits as plain C computes
// them, and a picture. At 512 x 512 the committed digests are checked too.
#include "common.h"
#include "digests.h"

enum { STEPS = 256 };

static uint32_t steps_f32(uint32_t px, uint32_t py, uint32_t w, uint32_t h) {
  float cx = -2.0f + 3.0f * (float)px / (float)w;
  float cy = -1.5f + 3.0f * (float)py / (float)h;
  float zx = 0, zy = 0;
  uint32_t k = 0;
  for (; k < STEPS && zx * zx + zy * zy <= 4.0f; k++) {
    float t = (zx * zx - zy * zy) + cx;
    zy = 2.0f * zx * zy + cy;
    zx = t;
  }
  return k;
}

static uint32_t steps_f64(uint32_t px, uint32_t py, uint32_t w, uint32_t h) {
  double cx = -2.0 + 3.0 * (double)px / (double)w;
  double cy = -1.5 + 3.0 * (double)py / (double)h;
  double zx = 0, zy = 0;
  uint32_t k = 0;
  for (; k < STEPS && zx * zx + zy * zy <= 4.0; k++) {
    double t = (zx * zx - zy * zy) + cx;
    zy = 2.0 * zx * zy + cy;
    zx = t;
  }
  return k;
}

// A PGM: the longer a point stays, the darker; the set itself is black.
static void write_picture(example *e, const uint32_t *steps, uint32_t w,
                          uint32_t h) {
  FILE *f = fopen(e->picture, "wb");
  if (!f)
    example_fail(e, "%s cannot be written", e->picture);
  fprintf(f, "P5\n%u %u\n255\n", w, h);
  for (size_t i = 0; i < (size_t)w * h; i++)
    fputc(steps[i] >= STEPS ? 0 : (int)(255 - steps[i] % 64 * 3), f);
  if (fclose(f))
    example_fail(e, "%s cannot be written", e->picture);
  printf("picture written to %s\n", e->picture);
}

static void one(example *e, const char *program, uint32_t n,
                uint32_t (*model)(uint32_t, uint32_t, uint32_t, uint32_t),
                uint64_t digest, bool picture) {
  vy_pipeline *p = example_pipeline(e, "mandelbrot/mandelbrot.vy", program);
  size_t count = (size_t)n * n;
  uint32_t *got = example_alloc(count * 4), *want = example_alloc(count * 4);
  // [memory slot]
  vy_outputs *outputs = NULL;
  vy_arg args[] = {vy_arg_u32(n), vy_arg_u32(n), vy_arg_none()};
  vy_timing timing = VY_TIMING_INIT;
  vy_status status = vy_outputs_create(e->context, 1, &outputs, &e->diags);
  if (status == VY_OK)
    status = vy_outputs_set(outputs, 0, VY_SLOT_MEMORY, got, count * 4);
  if (status == VY_OK)
    status = vy_dispatch(p, args, 3, NULL, outputs, &timing, &e->diags);
  // [/memory slot]
  example_check(e, status, "dispatching");
  for (uint32_t y = 0; y < n; y++)
    for (uint32_t x = 0; x < n; x++)
      want[(size_t)y * n + x] = model(x, y, n, n);
  example_same(e, program, got, want, count * 4, 4);
  uint64_t fnv = fnv1a64(got, count * 4);
  if (n == 512)
    example_equal(e, "digest", fnv, digest);
  printf("%s %u x %u: digest %016llx, %.1f ms\n", program, n, n,
         (unsigned long long)fnv, (double)timing.wall_ns / 1e6);
  if (picture)
    write_picture(e, got, n, n);
  vy_outputs_release(outputs);
  vy_pipeline_release(p);
  free(want);
  free(got);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "mandelbrot", argc, argv);
  uint32_t n = (uint32_t)example_size(&e, 96, 512);
  one(&e, "mandelbrot_f32", n, steps_f32, DIGEST_F32, e.picture != NULL);
  one(&e, "mandelbrot_f64", n, steps_f64, DIGEST_F64, false);
  return example_close(&e);
}
