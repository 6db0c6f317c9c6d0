// W11 and W13: a linear layer with weights of 4 bits, n-body.
#include "../harness.h"

#include <digests.h>

enum { GROUP = 64, OUTPUTS = 4096, STEPS = 10 };
enum { WEIGHTS, SCALES, ZEROS, BIAS, INPUT, OUT };
enum { FIRST, A, B, SPEED, SPEEDS };

static const float DT = 0x1p-8f;

typedef struct data {
  layer l;
  uint32_t rows;
  uint32_t *weights;
  float *scales, *bias, *x;
  uint8_t *zeros;
  vec3 *position, *velocity, *spare;
} data;

// ---- W11

static void make_layer(data *d, uint32_t inputs) {
  static const float scales[] = {0.25f, 0.5f, 1, 2};
  size_t n = OUTPUTS, groups = inputs / GROUP;
  d->weights = take(inputs / 8 * n * 4);
  d->scales = take(groups * n * 4);
  d->bias = take(n * 4);
  d->zeros = take(groups * n);
  d->x = take((size_t)d->rows * inputs * 4);
  for (uint32_t i = 0; i < n; i++) {
    for (uint32_t k = 0; k < inputs; k++)
      d->weights[k / 8 * n + i] |= ((3 * k + 5 * i + 7) & 15) << (k % 8 * 4);
    for (uint32_t g = 0; g < groups; g++) {
      d->scales[g * n + i] = scales[(g + i) & 3];
      d->zeros[g * n + i] = (uint8_t)((3 * g + i) & 7);
    }
    d->bias[i] = (float)(i & 7);
  }
  for (uint32_t row = 0; row < d->rows; row++)
    for (uint32_t k = 0; k < inputs; k++)
      d->x[(size_t)row * inputs + k] = (float)((k + row) % 17);
  d->l =
      (layer){inputs, OUTPUTS, d->weights, d->scales, d->bias, d->x, d->zeros};
}

static size_t int4_c(job *j, const baselines *c) {
  data *d = j->data;
  c->int4(&d->l, d->rows, (float *)j->out);
  return j->out_capacity;
}

static void int4_chain(side *s) {
  const data *d = s->job->data;
  vy_arg args[8] = {vy_arg_u32(d->l.inputs), vy_arg_u32(d->rows)};
  size_t count = d->rows == 1 ? 1 : 2;
  for (uint32_t b = WEIGHTS; b <= OUT; b++)
    args[count++] = side_arg(s, b);
  side_run(s, 0, args, count);
  side_result(s, OUT, s->job->out_capacity);
}

static void int4_cl(cl_side *s) {
  const job *j = cl_job(s);
  const data *d = j->data;
  bool single = d->rows == 1;
  cl_value args[] = {cl_u32(d->l.inputs), cl_u32(OUTPUTS), cl_buf(WEIGHTS),
                     cl_buf(SCALES),      cl_buf(ZEROS),   cl_buf(BIAS),
                     cl_buf(INPUT),       cl_buf(OUT)};
  cl_range range = {single ? 1 : 2, {OUTPUTS, d->rows / 8}, {0, 0}};
  cl_go(s, 0, range, args, 8);
  cl_result(s, OUT, j->out_capacity);
}

static void open_int4(job *j, uint32_t rows) {
  data *d = take(sizeof *d);
  j->data = d;
  d->rows = rows;
  uint32_t inputs = (uint32_t)j->size;
  size_t n = OUTPUTS, groups = inputs / GROUP, out = rows * n * 4;
  make_layer(d, inputs);
  job_output(j, out, 4);
  // All is exact: no row of contracted code.
  j->flops = 2.0 * rows * (double)n * inputs;
  j->bytes = (double)n * inputs / 2 + (double)groups * (double)n * 5;
  j->units = (double)n * inputs;
  j->unit = "weights";
  j->memory[WEIGHTS] = (memory){d->weights, inputs / 8 * n * 4};
  j->memory[SCALES] = (memory){d->scales, groups * n * 4};
  j->memory[ZEROS] = (memory){d->zeros, groups * n};
  j->memory[BIAS] = (memory){d->bias, n * 4};
  j->memory[INPUT] = (memory){d->x, (uint64_t)rows * inputs * 4};
  j->memory[OUT] = (memory){NULL, out};
  const char *name = rows == 1 ? "one_row" : "eight_rows";
  j->programs[0] = (program_ref){"int4/int4.vy", name};
  j->cl_file = "linear.cl";
  j->kernels[0] = name;
  job_c(j, int4_c);
  job_vyre(j, int4_chain);
  job_pocl(j, int4_cl);
}

static void open_1(job *j) { open_int4(j, 1); }
static void open_8(job *j) { open_int4(j, 8); }
static void open_64(job *j) { open_int4(j, 64); }

static void int4_oracle(job *j) {
  uint32_t rows = ((data *)j->data)->rows;
  job_equal(j, "digest", fnv1a64(j->want, j->want_size),
            rows == 1   ? DIGEST_INT4_1
            : rows == 8 ? DIGEST_INT4_8
                        : DIGEST_INT4_64);
}

// ---- W13: positions, then velocities, after all steps

static size_t nbody_c(job *j, const baselines *c) {
  data *d = j->data;
  uint32_t n = (uint32_t)j->size;
  vec3 *position = (vec3 *)j->out, *velocity = position + n, *to = d->spare;
  memcpy(position, d->position, n * sizeof *position);
  memcpy(velocity, d->velocity, n * sizeof *velocity);
  for (uint32_t step = 0; step < STEPS; step++) {
    c->nbody(n, DT, position, velocity, to);
    vec3 *swap = position;
    position = to;
    to = swap;
  }
  return j->out_capacity;
}

static void nbody_chain(side *s) {
  uint64_t bytes = s->job->size * sizeof(vec3);
  side_copy(s, SPEED, SPEEDS, bytes);
  for (uint32_t step = 0; step < STEPS; step++) {
    vy_arg args[] = {vy_arg_f32(DT),
                     side_arg(s, !step      ? FIRST
                                 : step % 2 ? A
                                            : B),
                     side_arg(s, SPEEDS), side_arg(s, step % 2 ? B : A)};
    side_run(s, 0, args, 4);
  }
  side_result(s, B, bytes);
  side_result(s, SPEEDS, bytes);
}

static void nbody_cl(cl_side *s) {
  const job *j = cl_job(s);
  uint64_t bytes = j->size * sizeof(vec3);
  uint32_t dt;
  memcpy(&dt, &DT, 4);
  cl_copy(s, SPEED, SPEEDS, bytes);
  for (uint32_t step = 0; step < STEPS; step++) {
    cl_value args[] = {cl_u32((uint32_t)j->size), cl_u32(dt),
                       cl_buf(!step      ? FIRST
                              : step % 2 ? A
                                         : B),
                       cl_buf(SPEEDS), cl_buf(step % 2 ? B : A)};
    cl_go(s, 0, (cl_range){1, {j->size, 1}, {0, 0}}, args, 5);
  }
  cl_result(s, B, bytes);
  cl_result(s, SPEEDS, bytes);
}

static void nbody_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  uint64_t bytes = r->job->size * sizeof(vec3);
  cuda_copy(s, cuda_at(s, SPEEDS), cuda_at(s, SPEED), bytes);
  for (uint32_t step = 0; step < STEPS; step++) {
    uint32_t from = !step ? FIRST : step % 2 ? A : B;
    r->c->nbody(s, (uint32_t)r->job->size, DT, cuda_at(s, from),
                cuda_at(s, SPEEDS), cuda_at(s, step % 2 ? B : A));
  }
  cuda_result(r, B, bytes);
  cuda_result(r, SPEEDS, bytes);
}

static void open_nbody(job *j) {
  data *d = take(sizeof *d);
  uint64_t n = j->size, bytes = n * sizeof(vec3);
  j->data = d;
  d->position = take(bytes);
  d->velocity = take(bytes);
  d->spare = take(bytes);
  for (uint32_t i = 0; i < n; i++)
    d->position[i] =
        (vec3){mix_f32(3 * i), mix_f32(3 * i + 1), mix_f32(3 * i + 2)};
  job_output(j, 2 * bytes, 4);
  j->floats = true;
  j->flops = 18.0 * (double)n * (double)n * STEPS;
  j->units = (double)n * (double)n * STEPS;
  j->unit = "pairs";
  j->copies = true;
  j->memory[FIRST] = (memory){d->position, bytes};
  j->memory[A] = j->memory[B] = j->memory[SPEEDS] = (memory){NULL, bytes};
  j->memory[SPEED] = (memory){d->velocity, bytes};
  j->programs[0] = (program_ref){"nbody/nbody.vy", "advance"};
  j->cl_file = "linear.cl";
  j->kernels[0] = "advance";
  job_c(j, nbody_c);
  job_vyre(j, nbody_chain);
  job_pocl(j, nbody_cl);
  job_cuda(j, nbody_cuda);
}

static void nbody_oracle(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_NBODY);
}

static void close(job *j) {
  data *d = j->data;
  free(d->weights);
  free(d->scales);
  free(d->bias);
  free(d->x);
  free(d->zeros);
  free(d->position);
  free(d->velocity);
  free(d->spare);
}

#define SIZES                                                                  \
  { 128, 256, 4096, 4096 }

const workload linear_workloads[] = {
    {"W11-1", "4-bit linear layer, 1 row", SIZES, open_1, int4_oracle, close},
    {"W11-8", "4-bit linear layer, 8 rows", SIZES, open_8, int4_oracle, close},
    {"W11-64", "4-bit linear layer, 64 rows", SIZES, open_64, int4_oracle,
     close},
    {"W13",
     "n-body, ten steps",
     {50, 512, 4096, 16384},
     open_nbody,
     nbody_oracle,
     close},
    {NULL, NULL, {0}, NULL, NULL, NULL}};
