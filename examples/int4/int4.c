// W11, a linear layer with weights of 4 bits in groups of 64: batches of 1, 8
// and 64 rows, against plain C. Every value and sum is exact in f32, so the
// model adds integers (quarters). --size is the number of inputs, 256 to
// 4096; at 256 the committed digests are checked too.
#include "common.h"
#include "digests.h"

enum { GROUP = 64, MOST_ROWS = 64 };

static const float SCALES[] = {0.25f, 0.5f, 1, 2};

static uint32_t nibble(uint32_t k, uint32_t n) {
  return (3 * k + 5 * n + 7) & 15;
}

// Row 0 is the workload's; the others are shifted, so that none is another.
static uint32_t input(uint32_t row, uint32_t k) { return (k + row) % 17; }

typedef struct layer {
  uint32_t inputs, outputs;
  vy_buffer weights, scales, zeros, bias, x;
} layer;

static layer make_layer(example *e, uint32_t inputs, uint32_t outputs) {
  layer l = {.inputs = inputs, .outputs = outputs};
  size_t groups = inputs / GROUP, n = outputs;
  uint32_t *weights = example_alloc(inputs / 8 * n * 4);
  float *scales = example_alloc(groups * n * 4), *bias = example_alloc(n * 4);
  uint8_t *zeros = example_alloc(groups * n);
  float *x = example_alloc((size_t)MOST_ROWS * inputs * 4);
  for (uint32_t i = 0; i < outputs; i++) {
    for (uint32_t k = 0; k < inputs; k++)
      weights[k / 8 * n + i] |= nibble(k, i) << (k % 8 * 4);
    for (uint32_t g = 0; g < groups; g++) {
      scales[g * n + i] = SCALES[(g + i) & 3];
      zeros[g * n + i] = (uint8_t)((3 * g + i) & 7);
    }
    bias[i] = (float)(i & 7);
  }
  for (uint32_t row = 0; row < MOST_ROWS; row++)
    for (uint32_t k = 0; k < inputs; k++)
      x[(size_t)row * inputs + k] = (float)input(row, k);
  l.weights = example_upload(e, weights, inputs / 8 * n * 4);
  l.scales = example_upload(e, scales, groups * n * 4);
  l.zeros = example_upload(e, zeros, groups * n);
  l.bias = example_upload(e, bias, n * 4);
  l.x = example_upload(e, x, (uint64_t)MOST_ROWS * inputs * 4);
  free(x);
  free(zeros);
  free(bias);
  free(scales);
  free(weights);
  return l;
}

static void free_layer(example *e, const layer *l) {
  example_free(e, l->weights);
  example_free(e, l->scales);
  example_free(e, l->zeros);
  example_free(e, l->bias);
  example_free(e, l->x);
}

static float model(uint32_t inputs, uint32_t row, uint32_t n) {
  int32_t quarters = 4 * (int32_t)(n & 7);
  for (uint32_t k = 0; k < inputs; k++) {
    uint32_t g = k / GROUP;
    int32_t weight = (int32_t)nibble(k, n) - (int32_t)((3 * g + n) & 7);
    quarters += weight * (1 << ((g + n) & 3)) * (int32_t)input(row, k);
  }
  return (float)quarters / 4;
}

static void one(example *e, const layer *l, uint32_t rows, uint64_t digest) {
  bool single = rows == 1;
  vy_pipeline *p =
      example_pipeline(e, "int4/int4.vy", single ? "one_row" : "eight_rows");
  size_t bytes = (size_t)rows * l->outputs * 4;
  float *got = example_alloc(bytes), *want = example_alloc(bytes);
  vy_buffer out = example_buffer(e, bytes);
  vy_arg args[8] = {vy_arg_u32(l->inputs), vy_arg_u32(rows)};
  size_t count = single ? 1 : 2;
  args[count++] = vy_arg_buffer(l->weights);
  args[count++] = vy_arg_buffer(l->scales);
  args[count++] = vy_arg_buffer(l->zeros);
  args[count++] = vy_arg_buffer(l->bias);
  args[count++] = vy_arg_range(l->x, 0, (uint64_t)rows * l->inputs * 4);
  args[count++] = vy_arg_buffer(out);
  example_run(e, p, args, count);
  example_download(e, out, got, bytes);
  for (uint32_t row = 0; row < rows; row++)
    for (uint32_t n = 0; n < l->outputs; n++)
      want[(size_t)row * l->outputs + n] = model(l->inputs, row, n);
  example_same(e, "y", got, want, bytes, 4);
  uint64_t fnv = fnv1a64(got, bytes);
  if (l->inputs == 256 && l->outputs == 4096)
    example_equal(e, "digest", fnv, digest);
  printf("%u inputs, %u outputs, %u rows: digest %016llx\n", l->inputs,
         l->outputs, rows, (unsigned long long)fnv);
  example_free(e, out);
  vy_pipeline_release(p);
  free(want);
  free(got);
}

int main(int argc, char **argv) {
  example e;
  example_open(&e, "int4", argc, argv);
  uint32_t inputs = (uint32_t)example_size(&e, 128, 256);
  if (inputs % GROUP || inputs > 4096)
    example_fail(&e, "the inputs are groups of %d, up to 4096", GROUP);
  layer l = make_layer(&e, inputs, e.quick && !e.size ? 128 : 4096);
  one(&e, &l, 1, DIGEST_INT4_1);
  one(&e, &l, 8, DIGEST_INT4_8);
  one(&e, &l, 64, DIGEST_INT4_64);
  free_layer(&e, &l);
  return example_close(&e);
}
