// W14 and W16: Mandelbrot, stencil, transpose, matrix multiply.
#include "../harness.h"

#include <digests.h>
#ifdef HAVE_OPENBLAS
#include <cblas.h>
#endif

enum { A, B, C };

typedef struct data {
  float *a, *b;
} data;

// ---- W14

static size_t f32_c(job *j, const baselines *c) {
  uint32_t n = (uint32_t)j->size;
  c->mandelbrot_f32(n, n, (uint32_t *)j->out);
  return j->out_capacity;
}

static size_t f64_c(job *j, const baselines *c) {
  uint32_t n = (uint32_t)j->size;
  c->mandelbrot_f64(n, n, (uint32_t *)j->out);
  return j->out_capacity;
}

static void mandelbrot_chain(side *s) {
  uint32_t n = (uint32_t)s->job->size;
  vy_arg args[] = {vy_arg_u32(n), vy_arg_u32(n), side_arg(s, A)};
  side_run(s, 0, args, 3);
  side_result(s, A, s->job->out_capacity);
}

static void mandelbrot_cl(cl_side *s) {
  const job *j = cl_job(s);
  uint32_t n = (uint32_t)j->size;
  cl_value args[] = {cl_u32(n), cl_u32(n), cl_buf(A)};
  cl_go(s, 0, (cl_range){2, {n, n}, {0, 0}}, args, 3);
  cl_result(s, A, j->out_capacity);
}

static void mandelbrot_cuda(cuda_run *r) {
  uint32_t n = (uint32_t)r->job->size, *steps = cuda_at(r->side, A);
  if (r->job->f64)
    r->c->mandelbrot_f64(r->side, n, n, steps);
  else
    r->c->mandelbrot_f32(r->side, n, n, steps);
  cuda_result(r, A, r->job->out_capacity);
}

static void open_mandelbrot(job *j, bool f64) {
  uint64_t points = j->size * j->size, steps = 0;
  job_output(j, points * 4, 4);
  j->floats = true;
  j->f64 = f64;
  j->units = (double)points;
  j->unit = "points";
  j->memory[A] = (memory){NULL, points * 4};
  j->programs[0] = (program_ref){"mandelbrot/mandelbrot.vy",
                                 f64 ? "mandelbrot_f64" : "mandelbrot_f32"};
  j->cl_file = "dense.cl";
  j->kernels[0] = f64 ? "mandelbrot_f64" : "mandelbrot_f32";
  // Eight operations a step: the test shares its products with the step.
  (f64 ? f64_c : f32_c)(j, j->bench->gpu ? &exact_all : &exact_one);
  for (uint64_t i = 0; i < points; i++)
    steps += ((const uint32_t *)j->out)[i];
  j->flops = (double)steps * 8;
  job_c(j, f64 ? f64_c : f32_c);
  job_vyre(j, mandelbrot_chain);
  job_pocl(j, mandelbrot_cl);
  job_cuda(j, mandelbrot_cuda);
}

static void open_f32(job *j) { open_mandelbrot(j, false); }
static void open_f64(job *j) { open_mandelbrot(j, true); }

static void oracle_f32(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_F32);
}

static void oracle_f64(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_F64);
}

// ---- W16

static size_t stencil_c(job *j, const baselines *c) {
  data *d = j->data;
  c->stencil((uint32_t)j->size, d->a, (float *)j->out);
  return j->out_capacity;
}

static size_t transpose_c(job *j, const baselines *c) {
  data *d = j->data;
  c->transpose((uint32_t)j->size, d->a, (float *)j->out);
  return j->out_capacity;
}

static size_t multiply_c(job *j, const baselines *c) {
  data *d = j->data;
  c->multiply((uint32_t)j->size, d->a, d->b, (float *)j->out);
  return j->out_capacity;
}

static void one_chain(side *s) {
  vy_arg args[] = {vy_arg_u32((uint32_t)s->job->size), side_arg(s, A),
                   side_arg(s, C)};
  side_run(s, 0, args, 3);
  side_result(s, C, s->job->out_capacity);
}

static void two_chain(side *s) {
  vy_arg args[] = {vy_arg_u32((uint32_t)s->job->size), side_arg(s, A),
                   side_arg(s, B), side_arg(s, C)};
  side_run(s, 0, args, 4);
  side_result(s, C, s->job->out_capacity);
}

static void plain_cl(cl_side *s) {
  const job *j = cl_job(s);
  size_t n = (size_t)j->size;
  cl_value args[] = {cl_u32((uint32_t)n), cl_buf(A), cl_buf(C)};
  cl_go(s, 0, (cl_range){2, {n, n}, {0, 0}}, args, 3);
  cl_result(s, C, j->out_capacity);
}

static void tiled_cl(cl_side *s) {
  const job *j = cl_job(s);
  size_t n = ((size_t)j->size + 15) / 16 * 16;
  cl_value args[] = {cl_u32((uint32_t)j->size), cl_buf(A), cl_buf(C)};
  cl_go(s, 0, (cl_range){2, {n, n}, {16, 16}}, args, 3);
  cl_result(s, C, j->out_capacity);
}

static void multiply_cl(cl_side *s) {
  const job *j = cl_job(s);
  size_t w = ((size_t)j->size + 127) / 128 * 32;
  size_t h = ((size_t)j->size + 63) / 64 * 8;
  cl_value args[] = {cl_u32((uint32_t)j->size), cl_buf(A), cl_buf(B),
                     cl_buf(C)};
  cl_go(s, 0, (cl_range){2, {w, h}, {32, 8}}, args, 4);
  cl_result(s, C, j->out_capacity);
}

static void stencil_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  r->c->stencil(s, (uint32_t)r->job->size, cuda_at(s, A), cuda_at(s, C));
  cuda_result(r, C, r->job->out_capacity);
}

static void transpose_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  r->c->transpose(s, (uint32_t)r->job->size, cuda_at(s, A), cuda_at(s, C));
  cuda_result(r, C, r->job->out_capacity);
}

static void multiply_cuda(cuda_run *r) {
  cuda_side *s = r->side;
  r->c->multiply(s, (uint32_t)r->job->size, cuda_at(s, A), cuda_at(s, B),
                 cuda_at(s, C));
  cuda_result(r, C, r->job->out_capacity);
}

#ifdef HAVE_OPENBLAS
static size_t blas(job *j, int threads) {
  data *d = j->data;
  int n = (int)j->size;
  openblas_set_num_threads(threads);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, d->a, n,
              d->b, n, 0, (float *)j->out, n);
  return j->out_capacity;
}
static size_t blas_one(job *j) { return blas(j, 1); }
static size_t blas_all(job *j) { return blas(j, (int)j->bench->threads); }
#endif

static void make_matrices(job *j, bool two, const char *program) {
  data *d = take(sizeof *d);
  uint64_t count = j->size * j->size;
  j->data = d;
  d->a = take(count * 4);
  for (uint64_t i = 0; i < count; i++)
    d->a[i] = mix_f32((uint32_t)i);
  j->memory[A] = (memory){d->a, count * 4};
  if (two) {
    d->b = take(count * 4);
    for (uint64_t i = 0; i < count; i++)
      d->b[i] = mix_f32((uint32_t)i ^ 0xA5A55A5A);
    j->memory[B] = (memory){d->b, count * 4};
  }
  j->memory[C] = (memory){NULL, count * 4};
  job_output(j, count * 4, 4);
  j->units = (double)count;
  j->unit = "elements";
  j->programs[0] = (program_ref){"matrix/matrix.vy", program};
  j->cl_file = "dense.cl";
  j->kernels[0] = program;
}

static void open_stencil(job *j) {
  make_matrices(j, false, "stencil");
  j->floats = true;
  j->bytes = j->units * 8;
  j->flops = j->units * 5;
  job_c(j, stencil_c);
  job_vyre(j, one_chain);
  job_pocl(j, plain_cl);
  job_cuda(j, stencil_cuda);
}

static void open_transpose(job *j) {
  make_matrices(j, false, "transpose");
  j->bytes = j->units * 8;
  job_c(j, transpose_c);
  job_vyre(j, one_chain);
  job_pocl(j, tiled_cl);
  job_cuda(j, transpose_cuda);
}

static void open_multiply(job *j) {
  make_matrices(j, true, "multiply");
  j->flops = 2 * j->units * (double)j->size;
  j->bytes = j->units * 12;
  job_c(j, multiply_c);
  job_vyre(j, two_chain);
  job_pocl(j, multiply_cl);
  job_cuda(j, multiply_cuda);
#ifdef HAVE_OPENBLAS
  job_own(j, "openblas", 1, false, blas_one, NULL);
  job_own(j, "openblas", j->bench->threads, false, blas_all, NULL);
#endif
}

static void oracle_stencil(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_STENCIL);
}

static void oracle_transpose(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_TRANSPOSE);
}

static void oracle_multiply(job *j) {
  job_equal(j, "digest", fnv1a64(j->want, j->want_size), DIGEST_MULTIPLY);
}

static void close(job *j) {
  data *d = j->data;
  if (!d)
    return;
  free(d->a);
  free(d->b);
}

const workload dense_workloads[] = {{"W14-f32",
                                     "Mandelbrot, f32",
                                     {96, 512, 1024, 4096},
                                     open_f32,
                                     oracle_f32,
                                     close},
                                    {"W14-f64",
                                     "Mandelbrot, f64",
                                     {96, 512, 1024, 4096},
                                     open_f64,
                                     oracle_f64,
                                     close},
                                    {"W16-stencil",
                                     "five-point stencil",
                                     {48, 256, 4096, 8192},
                                     open_stencil,
                                     oracle_stencil,
                                     close},
                                    {"W16-transpose",
                                     "transpose",
                                     {48, 256, 4096, 8192},
                                     open_transpose,
                                     oracle_transpose,
                                     close},
                                    {"W16-multiply",
                                     "matrix multiply",
                                     {48, 256, 1024, 4096},
                                     open_multiply,
                                     oracle_multiply,
                                     close},
                                    {NULL, NULL, {0}, NULL, NULL, NULL}};
