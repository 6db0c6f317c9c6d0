// W16: five-point stencil, transpose and matrix multiply in f32, against
// plain C, bits compared. At 256 x 256 the committed digests are checked too.
#include "common.h"
#include "digests.h"

#include <math.h>

typedef void (*model)(uint32_t n, const float *a, const float *b, float *c);

static void stencil(uint32_t n, const float *a, const float *b, float *c) {
  (void)b;
  for (uint32_t y = 0; y < n; y++)
    for (uint32_t x = 0; x < n; x++) {
      const float *p = a + (size_t)y * n + x;
      bool border = !x || !y || x == n - 1 || y == n - 1;
      c[(size_t)y * n + x] =
          border ? *p : 0.2f * ((((p[0] + p[-1]) + p[1]) + *(p - n)) + p[n]);
    }
}

static void transpose(uint32_t n, const float *a, const float *b, float *c) {
  (void)b;
  for (uint32_t y = 0; y < n; y++)
    for (uint32_t x = 0; x < n; x++)
      c[(size_t)x * n + y] = a[(size_t)y * n + x];
}

static void multiply(uint32_t n, const float *a, const float *b, float *c) {
  for (uint32_t y = 0; y < n; y++)
    for (uint32_t x = 0; x < n; x++) {
      float acc = 0;
      for (uint32_t k = 0; k < n; k++)
        acc = fmaf(a[(size_t)y * n + k], b[(size_t)k * n + x], acc);
      c[(size_t)y * n + x] = acc;
    }
}

static void one(example *e, const char *program, model plain, bool two,
                uint32_t n, const float *a, const float *b, uint64_t digest) {
  vy_pipeline *p = example_pipeline(e, "matrix/matrix.vy", program);
  size_t bytes = (size_t)n * n * 4;
  float *got = example_alloc(bytes), *want = example_alloc(bytes);
  vy_buffer left = example_upload(e, a, bytes);
  vy_buffer right = example_upload(e, b, bytes);
  vy_buffer out = example_buffer(e, bytes);
  vy_arg args[4] = {vy_arg_u32(n), vy_arg_buffer(left),
                    vy_arg_buffer(two ? right : out), vy_arg_buffer(out)};
  example_run(e, p, args, two ? 4 : 3);
  example_download(e, out, got, bytes);
  plain(n, a, b, want);
  example_same(e, program, got, want, bytes, 4);
  uint64_t fnv = fnv1a64(got, bytes);
  if (n == 256)
    example_equal(e, "digest", fnv, digest);
  printf("%s %u x %u: digest %016llx\n", program, n, n,
         (unsigned long long)fnv);
  example_free(e, out);
  example_free(e, right);
  example_free(e, left);
  vy_pipeline_release(p);
  free(want);
  free(got);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "matrix", argc, argv);
  uint32_t n = (uint32_t)example_size(&e, 50, 256);
  size_t count = (size_t)n * n;
  float *a = example_alloc(count * 4), *b = example_alloc(count * 4);
  for (uint32_t i = 0; i < count; i++) {
    a[i] = mix_f32(i);
    b[i] = mix_f32(i ^ 0xA5A55A5A);
  }
  one(&e, "stencil", stencil, false, n, a, b, DIGEST_STENCIL);
  one(&e, "transpose", transpose, false, n, a, b, DIGEST_TRANSPOSE);
  one(&e, "multiply", multiply, true, n, a, b, DIGEST_MULTIPLY);
  free(b);
  free(a);
  return example_close(&e);
}
